package dev.tinytitan.edge.adapt;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.tinytitan.BadDataException;
import dev.tinytitan.edge.elastic.OperatingPoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A stretch of a device's life, to be simulated: what happens to it, what is wanted of it, and
 * which points it has. Read from YAML; docs/adaptive.md describes the fields.
 *
 * @param name in words
 * @param seconds it lasts
 * @param rate frames a second
 * @param goal what is wanted
 * @param noise the relative deviation of single runs
 * @param seed of the noise
 * @param signals what the sensors would say if they were right, over time. {@code LOAD} is the work
 *     of others, in busy threads for each core, and may be above 1
 * @param missing sensors that the device has not
 * @param lying sensors that give nonsense
 * @param points what the device can run
 */
public record Scenario(
    String name,
    double seconds,
    double rate,
    Goal goal,
    double noise,
    long seed,
    Map<SensorKind, Signal> signals,
    Set<SensorKind> missing,
    Set<SensorKind> lying,
    List<PointProfile> points) {

  /** The scenarios that come along, by name. */
  public static final List<String> NAMES = List.of("load", "heat", "battery", "memory", "day");

  private static final int MOST_FRAMES = 1_000_000;

  public Scenario {
    signals = Map.copyOf(signals);
    missing = Set.copyOf(missing);
    lying = Set.copyOf(lying);
    points = List.copyOf(points);
    if (!(seconds > 0) || !(rate > 0) || seconds * rate > MOST_FRAMES || !(noise >= 0)) {
      throw new IllegalArgumentException(
          seconds + " seconds at " + rate + " frames a second with a noise of " + noise);
    }
    if (points.isEmpty()) {
      throw new IllegalArgumentException("it has no points");
    }
  }

  /**
   * Reads a scenario.
   *
   * @param nameOrFile one of {@link #NAMES}, or a YAML file
   * @throws BadDataException if there is none, or it is damaged
   */
  public static Scenario of(String nameOrFile) {
    if (NAMES.contains(nameOrFile)) {
      return parse(resource(nameOrFile + ".yaml"), nameOrFile);
    }
    try {
      return parse(Files.readString(Path.of(nameOrFile)), nameOrFile);
    } catch (NoSuchFileException missing) {
      throw new BadDataException(
          "There is no scenario and no file '"
              + nameOrFile
              + "'; scenarios are "
              + String.join(", ", NAMES)
              + ".",
          missing);
    } catch (IOException error) {
      throw new BadDataException("'" + nameOrFile + "' cannot be read: " + error + ".", error);
    }
  }

  static Scenario parse(String yaml, String source) {
    try {
      JsonNode root = new ObjectMapper(new YAMLFactory()).readTree(yaml);
      double deadline = Durations.seconds(text(root, "deadline", "20ms"));
      Goal goal = Goal.of(deadline, Durations.share(text(root, "slo", "99%")));
      if (root.has("joules")) {
        goal = goal.withJoules(number(root, "joules", 1));
      }
      Map<SensorKind, Signal> signals = new EnumMap<>(SensorKind.class);
      for (Map.Entry<String, JsonNode> each : root.path("signals").properties()) {
        Map<Double, Double> values = new TreeMap<>();
        for (Map.Entry<String, JsonNode> value : each.getValue().properties()) {
          values.put(Double.valueOf(value.getKey()), finite(value.getValue(), each.getKey()));
        }
        if (values.isEmpty()) {
          throw new IllegalArgumentException(
              "'" + each.getKey() + "' is to be a map from seconds to values");
        }
        signals.put(SensorKind.of(each.getKey()), new Signal(values));
      }
      return new Scenario(
          text(root, "name", source),
          number(root, "seconds", 60),
          number(root, "rate", 20),
          goal,
          number(root, "noise", 0.05),
          (long) number(root, "seed", 1),
          signals,
          kinds(root.path("missing")),
          kinds(root.path("lying")),
          root.has("points") ? points(root.path("points")) : ladder());
    } catch (JsonProcessingException error) {
      throw new BadDataException(
          "'" + source + "' is no scenario: " + error.getOriginalMessage() + ".", error);
    } catch (IllegalArgumentException error) {
      throw new BadDataException(
          "'" + source + "' is no scenario: " + error.getMessage() + ".", error);
    }
  }

  private static List<PointProfile> ladder() throws JsonProcessingException {
    return points(
        new ObjectMapper(new YAMLFactory()).readTree(resource("ladder.yaml")).path("points"));
  }

  private static List<PointProfile> points(JsonNode list) {
    List<PointProfile> points = new ArrayList<>();
    for (JsonNode each : list) {
      points.add(
          new PointProfile(
              new OperatingPoint(
                  text(each, "name", "point " + points.size()),
                  number(each, "accuracy", 0),
                  (long) number(each, "multiplyAdds", 0),
                  (long) number(each, "weightBytes", 0)),
              number(each, "milliseconds", 0) / 1000,
              number(each, "millijoules", 0) / 1000));
    }
    return points;
  }

  private static Set<SensorKind> kinds(JsonNode list) {
    Set<SensorKind> kinds = EnumSet.noneOf(SensorKind.class);
    list.forEach(each -> kinds.add(SensorKind.of(each.asText())));
    return kinds;
  }

  private static String text(JsonNode node, String field, String otherwise) {
    return node.path(field).asText(otherwise);
  }

  private static double number(JsonNode node, String field, double otherwise) {
    return node.has(field) ? finite(node.get(field), field) : otherwise;
  }

  private static double finite(JsonNode value, String field) {
    if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
      throw new IllegalArgumentException("'" + field + "' is to be a number, not " + value);
    }
    return value.asDouble();
  }

  private static String resource(String name) {
    try (InputStream in = Scenario.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("The resource " + name + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
