package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.Interruption;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.compress.ArchiveSize;
import dev.tinytitan.compress.SampleCheck;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.compress.metric.Scoring;
import dev.tinytitan.compress.quantize.Calibrator;
import dev.tinytitan.compress.quantize.Evaluation;
import dev.tinytitan.compress.quantize.LayerReport;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.QuantizationResult;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Rounding;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.compress.report.QuantizationReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code titan quantize}: a smaller model, still standard ONNX. */
@Command(
    name = "quantize",
    description = {
      "Makes a model smaller by storing its weights in fewer bits; the result is standard ONNX.",
      "int8 computes in integers with ranges found from --data, and so does mixed, in which layers have"
          + " 8, 4 or 2 bits within --max-bytes; int8-dynamic needs no data and suits transformers;"
          + " int8-weights, int4-weights, clusters and fp16 only store weights small.",
      "With --max-drop, the fewest layers go back to higher precision until the budget holds at 95 %%"
          + " confidence, on samples that calibration does not see. With --aware the model is trained"
          + " on as it is rounded, which makes up for few bits."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan quantize classifier.onnx -o small.onnx --data train.npz --max-drop 1",
      "  titan quantize encoder.onnx -o small.onnx --scheme int8-dynamic",
      "  titan quantize model.onnx -o small.onnx --scheme int4-weights",
      "  titan quantize model.onnx -o small.onnx --data train.npz --weight-bits 4 --rounding gptq",
      "  titan quantize model.onnx -o small.onnx --data train.npz --weight-bits 2 --aware --epochs 10",
      "  titan quantize model.onnx -o small.onnx --data train.npz --scheme mixed --max-bytes 60000",
      "  titan quantize model.onnx -o small.onnx.zip --scheme clusters --clusters 16"
    })
public final class Quantize implements Callable<Integer> {
  private static final int SHOWN_LAYERS = 12;
  private static final int DEFAULT_EPOCHS = 5;
  private static final double TRAINING_SHARE = 0.8;

  @Option(
      names = "--scheme",
      paramLabel = "NAME",
      converter = Converters.SchemeConverter.class,
      description =
          "int8, int8-dynamic, int8-weights, int4-weights, mixed, clusters or fp16 (default: int8).")
  private Scheme scheme = Scheme.INT8;

  @Option(
      names = "--calibrator",
      paramLabel = "NAME",
      converter = Converters.CalibratorConverter.class,
      description = {
        "How ranges are found: minmax, percentile, entropy or mse (default: whichever of minmax,"
            + " percentile and mse measures best)."
      })
  private @Nullable Calibrator calibrator;

  @Option(
      names = "--rounding",
      paramLabel = "NAME",
      converter = Converters.RoundingConverter.class,
      description = {
        "How weights are rounded: nearest, or gptq or adaround, which keep the outputs of layers on"
            + " samples of --data (default: nearest)."
      })
  private Rounding rounding = Rounding.NEAREST;

  @Option(
      names = "--weight-bits",
      paramLabel = "N",
      description = {
        "Bits of the weights in scheme int8: 8, 4, 3 (stored in 4) or 2 (default: ${DEFAULT-VALUE})."
            + " Activations keep 8."
      })
  private int weightBits = 8;

  @Option(
      names = "--max-bytes",
      paramLabel = "N",
      description = {
        "For scheme mixed: how large the file may be; layers get 8, 4 or 2 bits so that the outputs"
            + " change least."
      })
  private @Nullable Long maxBytes;

  @Option(
      names = "--clusters",
      paramLabel = "N",
      description = {
        "For scheme clusters: how many values the weights of a layer may take, 2 to 256 (default:"
            + " ${DEFAULT-VALUE})."
      })
  private int clusters = 16;

  @Option(
      names = "--aware",
      description = {
        "Train on while weights and activations are rounded (quantization-aware training), or the"
            + " codebooks of clusters, for --epochs passes through labelled --data (default: 5); with"
            + " int8, mixed and clusters."
      })
  private boolean aware;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "At most so many samples are calibrated with (default: ${DEFAULT-VALUE}).")
  private int mostSamples = 200;

  @Option(
      names = "--eval-samples",
      paramLabel = "N",
      description = "At most so many others are judged by (default: ${DEFAULT-VALUE}).")
  private int mostEvaluated = 1000;

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Write a report to open in a browser.")
  private @Nullable Path report;

  @Mixin private BudgetOptions budget = new BudgetOptions();
  @Mixin private TransformOptions models = new TransformOptions();
  @Mixin private FineTuneOptions training = new FineTuneOptions();
  @Mixin private DataOptions data = new DataOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Quantize() {}

  @Override
  public Integer call() {
    TransformOptions.requirePositive("--samples", mostSamples);
    TransformOptions.requirePositive("--eval-samples", mostEvaluated);
    budget.check();
    checkScheme();
    checkTraining();
    TransformOptions.requireWritable(models.output, report);
    Model model = Model.load(models.file);
    if (!data.isGiven() && rounding != Rounding.NEAREST) {
      throw new CommandFailure(
          "Rounding by " + rounding + " looks at what layers read: give samples with --data.");
    }
    if (!data.isGiven() && scheme.needsData()) {
      throw new CommandFailure(
          "The scheme "
              + scheme
              + " needs samples to calibrate with: give them with --data, or take"
              + " --scheme int8-dynamic, which needs none.");
    }
    if (!data.isGiven() && budget.isGiven()) {
      throw new CommandFailure("A budget is held on samples: give them with --data.");
    }
    try (Interruption interruption = training.interruption()) {
      QuantizationResult result;
      try (ProgressDisplay progress =
          new ProgressDisplay(spec.commandLine().getErr(), common.json)) {
        result = quantize(model, progress, interruption);
      }
      result.model().save(models.output);
      if (report != null) {
        QuantizationReport.of(
                String.valueOf(models.file.getFileName()),
                String.valueOf(models.output.getFileName()),
                result)
            .save(report);
      }
      PrintWriter out = spec.commandLine().getOut();
      if (common.json) {
        Json.print(out, json(result));
      } else {
        print(out, result);
      }
      out.flush();
      return training.verdict(spec.commandLine().getErr());
    }
  }

  private void checkScheme() {
    if (!List.of(2, 3, 4, 8).contains(weightBits)) {
      throw new CommandFailure("--weight-bits must be 8, 4, 3 or 2, not " + weightBits + ".");
    }
    if (weightBits != 8 && scheme != Scheme.INT8) {
      throw new CommandFailure(
          "--weight-bits goes with --scheme int8; " + scheme + " has bits of its own.");
    }
    if (clusters < 2 || clusters > 256) {
      throw new CommandFailure("--clusters must be 2 to 256, not " + clusters + ".");
    }
    if ((maxBytes != null) != (scheme == Scheme.MIXED)) {
      throw new CommandFailure("--scheme mixed and --max-bytes go together.");
    }
    if (maxBytes != null && (maxBytes < 1 || budget.isGiven())) {
      throw new CommandFailure(
          budget.isGiven()
              ? "--max-bytes and --max-drop are two budgets: give one of them."
              : "--max-bytes must be at least 1, not " + maxBytes + ".");
    }
    if (rounding != Rounding.NEAREST && (scheme == Scheme.CLUSTERS || scheme == Scheme.FP16)) {
      throw new CommandFailure(
          "--rounding " + rounding + " goes with schemes of integers, not with " + scheme + ".");
    }
  }

  private void checkTraining() {
    if (aware && training.epochs == 0) {
      training.epochs = DEFAULT_EPOCHS;
    }
    training.check();
    if (training.epochs > 0 && !aware) {
      throw new CommandFailure("--epochs goes with --aware: nothing is trained otherwise.");
    }
    if (aware && !List.of(Scheme.INT8, Scheme.MIXED, Scheme.CLUSTERS).contains(scheme)) {
      throw new CommandFailure(
          "--aware goes with --scheme int8, mixed and clusters, not with " + scheme + ".");
    }
    if (aware && !data.isGiven()) {
      throw new CommandFailure("Training needs labelled samples: give them with --data.");
    }
  }

  private QuantizationResult quantize(
      Model model, ProgressDisplay progress, Interruption interruption) {
    QuantizationOptions options =
        QuantizationOptions.of(scheme)
            .withExclude(models.exclude)
            .withWeightBits(weightBits)
            .withRounding(rounding)
            .withClusters(clusters)
            .withMostCalibrationSamples(mostSamples)
            .withSeed(models.seed);
    if (calibrator != null) {
      options = options.withCalibrator(calibrator);
    }
    if (maxBytes != null) {
      options = options.withMaxBytes(maxBytes);
    }
    if (!data.isGiven()) {
      return new Quantizer(options, progress).quantize(model);
    }
    PrintWriter err = spec.commandLine().getErr();
    Samples samples = data.openChecked(model, aware || budget.isGiven(), err).samples();
    Metric metric = budget.metric(model, samples.get(0));
    options = options.withMetric(metric);
    if (budget.isGiven()) {
      options =
          options.withMaxDrop(
              budget.budget(
                  metric, () -> Scoring.score(model, metric, samples.first(mostEvaluated), 1)));
    }
    if (aware) {
      // Four fifths to calibrate and train with; the others to judge by.
      List<Samples> parts = samples.split(TRAINING_SHARE, models.seed);
      noteFew(parts.get(0).size(), err);
      return new Quantizer(options, progress)
          .withTraining(training.training(model, parts.get(0), models.seed, progress, interruption))
          .quantize(model, parts.get(0), parts.get(1).first(mostEvaluated));
    }
    // Half of them to calibrate with, or as many as asked for; the others to judge by.
    double share = Math.min(0.5, mostSamples / (double) samples.size());
    List<Samples> parts = samples.split(share, models.seed);
    noteFew(Math.max(1, parts.get(0).size()), err);
    return samples.size() == 1
        ? new Quantizer(options, progress).quantize(model, samples)
        : new Quantizer(options, progress)
            .quantize(model, parts.get(0), parts.get(1).first(mostEvaluated));
  }

  private void noteFew(int calibrating, PrintWriter err) {
    if (scheme.needsData() || rounding != Rounding.NEAREST) {
      SampleCheck.fewToCalibrate(Math.min(calibrating, mostSamples))
          .ifPresent(sentence -> DataOptions.note(err, sentence));
    }
  }

  private void print(PrintWriter out, QuantizationResult result) {
    List<LayerReport> layers = result.layers();
    if (!layers.isEmpty()) {
      Table table = new Table("layer", "operator", "bits>", "SNR dB>", "cosine>");
      layers.stream()
          .limit(scheme == Scheme.MIXED ? layers.size() : SHOWN_LAYERS)
          .forEach(layer ->
              table.row(
                  layer.name(),
                  layer.operator(),
                  layer.weightBits() == 0 ? "" : String.valueOf(layer.weightBits()),
                  String.format(Locale.ROOT, "%.1f", layer.signalToNoise()),
                  String.format(Locale.ROOT, "%.6f", layer.cosine())));
      table.print(out);
      if (scheme != Scheme.MIXED && layers.size() > SHOWN_LAYERS) {
        out.println(
            "the "
                + SHOWN_LAYERS
                + " of "
                + layers.size()
                + " layers that quantization hurts most; --json has all");
      }
      out.println();
    }
    result.excluded().forEach((node, reason) -> out.println("kept: " + node + ", " + reason));
    if (!result.steps().isEmpty()) {
      out.println("steps:    " + String.join(", ", result.steps()));
    }
    out.println(
        String.format(
            Locale.ROOT,
            "size:     %s to %s, %.2f times smaller",
            Units.bytes(result.bytesBefore()),
            Units.bytes(result.bytesAfter()),
            result.ratio()));
    if (scheme == Scheme.CLUSTERS) {
      long before = ArchiveSize.of(Model.load(models.file));
      long after = ArchiveSize.of(result.model());
      out.println(
          String.format(
              Locale.ROOT,
              "archive:  %s to %s, %.2f times smaller (zip; an output named .zip is one)",
              Units.bytes(before),
              Units.bytes(after),
              (double) before / after));
    }
    result
        .evaluation()
        .ifPresent(evaluation ->
            out.println(
                String.format(
                    Locale.ROOT,
                    "%-9s %.4f to %.4f %s on %d samples not calibrated with; the drop is at most"
                        + " %.4f (95 %%)",
                    evaluation.metric() + ":",
                    evaluation.before(),
                    evaluation.after(),
                    unit(evaluation),
                    evaluation.samples(),
                    evaluation.dropBound())));
    out.println("written:  " + models.output + ", opset " + result.opset());
    if (report != null) {
      out.println("report:   " + report);
    }
  }

  private static String unit(Evaluation evaluation) {
    return evaluation.unit().equals("percentage points") ? "%" : evaluation.unit();
  }

  private Map<String, Object> json(QuantizationResult result) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", models.file.toString());
    json.put("output", models.output.toString());
    json.put("scheme", scheme.label());
    json.put("rounding", rounding.label());
    json.put("weightBits", weightBits);
    json.put("bytesBefore", result.bytesBefore());
    json.put("bytesAfter", result.bytesAfter());
    json.put("archiveBytesBefore", ArchiveSize.of(Model.load(models.file)));
    json.put("archiveBytesAfter", ArchiveSize.of(result.model()));
    json.put("opset", result.opset());
    json.put("steps", result.steps());
    json.put("calibrationSamples", result.calibrationSamples());
    json.put("evaluation", result.evaluation().orElse(null));
    json.put("keptInHigherPrecision", result.excluded());
    json.put("layers", result.layers());
    json.put("seed", models.seed);
    json.put("modelHash", result.modelHash());
    json.put("calibrationHash", result.calibrationHash());
    json.put("evaluationHash", result.evaluationHash());
    return json;
  }
}
