package dev.tinytitan.compress.quantize;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.Exclusion;
import dev.tinytitan.compress.internal.Fingerprint;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.onnx.OnnxWriter;
import dev.tinytitan.onnx.WrittenModel;
import dev.tinytitan.pass.FoldBatchNormalization;
import dev.tinytitan.pass.FoldScale;
import dev.tinytitan.pass.Pipelines;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * One quantization: chooses what to do to the float model first, quantizes it, holds the budget.
 */
final class QuantizationRun {
  /** Samples on which choices are measured and layers compared. */
  private static final int PROBE = 24;

  /** Two of them choose layers: one would not tell how scores are spread. */
  private static final int FEWEST_FOR_A_BUDGET = 6;

  /** Of the samples to judge with, the share that chooses layers where there is a budget. */
  private static final double SELECTION_SHARE = 1.0 / 3;

  private final Model model;
  private final QuantizationOptions options;
  private final Samples calibrationSamples;
  private final Samples evaluationSamples;

  /** The part of the evaluation samples that layers are chosen by, where there is a budget. */
  private final Samples selectionSamples;

  /** The part that nothing is chosen by: what the result is judged on. */
  private final Samples judgingSamples;

  private final Optional<FineTuning> training;
  private final Progress progress;
  private final Set<String> excluded;
  private final List<String> steps = new ArrayList<>();
  private final Quantization quantization;

  QuantizationRun(
      Model model,
      QuantizationOptions options,
      Samples calibration,
      Samples evaluation,
      Optional<FineTuning> training,
      Progress progress) {
    this.model = model;
    this.training = training;
    this.options = options;
    this.calibrationSamples = calibration.first(options.mostCalibrationSamples());
    this.evaluationSamples = evaluation;
    List<Samples> parts =
        options.maxDrop().isPresent()
            ? evaluation.split(SELECTION_SHARE, options.seed())
            : List.of(evaluation, evaluation);
    this.selectionSamples = parts.get(0);
    this.judgingSamples = parts.get(1);
    this.progress = progress;
    this.excluded = Exclusion.names(model.graph(), options.exclude());
    Pipelines.Result result =
        Pipelines.run(model.graph(), List.of(new FoldBatchNormalization(), new FoldScale()));
    result.effects().stream()
        .filter(Pipelines.Effect::changed)
        .forEach(effect -> steps.add(effect.pass()));
    this.quantization =
        new Quantization(
            result.graph(),
            model.info(),
            options,
            excluded,
            (calibrationSamples.size() > 0 ? calibrationSamples : selectionSamples).first(PROBE),
            progress);
  }

  QuantizationResult run() {
    if (options.scheme().needsData() && calibrationSamples.size() == 0) {
      throw new BadDataException(
          "The scheme "
              + options.scheme()
              + " needs samples to calibrate with: give data, or take int8-dynamic, which needs"
              + " none.");
    }
    Prepared prepared = learn(round(allot(quantization.prepare(choose(), calibrationSamples))));
    Map<String, String> kept = new LinkedHashMap<>();
    excluded.forEach(name -> kept.put(name, "excluded as asked"));
    raise(prepared).forEach(name -> kept.put(name, "in " + fallback() + " to hold the budget"));
    Set<String> raised = new LinkedHashSet<>(kept.keySet());
    raised.removeAll(excluded);
    Rewrite rewrite = quantization.rewrite(prepared, raised);
    describe(prepared.preparation());
    ModelInfo info = model.info();
    Model small = Model.of(SparseIndices.store(rewrite.graph()), info);
    WrittenModel written = write(small);
    return new QuantizationResult(
        small,
        options,
        layers(prepared, rewrite, raised),
        kept,
        steps,
        evaluationSamples.size() == 0
            ? Optional.empty()
            : Optional.of(evaluator(judgingSamples).evaluate(rewrite.graph())),
        write(model).bytes(),
        written.bytes(),
        written.opset(),
        prepared.calibration().samples(),
        Fingerprint.of(model.graph()),
        Fingerprint.of(calibrationSamples),
        Fingerprint.of(evaluationSamples));
  }

  private Preparation choose() {
    Samples probe = calibrationSamples.first(PROBE);
    return new PreparationChoice(quantization, options, model.info(), probe).choose();
  }

  private static WrittenModel write(Model model) {
    try {
      return OnnxWriter.write(model.graph(), model.info(), OutputStream.nullOutputStream());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private void describe(Preparation preparation) {
    if (preparation.equalize() == Preparation.BY_WEIGHTS) {
      steps.add("equalize by weights");
    } else if (preparation.equalize() > 0) {
      steps.add("equalize by activations with strength " + preparation.equalize());
    }
    if (preparation.smooth() > 0) {
      steps.add("smooth with strength " + preparation.smooth());
    }
    if (preparation.correctBias()) {
      steps.add("correct biases");
    }
    if (preparation.measureBias()) {
      steps.add("correct biases by measured sums");
    }
    if (quantization.isStatic()) {
      steps.add("calibrate by " + preparation.calibrator());
    }
  }

  /** Trains on while weights, and activations, are rounded, if that is asked for. */
  private Prepared learn(Prepared prepared) {
    if (training.isEmpty()) {
      return prepared;
    }
    Selection selection = quantization.selection(prepared.graph(), Set.of());
    // What was measured to make up for rounding is where training begins.
    Graph graph = quantization.withBiases(prepared, selection, prepared.format(), Set.of());
    if (options.scheme() == Scheme.CLUSTERS) {
      TrainedCodebooks codebooks =
          new TrainedCodebooks(graph, selection, prepared.format(), model.info(), training.get());
      steps.add("train codebooks");
      return prepared.learned(codebooks.source(), codebooks.format(prepared.format()), Map.of());
    }
    AwareGraph aware =
        new AwareGraph(
            graph,
            new StaticPlan(graph, selection),
            prepared.format(),
            quantization.ranges(prepared));
    Graph trained = training.get().train(Model.of(aware.graph(), model.info())).graph();
    steps.add("train with rounded weights and activations");
    return prepared.learned(aware.source(trained), aware.format(trained), aware.ranges(trained));
  }

  /** Gives each layer its bits, in the scheme that mixes them. */
  private Prepared allot(Prepared prepared) {
    if (options.scheme() != Scheme.MIXED) {
      return prepared;
    }
    long most =
        options
            .maxBytes()
            .orElseThrow(() ->
                new BadDataException(
                    "The scheme mixed needs to know how many bytes the file may have."));
    Selection selection = quantization.selection(prepared.graph(), Set.of());
    List<WeightSlot> layers =
        LayerRounding.byActivation(prepared.graph(), selection).values().stream()
            .flatMap(List::stream)
            .filter(WeightFormat::mayBePacked)
            .toList();
    MixedPrecision mixed =
        new MixedPrecision(
            layers,
            bits -> {
              WeightFormat format = prepared.format().withBits(bits);
              Graph graph = quantization.rewrite(prepared.with(format, Map.of()), Set.of()).graph();
              return write(Model.of(graph, model.info())).bytes();
            },
            progress);
    Map<String, Integer> bits =
        mixed.choose(most, quantization.noise(prepared), sensitivity(prepared, selection));
    steps.add("bits of layers within " + most + " bytes");
    return prepared.with(prepared.format().withBits(bits), Map.of());
  }

  /** What each layer alone does to the outputs, rounded as it will be. */
  private MixedPrecision.Sensitivity sensitivity(Prepared prepared, Selection selection) {
    if (options.rounding() == Rounding.NEAREST) {
      return (slot, bits) ->
          quantization.noise(
              prepared.with(
                  prepared.format().withBits(Map.of(slot.node().name(), bits)), Map.of()));
    }
    Prepared plain = prepared.with(prepared.preparation().withBiases(false, false));
    Map<String, Map<Integer, Double>> noises = new HashMap<>();
    return (slot, bits) -> {
      if (noises.isEmpty()) {
        layerRounding(prepared)
            .alone(
                selection,
                prepared.format(),
                MixedPrecision.BITS.stream().filter(number -> number < 8).toList(),
                (format, biases) ->
                    quantization.rewrite(plain.with(format, biases), Set.of()).graph(),
                (layer, number, result) ->
                    noises
                        .computeIfAbsent(layer.node().name(), key -> new HashMap<>())
                        .put(
                            number,
                            quantization.noise(plain.with(result.format(), result.biases()))));
      }
      return Objects.requireNonNull(
          Objects.requireNonNull(noises.get(slot.node().name())).get(bits));
    };
  }

  private LayerRounding layerRounding(Prepared prepared) {
    return new LayerRounding(
        prepared.graph(),
        model.info(),
        calibrationSamples,
        options,
        quantization.inIntegers(),
        progress);
  }

  /** Rounds weights by what layers read, if that is asked for. */
  private Prepared round(Prepared prepared) {
    if (options.rounding() == Rounding.NEAREST) {
      return prepared;
    }
    if (calibrationSamples.size() == 0) {
      throw new BadDataException(
          "Rounding by " + options.rounding() + " looks at what layers read: give samples.");
    }
    // Rounding has biases of its own; only what is left in the end is measured.
    Prepared plain = prepared.with(prepared.preparation().withBiases(false, false));
    LayerRounding.Result result =
        layerRounding(prepared)
            .run(
                quantization.selection(prepared.graph(), Set.of()),
                prepared.format(),
                (format, biases) ->
                    quantization.rewrite(plain.with(format, biases), Set.of()).graph());
    steps.add("round by " + options.rounding());
    return plain
        .with(result.format(), result.biases())
        .with(prepared.preparation().withBiases(false, prepared.preparation().measureBias()));
  }

  // The budget.

  private Evaluator evaluator(Samples samples) {
    Metric metric = options.metric();
    if (metric == null) {
      boolean labelled = samples.size() > 0 && samples.get(0).label().isPresent();
      metric = labelled ? Metric.accuracy() : Metric.cosine();
    }
    return new Evaluator(model.graph(), model.info(), metric, samples, options.threads());
  }

  /**
   * The layers that go back to higher precision. They are chosen on one part of the evaluation
   * samples and judged on another, from the safest choice on until one fails: a fixed sequence of
   * tests, which keeps the error of the whole at 5 %.
   */
  private Set<String> raise(Prepared prepared) {
    if (options.maxDrop().isEmpty()) {
      return Set.of();
    }
    if (selectionSamples.size() < 2 || judgingSamples.size() < 2) {
      throw new BadDataException(
          "A budget can only be held on samples that calibration does not see, at least "
              + FEWEST_FOR_A_BUDGET
              + ": give more data.");
    }
    double allowed = options.maxDrop().getAsDouble();
    Evaluator selection = evaluator(selectionSamples);
    Evaluator judge = evaluator(judgingSamples);
    int[] tried = {0};
    Predicate<Set<String>> promises =
        raised -> {
          progress.report("hold the budget", ++tried[0], tried[0]);
          return selection
                  .drop(quantization.rewrite(prepared, raised).graph())
                  .boundOn(judge.count())
              <= allowed;
        };
    Predicate<Set<String>> holds =
        raised -> {
          progress.report("hold the budget", ++tried[0], tried[0]);
          return judge.drop(quantization.rewrite(prepared, raised).graph()).bound() <= allowed;
        };
    // The commonest case needs no order of layers: where this holds, safer choices do as well.
    if (promises.test(Set.of()) && holds.test(Set.of())) {
      return Set.of();
    }
    List<String> layers = bySensitivity(prepared);
    Set<String> chosen =
        BudgetSearch.fewest(layers, promises).orElseGet(() -> new LinkedHashSet<>(layers));
    return BudgetSearch.judged(BudgetSearch.saferFirst(chosen, layers), holds)
        .orElseThrow(() ->
            new OverBudgetException(
                "Even with all layers in "
                    + fallback()
                    + " the drop cannot be held to "
                    + allowed
                    + " at 95 % confidence on "
                    + judge.count()
                    + " samples: allow more, give more samples, or take another scheme."));
  }

  private String fallback() {
    return options.scheme() == Scheme.INT4_WEIGHTS ? "int8" : "float32";
  }

  /** All layers, first the one that hurts most when it alone is quantized. */
  private List<String> bySensitivity(Prepared prepared) {
    Set<String> all = quantization.rewrite(prepared, Set.of()).outputs().keySet();
    Analysis analysis = quantization.analysis(prepared);
    Map<String, Double> ratios = new HashMap<>();
    for (String layer : all) {
      Set<String> others = new HashSet<>(all);
      others.remove(layer);
      ratios.put(
          layer, analysis.outputSignalToNoise(quantization.rewrite(prepared, others).graph()));
      progress.report("measure layers", ratios.size(), all.size());
    }
    List<String> order = new ArrayList<>(all);
    order.sort(Comparator.comparingDouble(ratios::get));
    return order;
  }

  private List<LayerReport> layers(Prepared prepared, Rewrite rewrite, Set<String> raised) {
    Selection selection = quantization.selection(prepared.graph(), raised);
    Map<String, Integer> bits = new HashMap<>();
    for (WeightSlot slot : WeightSlot.of(prepared.graph())) {
      int stored = selection.slots(slot.node()).contains(slot) ? weightBits(prepared, slot) : 32;
      bits.merge(slot.node().name(), stored, Math::max);
    }
    return quantization.analysis(prepared).layers(rewrite, bits);
  }

  private int weightBits(Prepared prepared, WeightSlot slot) {
    if (options.scheme() == Scheme.FP16) {
      return 16;
    }
    boolean integer = quantization.inIntegers() && slot.isProduct(prepared.graph());
    return integer
        ? prepared.format().integer(slot).bits()
        : prepared.format().quantize(slot).map(StoredWeights::bits).orElse(32);
  }
}
