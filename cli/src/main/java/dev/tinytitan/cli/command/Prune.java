package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.Interruption;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.compress.SampleCheck;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.measure.LatencyMeter;
import dev.tinytitan.compress.prune.Criterion;
import dev.tinytitan.compress.prune.DependencyGraph;
import dev.tinytitan.compress.prune.Footprint;
import dev.tinytitan.compress.prune.LayerOptions;
import dev.tinytitan.compress.prune.LayerPruner;
import dev.tinytitan.compress.prune.LayerResult;
import dev.tinytitan.compress.prune.Quality;
import dev.tinytitan.compress.prune.SparseMethod;
import dev.tinytitan.compress.prune.SparseOptions;
import dev.tinytitan.compress.prune.SparsePattern;
import dev.tinytitan.compress.prune.SparsePruner;
import dev.tinytitan.compress.prune.SparseResult;
import dev.tinytitan.compress.prune.StructuredOptions;
import dev.tinytitan.compress.prune.StructuredPruner;
import dev.tinytitan.compress.prune.StructuredResult;
import dev.tinytitan.compress.prune.Target;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code titan prune}: a model without the channels or layers, or with zeros for the weights, it
 * can spare.
 */
@Command(
    name = "prune",
    description = {
      "Takes channels, neurons and heads out of a model, or whole layers (--layers), or sets weights"
          + " to zero (--sparse); the result is standard ONNX.",
      "Channels leave the graph with all that depends on them, so that the model is smaller and"
          + " faster everywhere; so do layers. Sparse weights keep their shapes: they are faster only"
          + " on kernels that know the pattern.",
      "The more goes, the more accuracy does; --epochs trains the model on, on labelled --data."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan prune classifier.onnx -o small.onnx --target-macs 50%% --data train.npz",
      "  titan prune model.onnx -o small.onnx --amount 25%%",
      "  titan prune encoder.onnx -o small.onnx --layers --amount 50%% --data train.npz",
      "  titan prune model.onnx -o sparse.onnx --sparse 2:4 --data train.npz",
      "  titan prune model.onnx -o small.onnx --target-macs 50%% --data train.npz --epochs 10"
          + " --distill",
      "  titan prune model.onnx -o sparse.onnx --sparse unstructured --amount 90%% --method gradual"
          + " --epochs 20 --data train.npz"
    })
public final class Prune implements Callable<Integer> {
  private static final int SHOWN_BLOCKED = 6;
  private static final double TRAINING_SHARE = 0.8;

  @Option(names = "--structured", description = "Take channels out (default).")
  private boolean structured;

  @Option(
      names = "--layers",
      description = {
        "Take whole layers out instead, those that --data miss least: of layers that follow each"
            + " other and are alike, all but one, and any with a shortcut around them."
      })
  private boolean layers;

  @Option(
      names = "--sparse",
      paramLabel = "PATTERN",
      converter = Converters.PatternConverter.class,
      description = {
        "Set weights to zero instead: unstructured, 2:4 (two of four stay) or 1x4 (blocks of"
            + " outputs x inputs)."
      })
  private @Nullable SparsePattern pattern;

  @Option(
      names = "--amount",
      paramLabel = "SHARE",
      converter = Converters.ShareConverter.class,
      description = {
        "So much goes: of the channels of every layer, of the layers, or of the weights (default:"
            + " 50%% where no target is given)."
      })
  private @Nullable Double amount;

  @Option(
      names = "--target-macs",
      paramLabel = "SHARE",
      converter = Converters.ShareConverter.class,
      description = "Multiply-adds that are left; layers give what they can spare.")
  private @Nullable Double macs;

  @Option(
      names = "--target-params",
      paramLabel = "SHARE",
      converter = Converters.ShareConverter.class,
      description = "Parameters that are left.")
  private @Nullable Double parameters;

  @Option(
      names = "--target-bytes",
      paramLabel = "SHARE",
      converter = Converters.ShareConverter.class,
      description = "Bytes of weights that are left.")
  private @Nullable Double bytes;

  @Option(
      names = "--target-latency",
      paramLabel = "SHARE",
      converter = Converters.ShareConverter.class,
      description = "Latency that is left, measured here on one thread; needs --data.")
  private @Nullable Double latency;

  @Option(
      names = {"--criterion", "--importance"},
      paramLabel = "NAME",
      converter = Converters.CriterionConverter.class,
      description = {
        "What channels are judged by: auto, l1, l2, bn-scale, activations, or by gradients on"
            + " labelled --data taylor or obd (default: auto, which is activations with --data and"
            + " l2 without)."
      })
  private Criterion criterion = Criterion.AUTO;

  @Option(
      names = "--method",
      paramLabel = "NAME",
      converter = Converters.MethodConverter.class,
      description = {
        "How weights are picked: magnitude, magnitude-global, wanda or sparsegpt (default:"
            + " sparsegpt with --data, magnitude without); with --epochs also gradual,"
            + " gradual-global or movement, while the model is trained."
      })
  private @Nullable SparseMethod method;

  @Option(
      names = "--multiple",
      paramLabel = "N",
      description = "Round channels to multiples of N (default: ${DEFAULT-VALUE}).")
  private int multiple = StructuredOptions.DEFAULT_MULTIPLE;

  @Option(
      names = "--no-sensitivity",
      description = "Do not try each layer alone first; faster, and by importance alone.")
  private boolean noSensitivity;

  @Option(
      names = "--samples",
      paramLabel = "N",
      description = "At most so many samples are judged by (default: ${DEFAULT-VALUE}).")
  private int mostSamples = 64;

  @Option(
      names = "--rewind",
      paramLabel = "EARLY",
      description = {
        "With --sparse and --epochs: train on from the parameters of this model, the same network"
            + " after a few steps, with the zeros that were found."
      })
  private @Nullable Path early;

  @Mixin private FineTuneOptions training = new FineTuneOptions();
  @Mixin private TransformOptions models = new TransformOptions();
  @Mixin private DataOptions data = new DataOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Prune() {}

  @Override
  public Integer call() {
    requireOptionsThatFit();
    TransformOptions.requireWritable(models.output);
    Model model = Model.load(models.file);
    PrintWriter err = spec.commandLine().getErr();
    Samples samples = Samples.none();
    if (data.isGiven()) {
      samples = data.openChecked(model, training.epochs > 0, err).samples();
      SampleCheck.fewToJudgeUnits(Math.min(mostSamples, judging(samples)))
          .ifPresent(sentence -> DataOptions.note(err, sentence));
    }
    SparsePattern chosen = pattern;
    boolean reached = true;
    try (Interruption interruption = training.interruption()) {
      if (layers) {
        LayerResult result = layers(model, samples, interruption);
        result.model().save(models.output);
        reached = result.reached();
        print(result);
      } else if (chosen == null) {
        StructuredResult result = structured(model, samples, interruption);
        result.model().save(models.output);
        reached = result.reached();
        print(result);
      } else {
        SparseResult result = sparse(model, samples, chosen, interruption);
        result.model().save(models.output);
        print(result, chosen);
      }
      if (!reached) {
        err.println(
            "titan: The target is out of reach: no more can go. What is closest is written.");
      }
      return Math.max(reached ? 0 : 1, training.verdict(err));
    }
  }

  /** How many samples are there to judge channels or weights by. */
  private int judging(Samples samples) {
    double share = training.epochs > 0 ? TRAINING_SHARE : 0.5;
    return samples.size() == 1 ? 1 : (int) (share * samples.size());
  }

  private void requireOptionsThatFit() {
    long targets =
        Stream.of(amount, macs, parameters, bytes, latency).filter(share -> share != null).count();
    if (targets > 1) {
      throw usage("Give one of --amount and the targets, not " + targets + ".");
    }
    if (layers && (structured || pattern != null || criterion != Criterion.AUTO)) {
      throw usage(
          "--layers takes whole layers, by what the model answers without them: leave"
              + " --structured, --sparse and --criterion out.");
    }
    if (pattern != null && (structured || (targets == 1 && amount == null))) {
      throw usage("--sparse goes with --amount alone: its layers keep their shapes.");
    }
    if (pattern == null && method != null) {
      throw usage("--method says how weights are picked, and goes with --sparse.");
    }
    training.check();
    if (training.epochs > 0 && !data.isGiven()) {
      throw new CommandFailure("Training needs labelled samples: give them with --data.");
    }
    if (early != null && (pattern == null || training.epochs == 0)) {
      throw usage("--rewind goes with --sparse and --epochs.");
    }
    if (training.epochs == 0 && method != null && method.needsTraining()) {
      throw usage(
          "--method " + method.label() + " picks while the model is trained: give --epochs.");
    }
    TransformOptions.requirePositive("--multiple", multiple);
    TransformOptions.requirePositive("--samples", mostSamples);
    if (layers && !data.isGiven()) {
      throw new CommandFailure(
          "Layers are judged by what the model answers without them: give samples with --data.");
    }
    if (latency != null && !data.isGiven()) {
      throw new CommandFailure("Latency is measured on a sample: give some with --data.");
    }
  }

  private ParameterException usage(String sentence) {
    return new ParameterException(spec.commandLine(), sentence);
  }

  private StructuredResult structured(Model model, Samples samples, Interruption interruption) {
    StructuredOptions options =
        StructuredOptions.of(target(samples))
            .withCriterion(criterion)
            .withMultiple(multiple)
            .withExclude(models.exclude)
            .withSensitivity(!noSensitivity)
            .withMostSamples(mostSamples)
            .withSeed(models.seed);
    try (ProgressDisplay progress = new ProgressDisplay(spec.commandLine().getErr(), common.json)) {
      StructuredPruner pruner = new StructuredPruner(options, progress);
      if (training.epochs == 0) {
        return pruner.prune(model, samples);
      }
      List<Samples> parts = samples.split(TRAINING_SHARE, models.seed);
      return pruner
          .withTraining(training.training(model, parts.get(0), models.seed, progress, interruption))
          .prune(model, parts.get(0), parts.get(1));
    }
  }

  private LayerResult layers(Model model, Samples samples, Interruption interruption) {
    LayerOptions options =
        LayerOptions.of(target(samples))
            .withExclude(models.exclude)
            .withMostSamples(mostSamples)
            .withSeed(models.seed);
    try (ProgressDisplay progress = new ProgressDisplay(spec.commandLine().getErr(), common.json)) {
      LayerPruner pruner = new LayerPruner(options, progress);
      if (training.epochs == 0) {
        return pruner.prune(model, samples);
      }
      List<Samples> parts = samples.split(TRAINING_SHARE, models.seed);
      return pruner
          .withTraining(training.training(model, parts.get(0), models.seed, progress, interruption))
          .prune(model, parts.get(0), parts.get(1));
    }
  }

  private Target target(Samples samples) {
    if (macs != null) {
      return Target.multiplyAdds(macs);
    }
    if (parameters != null) {
      return Target.parameters(parameters);
    }
    if (bytes != null) {
      return Target.bytes(bytes);
    }
    if (latency != null) {
      return Target.latency(latency, (whole, each) -> latencyRatio(whole, each, samples));
    }
    return Target.amount(amount == null ? 0.5 : amount);
  }

  /** Both models in turns, so that what slows the machine slows both. */
  private static double latencyRatio(Model whole, Model pruned, Samples samples) {
    try (LatencyMeter meter =
        new LatencyMeter(whole, samples.get(0).inputs(), Duration.ofMillis(500))) {
      return meter.measure(pruned).ratio();
    }
  }

  private SparseResult sparse(
      Model model, Samples samples, SparsePattern chosen, Interruption interruption) {
    SparseMethod picked = method;
    if (picked == null) {
      picked = samples.size() == 0 ? SparseMethod.MAGNITUDE : SparseMethod.SPARSE_GPT;
    }
    SparseOptions options =
        SparseOptions.of(chosen, amount == null ? 0.5 : amount, picked)
            .withExclude(models.exclude)
            .withMostSamples(mostSamples)
            .withSeed(models.seed);
    method = picked;
    try (ProgressDisplay progress = new ProgressDisplay(spec.commandLine().getErr(), common.json)) {
      SparsePruner pruner = new SparsePruner(options, progress);
      if (training.epochs == 0) {
        return pruner.prune(model, samples);
      }
      if (early != null) {
        pruner = pruner.withRewinding(Model.load(early));
      }
      List<Samples> parts = samples.split(TRAINING_SHARE, models.seed);
      return pruner
          .withTraining(training.training(model, parts.get(0), models.seed, progress, interruption))
          .prune(model, parts.get(0), parts.get(1));
    }
  }

  // Printing.

  private void print(StructuredResult result) {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Json.print(out, json(result));
      out.flush();
      return;
    }
    Table table = new Table("layer", "what", "before>", "after>", "also cuts");
    for (StructuredResult.GroupReport group : result.groups()) {
      table.row(
          group.name(),
          group.kind() + (group.width() > 1 ? " of " + group.width() : ""),
          group.before(),
          group.after(),
          others(group.layers()));
    }
    table.print(out);
    List<DependencyGraph.Blocked> blocked = result.blocked();
    blocked.stream()
        .limit(SHOWN_BLOCKED)
        .forEach(each -> out.println("kept: " + each.layer() + ", which " + each.reason()));
    if (blocked.size() > SHOWN_BLOCKED) {
      out.println(
          "and " + (blocked.size() - SHOWN_BLOCKED) + " more layers; --json has all reasons");
    }
    out.println();
    out.println("judged by:     " + result.importance());
    footprints(out, result.before(), result.after());
    quality(out, result.quality());
    written(out);
  }

  private void written(PrintWriter out) {
    out.println("written:       " + models.output);
    out.println("speed:         measure it with: titan bench " + models.file + " " + models.output);
    out.flush();
  }

  private static String others(List<String> layers) {
    return layers.size() == 1 ? "" : String.join(", ", layers.subList(1, layers.size()));
  }

  private void print(LayerResult result) {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Json.print(out, json(result));
      out.flush();
      return;
    }
    Table table =
        new Table("layer, from", "nodes>", "multiply-adds>", "parameters>", "cosine without>", "");
    for (LayerResult.LayerReport layer : result.layers()) {
      table.row(
          layer.name(),
          layer.nodes().size(),
          Units.count(layer.multiplyAdds()),
          Units.count(layer.parameters()),
          layer
              .alone()
              .map(quality -> String.format(Locale.ROOT, "%.4f", quality.cosine()))
              .orElse("cannot go"),
          layer.gone() == 0 ? "stays" : "gone");
    }
    table.print(out);
    out.println();
    footprints(out, result.before(), result.after());
    quality(out, result.quality());
    written(out);
  }

  private void print(SparseResult result, SparsePattern chosen) {
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Json.print(out, json(result, chosen));
      out.flush();
      return;
    }
    Table table = new Table("layer", "operator", "weights>", "zeros before>", "zeros after>");
    result
        .layers()
        .forEach(layer ->
            table.row(
                layer.name(),
                layer.operator(),
                layer.weights(),
                percent(layer.weights() == 0 ? 0 : (double) layer.zerosBefore() / layer.weights()),
                percent(layer.sparsity())));
    table.print(out);
    out.println();
    out.println("pattern:       " + chosen + " by " + (method == null ? "" : method.label()));
    footprints(out, result.before(), result.after());
    quality(out, result.quality());
    out.println("written:       " + models.output);
    out.println(
        "speed:         as before, but for kernels that know the pattern; measure it with: titan"
            + " bench "
            + models.file
            + " "
            + models.output);
    out.flush();
  }

  private static void footprints(PrintWriter out, Footprint before, Footprint after) {
    out.println(
        "multiply-adds: " + change(before.multiplyAdds(), after.multiplyAdds(), Units::count));
    out.println("parameters:    " + change(before.parameters(), after.parameters(), Units::count));
    if (after.sparsity() > 0.01) {
      out.println(
          "zeros:         " + percent(before.sparsity()) + " to " + percent(after.sparsity()));
    }
    out.println("size:          " + change(before.bytes(), after.bytes(), Units::bytes));
  }

  private static String change(long before, long after, LongFunction<String> unit) {
    return unit.apply(before)
        + " to "
        + unit.apply(after)
        + (before == 0 || before == after ? "" : ", " + percent((double) after / before));
  }

  private void quality(PrintWriter out, Optional<Quality> quality) {
    quality.ifPresent(each ->
        out.println(
            String.format(
                Locale.ROOT,
                "outputs:       cosine %.4f, SNR %.1f dB to the unpruned model's on %d samples not"
                    + " judged by, %s",
                each.cosine(),
                each.signalToNoise(),
                each.samples(),
                training.epochs == 0 ? "untrained" : "trained on")));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private Map<String, Object> json(StructuredResult result) {
    Map<String, Object> json = json(result.before(), result.after(), result.quality());
    json.put("kind", "structured");
    json.put("importance", result.importance());
    json.put("multiple", multiple);
    json.put("reached", result.reached());
    json.put("groups", result.groups());
    json.put("blocked", result.blocked());
    json.put("sensitivities", result.sensitivities());
    return json;
  }

  private Map<String, Object> json(LayerResult result) {
    Map<String, Object> json = json(result.before(), result.after(), result.quality());
    json.put("kind", "layers");
    json.put("reached", result.reached());
    json.put("layers", result.layers().stream().map(Prune::json).toList());
    return json;
  }

  private static Map<String, Object> json(LayerResult.LayerReport layer) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", layer.name());
    json.put("nodes", layer.nodes());
    json.put("multiplyAdds", layer.multiplyAdds());
    json.put("parameters", layer.parameters());
    json.put("alone", layer.alone().orElse(null));
    json.put("gone", layer.gone());
    return json;
  }

  private Map<String, Object> json(SparseResult result, SparsePattern chosen) {
    Map<String, Object> json = json(result.before(), result.after(), result.quality());
    json.put("kind", "sparse");
    json.put("pattern", chosen.toString());
    json.put("method", method == null ? null : method.label());
    json.put("layers", result.layers());
    return json;
  }

  private Map<String, Object> json(Footprint before, Footprint after, Optional<Quality> quality) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", models.file.toString());
    json.put("output", models.output.toString());
    json.put("before", before);
    json.put("after", after);
    json.put("quality", quality.orElse(null));
    json.put("seed", models.seed);
    return json;
  }
}
