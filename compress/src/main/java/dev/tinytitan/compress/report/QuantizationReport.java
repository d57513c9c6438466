package dev.tinytitan.compress.report;

import dev.tinytitan.compress.quantize.Evaluation;
import dev.tinytitan.compress.quantize.LayerReport;
import dev.tinytitan.compress.quantize.QuantizationResult;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a {@link Report} says about a quantized model. */
public final class QuantizationReport {
  /** Below this a layer's result is mostly noise by common experience; it is named and coloured. */
  private static final double HURT_DB = 10;

  private static final int SHOWN_LAYERS = 10;

  private QuantizationReport() {}

  /**
   * The report about one quantization.
   *
   * @param before name of the model as it was given
   * @param after name of the quantized model's file
   */
  public static Report of(String before, String after, QuantizationResult result) {
    List<Section> sections = new ArrayList<>();
    sections.add(sizes(result));
    sections.addAll(layers(result));
    sections.addAll(kept(result));
    sections.add(deployment(after));
    List<Report.Tile> tiles = new ArrayList<>();
    tiles.add(sizeTile(result));
    result.evaluation().ifPresent(evaluation -> tiles.add(tile(evaluation)));
    return new Report(
        before + ", " + result.options().scheme(),
        List.of(summary(result)),
        tiles,
        sections,
        provenance(result));
  }

  /** What was done, in words. */
  public static String summary(QuantizationResult result) {
    StringBuilder text = new StringBuilder();
    text.append(
        switch (result.options().scheme()) {
          case INT8 ->
              "Weights are stored as "
                  + result.options().weightBits()
                  + "-bit integers, with a scale for each output channel, and layers"
                  + " compute in integers; the ranges of activations come from "
                  + result.calibrationSamples()
                  + " samples.";
          case INT8_DYNAMIC ->
              "Weights are stored as 8-bit integers, with a scale for each output channel; activations"
                  + " become 8-bit integers while the model runs, by their own range, and products"
                  + " are computed in integers.";
          case INT8_WEIGHTS ->
              "Weights are stored as 8-bit integers, with a scale for each output channel; arithmetic"
                  + " stays in 32-bit floating point.";
          case INT4_WEIGHTS ->
              "Weights are stored as 4-bit integers, with a scale for each "
                  + result.options().blockSize()
                  + " of them; arithmetic stays in 32-bit floating point.";
          case MIXED ->
              "Weights are stored as 8-, 4- or 2-bit integers, as many bits for each layer as the budget"
                  + " of bytes allows and the outputs need; layers compute in integers; the ranges of"
                  + " activations come from "
                  + result.calibrationSamples()
                  + " samples.";
          case CLUSTERS ->
              "Weights are stored as indices into a codebook of "
                  + result.options().clusters()
                  + " values for each layer; arithmetic stays in 32-bit floating point.";
          case FP16 ->
              "Weights are stored as 16-bit floating point; arithmetic stays in 32-bit floating"
                  + " point.";
        });
    if (!result.steps().isEmpty()) {
      text.append(" Steps taken: ").append(String.join(", ", result.steps())).append('.');
    }
    text.append(" The result is standard ONNX, opset ").append(result.opset()).append('.');
    return text.toString();
  }

  /** The first figure of all. */
  public static Report.Tile sizeTile(QuantizationResult result) {
    return new Report.Tile(
        "model file",
        megabytes(result.bytesAfter()),
        String.format(
            Locale.ROOT, "%.2f× smaller than %s", result.ratio(), megabytes(result.bytesBefore())));
  }

  private static Report.Tile tile(Evaluation evaluation) {
    return new Report.Tile(
        evaluation.metric(),
        String.format(Locale.ROOT, "%.4f", evaluation.after()),
        String.format(
            Locale.ROOT,
            "from %.4f; the drop is at most %.4f at 95 %% confidence, on %d samples",
            evaluation.before(),
            evaluation.dropBound(),
            evaluation.samples()));
  }

  /** Bars of the files' sizes. */
  public static Section sizes(QuantizationResult result) {
    return new Section.Bars(
        "Size",
        "Bytes of the ONNX file; weights are really stored in fewer bits.",
        List.of(
            new Section.Bar(
                "before",
                result.bytesBefore(),
                megabytes(result.bytesBefore()),
                Section.Role.BEFORE),
            new Section.Bar(
                "after", result.bytesAfter(), megabytes(result.bytesAfter()), Section.Role.AFTER)));
  }

  /**
   * What quantization does to each layer: a plot in the model's order, and a table of the worst.
   */
  public static List<Section> layers(QuantizationResult result) {
    return layers(result.model().graph(), result.layers());
  }

  /** The same of any layers, the one that hurts most first, in the order of a graph's nodes. */
  static List<Section> layers(Graph graph, List<LayerReport> layers) {
    if (layers.isEmpty()) {
      return List.of();
    }
    Map<String, Integer> order = new HashMap<>();
    for (Node node : graph.nodes()) {
      order.putIfAbsent(node.name(), order.size());
    }
    List<LayerReport> inOrder = new ArrayList<>(layers);
    inOrder.sort((a, b) ->
        Integer.compare(
            order.getOrDefault(a.name(), Integer.MAX_VALUE),
            order.getOrDefault(b.name(), Integer.MAX_VALUE)));
    double greatest =
        inOrder.stream()
            .mapToDouble(LayerReport::signalToNoise)
            .filter(Double::isFinite)
            .max()
            .orElse(1);
    double top = Math.max(10, 10 * Math.ceil(greatest / 10));
    List<Section.Column> columns = inOrder.stream().map(layer -> column(layer, top)).toList();
    long hurt = inOrder.stream().filter(QuantizationReport::isHurt).count();
    LayerReport worst = layers.get(0);
    return List.of(
        new Section.Columns(
            "Layer by layer",
            "The signal-to-noise ratio of each layer's result against the float model's, in decibels,"
                + " errors of the layers before it included: more is better. "
                + (hurt == 0
                    ? "No layer is below " + (int) HURT_DB + " dB."
                    : hurt
                        + " below "
                        + (int) HURT_DB
                        + " dB, in red: exclude them from quantization first if accuracy matters.")
                + " The one that hurts most is "
                + worst.name()
                + ".",
            columns,
            decibels(top),
            "first layer",
            "last layer"),
        new Section.Table(
            "The layers that hurt most",
            "To keep one in float: titan quantize … --exclude NAME.",
            List.of("layer", "operator", "SNR>", "cosine>"),
            layers.stream()
                .limit(SHOWN_LAYERS)
                .map(layer ->
                    List.of(
                        layer.name(),
                        layer.operator(),
                        decibels(layer.signalToNoise()),
                        String.format(Locale.ROOT, "%.5f", layer.cosine())))
                .toList()));
  }

  private static Section.Column column(LayerReport layer, double top) {
    double height = Double.isFinite(layer.signalToNoise()) ? layer.signalToNoise() / top : 1;
    return new Section.Column(
        Math.clamp(height, 0.01, 1),
        layer.name() + " (" + layer.operator() + "): " + decibels(layer.signalToNoise()),
        isHurt(layer) ? Section.Role.WARNING : Section.Role.AFTER);
  }

  private static boolean isHurt(LayerReport layer) {
    return layer.signalToNoise() < HURT_DB;
  }

  /** Nodes that are not quantized, and why; nothing if all are. */
  public static List<Section> kept(QuantizationResult result) {
    if (result.excluded().isEmpty()) {
      return List.of();
    }
    return List.of(
        new Section.Table(
            "Kept in higher precision",
            "",
            List.of("node", "why"),
            result.excluded().entrySet().stream()
                .map(entry -> List.of(entry.getKey(), entry.getValue()))
                .toList()));
  }

  /** Three lines of Java, with the model's name in them. */
  public static Section deployment(String file) {
    return new Section.Code(
        "Use it",
        "On any JVM, without native libraries; the file also opens in every other ONNX tool.",
        "try (Session session = Model.load(Path.of(\""
            + file.replace("\\", "\\\\").replace("\"", "\\\"")
            + "\")).open()) {\n"
            + "  Map<String, Tensor> outputs = session.run(inputs);\n"
            + "}");
  }

  /** Where the figures come from. */
  public static String provenance(QuantizationResult result) {
    return machine()
        + " Seed "
        + result.options().seed()
        + ". SHA-256 of the float model: "
        + result.modelHash()
        + "; of the calibration samples: "
        + result.calibrationHash()
        + "; of the evaluation samples: "
        + result.evaluationHash()
        + ".";
  }

  /** Where figures were measured, a sentence. */
  static String machine() {
    return "Machine: "
        + System.getProperty("os.name")
        + " "
        + System.getProperty("os.arch")
        + ", "
        + Runtime.getRuntime().availableProcessors()
        + " processors; Java "
        + Runtime.version()
        + ".";
  }

  static String megabytes(long bytes) {
    return bytes < 1_000_000
        ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
        : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }

  private static String decibels(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.1f dB", value) : "exact";
  }
}
