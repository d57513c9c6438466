package dev.tinytitan.edge.elastic;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.io.AtomicFile;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model with several operating points that share their weights. Opened by anything else, its ONNX
 * file is the largest point. Immutable and safe for sharing.
 */
public final class ElasticModel {
  private final Model model;
  private final Map<String, WidthSlice> widths;
  private final List<ElasticPoint> points;

  ElasticModel(Model model, Map<String, WidthSlice> widths, List<ElasticPoint> points) {
    this.model = model;
    this.widths = new LinkedHashMap<>(widths);
    this.points = List.copyOf(points);
  }

  /** The file name of a model's manifest: {@code x.onnx} has {@code x.elastic.json}. */
  public static Path manifestOf(Path onnx) {
    String name = String.valueOf(onnx.getFileName());
    int dot = name.lastIndexOf('.');
    return onnx.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + ".elastic.json");
  }

  /**
   * Loads a model with its manifest.
   *
   * @param onnx the ONNX file; the manifest lies beside it
   * @throws BadDataException if there is no manifest, or it is damaged or of another file
   * @throws dev.tinytitan.TitanException if the model cannot be read
   */
  public static ElasticModel load(Path onnx) {
    Path file = manifestOf(onnx);
    String json;
    String hash;
    try {
      json = Files.readString(file);
      hash = sha256(Files.readAllBytes(onnx));
    } catch (NoSuchFileException missing) {
      throw new BadDataException("There is no file '" + missing.getFile() + "'.", missing);
    } catch (IOException error) {
      throw new BadDataException("'" + file + "' cannot be read: " + error + ".", error);
    }
    ElasticManifest manifest = ElasticManifest.parse(json, file.toString());
    if (!manifest.sha256().equals(hash)) {
      throw new BadDataException(
          "'" + file + "' belongs to another model than '" + onnx + "': its bytes differ.");
    }
    return new ElasticModel(Model.load(onnx), manifest.widths(), manifest.points());
  }

  /**
   * Saves the model and its manifest beside it, each whole or not at all.
   *
   * @throws BadDataException if a file cannot be written
   */
  public void save(Path onnx) {
    byte[] bytes = model.toBytes();
    ElasticManifest manifest = new ElasticManifest(sha256(bytes), widths, points);
    AtomicFile.write(onnx, out -> out.write(bytes));
    AtomicFile.write(
        manifestOf(onnx), out -> out.write(manifest.toJson().getBytes(StandardCharsets.UTF_8)));
  }

  /** The whole model: its first output is the largest point's. */
  public Model model() {
    return model;
  }

  /** The points, the largest first. */
  public List<ElasticPoint> points() {
    return points;
  }

  /** The widths, by key, the full one first. */
  public Map<String, WidthSlice> widths() {
    return java.util.Collections.unmodifiableMap(widths);
  }

  /**
   * The point of this name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public ElasticPoint point(String name) {
    return points.stream()
        .filter(each -> each.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("there is no point '" + name + "'"));
  }

  /**
   * A point as a model of its own; its one output answers.
   *
   * @throws BadDataException if the manifest does not fit the model
   */
  public Model at(ElasticPoint point) {
    return Model.of(Subgraphs.upTo(graph(point), point.output()), model.info());
  }

  /** Each width at its full depth as a model of its own, the full width first. */
  public List<Model> widthModels() {
    String answer = model.outputs().getFirst().name();
    return widths.keySet().stream()
        .map(width ->
            at(new ElasticPoint(new OperatingPoint("w" + width, 0, 0, 0), width, answer, 32)))
        .toList();
  }

  /** All exits of a point's width, with its weights. */
  Graph graph(ElasticPoint point) {
    WidthSlice width = widths.get(point.width());
    if (width == null) {
      throw new BadDataException("There is no width '" + point.width() + "'.");
    }
    try {
      Graph graph = new Slices(model.graph()).at(width.keep());
      Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
      width
          .values()
          .forEach((name, values) -> {
            Tensor old = initializers.get(name);
            if (old == null || old.size() != values.length) {
              throw new IllegalArgumentException(
                  "it has " + values.length + " values for '" + name + "'");
            }
            Shape shape = old.shape();
            initializers.put(name, Tensor.of(values.clone(), shape.toArray()));
          });
      return NestedWeights.read(
          graph.toBuilder().initializers(initializers).build(), point.weightBits());
    } catch (IllegalArgumentException error) {
      throw new BadDataException(
          "The manifest does not fit the model at point '"
              + point.name()
              + "': "
              + error.getMessage()
              + ".",
          error);
    }
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
