package dev.tinytitan.edge.adapt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tinytitan.edge.elastic.ElasticSession;
import dev.tinytitan.edge.elastic.OperatingPoint;
import dev.tinytitan.edge.energy.EnergyProfiler;
import dev.tinytitan.edge.energy.OperationCount;
import dev.tinytitan.io.AtomicFile;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What each point takes on this device: measured at the first start, stored beside the model, and
 * measured again when the model, the processor or the Java runtime is another, or after some days.
 */
public final class Profiles {
  private static final int FORMAT = 1;
  private static final int LEAST_RUNS = 15;

  /** How long a meter looks at each point. */
  private static final Duration METERED = Duration.ofMillis(400);

  private static final Duration FRESH = Duration.ofDays(30);

  private Profiles() {}

  /** The file name of a model's profiles: {@code x.onnx} has {@code x.profile.json}. */
  public static Path fileOf(Path onnx) {
    String name = String.valueOf(onnx.getFileName());
    int dot = name.lastIndexOf('.');
    return onnx.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + ".profile.json");
  }

  /**
   * Measures every point, in turns, so that what disturbs the machine disturbs all alike.
   *
   * @param sample an input
   * @param time for all points together, warm-up included
   * @param profiler says what runs take
   */
  public static List<PointProfile> measure(
      ElasticSession session, Tensor sample, Duration time, EnergyProfiler profiler) {
    List<OperatingPoint> points = session.points();
    List<List<Double>> seconds = new ArrayList<>();
    points.forEach(point -> seconds.add(new ArrayList<>()));
    long warm = System.nanoTime() + time.toNanos() / 2;
    while (System.nanoTime() < warm) {
      for (OperatingPoint point : points) {
        session.use(point);
        session.run(sample);
      }
    }
    long end = System.nanoTime() + time.toNanos() / 2;
    while (seconds.getFirst().size() < LEAST_RUNS || System.nanoTime() < end) {
      for (int i = 0; i < points.size(); i++) {
        session.use(points.get(i));
        session.run(sample);
        long start = System.nanoTime();
        session.run(sample);
        seconds.get(i).add(Math.max(1, System.nanoTime() - start) * 1e-9);
      }
    }
    if (profiler.hasMeter()) {
      // The meter sees the whole machine, and a moment of each point: fitted, they make up for
      // each other.
      for (OperatingPoint point : points) {
        session.use(point);
        profiler.measure(Optional.of(count(point)), () -> session.run(sample), METERED);
      }
    }
    session.use(points.getFirst());
    List<PointProfile> profiles = new ArrayList<>();
    for (int i = 0; i < points.size(); i++) {
      double[] sorted = seconds.get(i).stream().mapToDouble(Double::doubleValue).toArray();
      Arrays.sort(sorted);
      double median = sorted[sorted.length / 2];
      OperatingPoint point = points.get(i);
      profiles.add(
          new PointProfile(
              point, median, profiler.reckon(Optional.of(count(point)), median).joules().value()));
    }
    return profiles;
  }

  private static OperationCount count(OperatingPoint point) {
    return new OperationCount(point.multiplyAdds(), 0, point.weightBytes(), 0);
  }

  /**
   * Reads profiles.
   *
   * @param now which ones are too old
   * @return empty if there are none, or they are damaged, too old, or of other points or another
   *     machine: then measure
   */
  public static Optional<List<PointProfile>> read(
      Path file, List<OperatingPoint> points, Instant now) {
    try {
      JsonNode root = new ObjectMapper().readTree(Files.readString(file));
      Duration age = Duration.between(Instant.ofEpochSecond(root.path("measured").asLong()), now);
      if (root.path("format").asInt() != FORMAT
          || !root.path("machine").asText().equals(machine())
          || age.isNegative()
          || age.compareTo(FRESH) > 0) {
        return Optional.empty();
      }
      List<PointProfile> profiles = new ArrayList<>();
      for (OperatingPoint point : points) {
        JsonNode each = root.path("points").path(point.name());
        if (each.path("multiplyAdds").asLong(-1) != point.multiplyAdds()) {
          return Optional.empty();
        }
        profiles.add(
            new PointProfile(
                point, each.path("seconds").asDouble(), each.path("joules").asDouble()));
      }
      return Optional.of(profiles);
    } catch (IOException | IllegalArgumentException unusable) {
      return Optional.empty();
    }
  }

  /**
   * Stores profiles, whole or not at all.
   *
   * @param now when they were measured
   * @throws dev.tinytitan.BadDataException if the file cannot be written
   */
  public static void write(Path file, List<PointProfile> profiles, Instant now) {
    Map<String, Object> points = new LinkedHashMap<>();
    for (PointProfile each : profiles) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("multiplyAdds", each.point().multiplyAdds());
      values.put("seconds", each.seconds());
      values.put("joules", each.joules());
      points.put(each.point().name(), values);
    }
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("format", FORMAT);
    root.put("machine", machine());
    root.put("measured", now.getEpochSecond());
    root.put("points", points);
    AtomicFile.write(
        file,
        out -> {
          try {
            out.write(
                new ObjectMapper()
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .writeValueAsString(root)
                    .getBytes(StandardCharsets.UTF_8));
          } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("profiles that JSON cannot hold", impossible);
          }
        });
  }

  private static String machine() {
    return System.getProperty("os.arch")
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " processors, Java "
        + Runtime.version();
  }
}
