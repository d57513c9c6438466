package dev.tinytitan.compress.quantize;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ChannelMoments;
import dev.tinytitan.compress.internal.Exclusion;
import dev.tinytitan.compress.internal.Fingerprint;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.onnx.OnnxWriter;
import dev.tinytitan.onnx.WrittenModel;
import dev.tinytitan.pass.FoldBatchNormalization;
import dev.tinytitan.pass.FoldScale;
import dev.tinytitan.pass.Pipelines;
import dev.tinytitan.tensor.Tensor;
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

  /** How much better, in decibels, a step must make the outputs to be worth it. */
  private static final double WORTH_DOING = 0.1;

  /** As {@link #WORTH_DOING}, for a step that may add multiplications to the model. */
  private static final double WORTH_MULTIPLYING = 1;

  private static final List<Double> STRENGTHS = List.of(0.5, 0.6, 0.7, 0.8);

  /** Strength that stands for equalization by weights alone. */
  private static final double BY_WEIGHTS = -1;

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
  private final WeightFormat int8 = WeightFormat.int8();
  private final List<String> steps = new ArrayList<>();
  private final Graph folded;

  /**
   * What is done to the float graph before it is quantized, and how.
   *
   * @param equalize strength of equalization by activations; {@link #BY_WEIGHTS}; or 0 for none
   * @param smooth strength of smoothing; 0 for none
   * @param correctBias whether the mean error of rounded weights is taken out of biases
   * @param measureBias whether the error that is left is measured and taken out, too
   */
  private record Preparation(
      double equalize,
      double smooth,
      boolean correctBias,
      Calibrator calibrator,
      boolean measureBias) {
    Preparation withEqualize(double strength) {
      return new Preparation(strength, smooth, correctBias, calibrator, measureBias);
    }

    Preparation withSmooth(double strength) {
      return new Preparation(equalize, strength, correctBias, calibrator, measureBias);
    }

    Preparation withBiases(boolean correct, boolean measure) {
      return new Preparation(equalize, smooth, correct, calibrator, measure);
    }

    Preparation withCalibrator(Calibrator other) {
      return new Preparation(equalize, smooth, correctBias, other, measureBias);
    }
  }

  /** A float graph that is ready, with what calibration saw of it. */
  private record Prepared(
      Preparation preparation,
      Graph graph,
      Calibration calibration,
      WeightFormat format,
      Samples samples,
      Map<String, LayerRounding.Bias> biases,
      Map<String, Range> learnedRanges) {

    Prepared with(WeightFormat other, Map<String, LayerRounding.Bias> otherBiases) {
      return new Prepared(
          preparation, graph, calibration, other, samples, otherBiases, learnedRanges);
    }

    Prepared with(Preparation other) {
      return new Prepared(other, graph, calibration, format, samples, biases, learnedRanges);
    }

    /** What training made of it; it sees to the biases itself. */
    Prepared learned(Graph other, WeightFormat weights, Map<String, Range> ranges) {
      return new Prepared(
          preparation.withBiases(false, false),
          other,
          calibration,
          weights,
          samples,
          Map.of(),
          ranges);
    }
  }

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
    this.folded = result.graph();
  }

  QuantizationResult run() {
    if (options.scheme().needsData() && calibrationSamples.size() == 0) {
      throw new BadDataException(
          "The scheme "
              + options.scheme()
              + " needs samples to calibrate with: give data, or take int8-dynamic, which needs"
              + " none.");
    }
    Prepared prepared = learn(round(allot(prepare(choose(), calibrationSamples))));
    Map<String, String> kept = new LinkedHashMap<>();
    excluded.forEach(name -> kept.put(name, "excluded as asked"));
    raise(prepared).forEach(name -> kept.put(name, "in " + fallback() + " to hold the budget"));
    Set<String> raised = new LinkedHashSet<>(kept.keySet());
    raised.removeAll(excluded);
    Rewrite rewrite = rewrite(prepared, raised);
    describe(prepared.preparation());
    ModelInfo info = model.info();
    Model small = Model.of(rewrite.graph(), info);
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

  private static WrittenModel write(Model model) {
    try {
      return OnnxWriter.write(model.graph(), model.info(), OutputStream.nullOutputStream());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  private void describe(Preparation preparation) {
    if (preparation.equalize() == BY_WEIGHTS) {
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
    if (isStatic()) {
      steps.add("calibrate by " + preparation.calibrator());
    }
  }

  // What to do before.

  private boolean isPossible(Toggle toggle, Scheme... schemes) {
    return toggle != Toggle.OFF
        && List.of(schemes).contains(options.scheme())
        && calibrationSamples.size() > 0;
  }

  /** Takes the steps asked for, and of the others those that measurably help. */
  private Preparation choose() {
    boolean mayEqualize =
        isPossible(options.equalize(), Scheme.INT8, Scheme.MIXED)
            && CrossLayerEqualization.isPossible(folded);
    boolean maySmooth =
        isPossible(options.smooth(), Scheme.INT8, Scheme.MIXED, Scheme.INT8_DYNAMIC)
            && !ActivationSmoothing.observed(folded, selection(folded, Set.of())).isEmpty();
    boolean mayCorrect =
        isPossible(
            options.correctBias(),
            Scheme.INT8,
            Scheme.MIXED,
            Scheme.INT8_DYNAMIC,
            Scheme.INT8_WEIGHTS,
            Scheme.INT4_WEIGHTS,
            Scheme.CLUSTERS);
    Calibrator calibrator = options.calibrator();
    boolean mayCalibrate = calibrator == null && isStatic();
    Choice choice =
        new Choice(
            new Preparation(
                0, 0, false, calibrator == null ? Calibrator.MIN_MAX : calibrator, false));
    // Biases first: what is left over of their mean error would hide what the other steps do.
    if (mayCorrect) {
      choice.consider(
          options.correctBias(), WORTH_DOING, List.of(choice.best.withBiases(true, false)));
    }
    if (mayEqualize) {
      List<Preparation> candidates = new ArrayList<>();
      candidates.add(choice.best.withEqualize(BY_WEIGHTS));
      STRENGTHS.forEach(strength -> candidates.add(choice.best.withEqualize(strength)));
      choice.consider(options.equalize(), WORTH_DOING, candidates);
    }
    if (maySmooth) {
      choice.consider(
          options.smooth(),
          WORTH_MULTIPLYING,
          STRENGTHS.stream().map(choice.best::withSmooth).toList());
    }
    if (mayCalibrate) {
      choice.consider(
          Toggle.AUTO,
          WORTH_DOING,
          List.of(
              choice.best.withCalibrator(Calibrator.PERCENTILE),
              choice.best.withCalibrator(Calibrator.MSE)));
    }
    // Last, as it makes up for what all that is decided leaves.
    if (mayCorrect && isStatic() && MeasuredBiasCorrection.isPossible(folded)) {
      choice.consider(
          options.correctBias(),
          WORTH_DOING,
          List.of(choice.best.withBiases(choice.best.correctBias(), true)));
    }
    return choice.best;
  }

  /** The best preparation so far. */
  private final class Choice {
    private Preparation best;
    private double quality = Double.NaN;

    Choice(Preparation first) {
      this.best = first;
    }

    /** Takes the best of the candidates if it is asked for, or if it is better by a margin. */
    void consider(Toggle toggle, double margin, List<Preparation> candidates) {
      if (toggle == Toggle.ON && candidates.size() == 1) {
        best = candidates.get(0);
        quality = Double.NaN;
        return;
      }
      if (Double.isNaN(quality)) {
        quality = quality(best);
      }
      double least = toggle == Toggle.ON ? Double.NEGATIVE_INFINITY : quality + margin;
      for (Preparation candidate : candidates) {
        double with = quality(candidate);
        if (with > least) {
          best = candidate;
          quality = with;
          least = with;
        }
      }
    }
  }

  /** The signal-to-noise ratio of the outputs on a few samples, in decibels. */
  private double quality(Preparation preparation) {
    Samples probe = calibrationSamples.first(PROBE);
    Prepared prepared = prepare(preparation, probe);
    return new Analysis(folded, model.info(), probe, options.threads())
        .outputSignalToNoise(rewrite(prepared, Set.of()).graph());
  }

  private Prepared prepare(Preparation preparation, Samples samples) {
    Graph graph = folded;
    if (preparation.equalize() == BY_WEIGHTS) {
      graph = CrossLayerEqualization.byWeights(graph);
    } else if (preparation.equalize() > 0) {
      Calibration channels =
          calibrate(graph, List.of(), CrossLayerEqualization.observed(graph), samples);
      graph = CrossLayerEqualization.byActivations(graph, channels, preparation.equalize());
    }
    if (preparation.smooth() > 0) {
      Selection selection = selection(graph, Set.of());
      Calibration channels =
          calibrate(graph, List.of(), ActivationSmoothing.observed(graph, selection), samples);
      graph = ActivationSmoothing.apply(graph, selection, channels, preparation.smooth());
    }
    List<String> values =
        isStatic() ? new StaticPlan(graph, selection(graph, Set.of())).quantized() : List.of();
    boolean wantsChannels =
        preparation.correctBias()
            || (List.of(Scheme.INT4_WEIGHTS, Scheme.CLUSTERS).contains(options.scheme())
                && samples.size() > 0);
    Calibration calibration =
        calibrate(
            graph, values, wantsChannels ? BiasCorrection.observed(graph) : Map.of(), samples);
    return new Prepared(
        preparation, graph, calibration, format(graph, calibration), samples, Map.of(), Map.of());
  }

  private Calibration calibrate(
      Graph graph, List<String> values, Map<String, Integer> channels, Samples samples) {
    return Calibration.run(
        graph, model.info(), values, channels, samples, options.threads(), progress);
  }

  private WeightFormat format(Graph graph, Calibration calibration) {
    if (options.scheme() == Scheme.INT8) {
      return WeightFormat.integers(options.weightBits());
    }
    if (options.scheme() != Scheme.INT4_WEIGHTS && options.scheme() != Scheme.CLUSTERS) {
      return int8;
    }
    Map<String, float[]> importance = new HashMap<>();
    for (WeightSlot slot : WeightSlot.of(graph)) {
      ChannelMoments channels = calibration.channels(slot.activation());
      if (!channels.isEmpty()) {
        importance.put(slot.activation(), channels.meanSquares());
      }
    }
    return options.scheme() == Scheme.CLUSTERS
        ? WeightFormat.clusters(options.clusters(), importance)
        : WeightFormat.int4(options.blockSize(), importance);
  }

  // Quantizing.

  private Selection selection(Graph graph, Set<String> raised) {
    Predicate<Node> wanted =
        node -> !excluded.contains(node.name()) && !raised.contains(node.name());
    return new Selection(graph, wanted);
  }

  /**
   * @param raised names of layers in higher precision
   */
  private Rewrite rewrite(Prepared prepared, Set<String> raised) {
    boolean fallsToInt8 = options.scheme() == Scheme.INT4_WEIGHTS;
    Selection selection = selection(prepared.graph(), fallsToInt8 ? Set.of() : raised);
    WeightFormat format = fallsToInt8 ? prepared.format().except(raised, int8) : prepared.format();
    Graph graph = withBiases(prepared, selection, format, raised);
    return switch (options.scheme()) {
      case INT8, MIXED -> {
        Map<String, Range> ranges = ranges(prepared);
        StaticPlan plan = new StaticPlan(graph, selection);
        Rewrite rewrite = new StaticRewriter(graph, selection, plan, format, ranges).rewrite();
        yield prepared.preparation().measureBias()
            ? new MeasuredBiasCorrection(
                    prepared.graph(), model.info(), prepared.samples(), options.threads())
                .apply(rewrite)
            : rewrite;
      }
      case INT8_DYNAMIC -> DynamicRewriter.rewrite(graph, selection, format);
      case INT8_WEIGHTS, INT4_WEIGHTS, CLUSTERS -> WeightRewriter.rewrite(graph, selection, format);
      case FP16 -> HalfFloatRewriter.rewrite(graph, selection);
    };
  }

  private Map<String, Range> ranges(Prepared prepared) {
    return prepared.learnedRanges().isEmpty()
        ? prepared.calibration().ranges(prepared.preparation().calibrator(), options.percentile())
        : prepared.learnedRanges();
  }

  /** Trains on while weights, and activations, are rounded, if that is asked for. */
  private Prepared learn(Prepared prepared) {
    if (training.isEmpty()) {
      return prepared;
    }
    Selection selection = selection(prepared.graph(), Set.of());
    // What was measured to make up for rounding is where training begins.
    Graph graph = withBiases(prepared, selection, prepared.format(), Set.of());
    if (options.scheme() == Scheme.CLUSTERS) {
      TrainedCodebooks codebooks =
          new TrainedCodebooks(
              graph,
              WeightRewriter.rewrite(graph, selection, prepared.format()).graph(),
              selection,
              prepared.format(),
              model.info(),
              training.get());
      steps.add("train codebooks");
      return prepared.learned(codebooks.source(), codebooks.format(prepared.format()), Map.of());
    }
    AwareGraph aware =
        new AwareGraph(
            graph, new StaticPlan(graph, selection), prepared.format(), ranges(prepared));
    Graph trained = training.get().train(Model.of(aware.graph(), model.info())).graph();
    steps.add("train with rounded weights and activations");
    return prepared.learned(aware.source(trained), aware.format(trained), aware.ranges(trained));
  }

  /** The float graph with the biases that go with its rounded weights. */
  private Graph withBiases(
      Prepared prepared, Selection selection, WeightFormat format, Set<String> raised) {
    Graph graph = prepared.graph();
    if (!prepared.biases().isEmpty()) {
      Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
      for (Node node : graph.nodes()) {
        for (WeightSlot slot :
            raised.contains(node.name()) ? List.<WeightSlot>of() : selection.slots(node)) {
          LayerRounding.Bias bias = prepared.biases().get(slot.constant());
          if (bias != null) {
            constants.put(bias.name(), bias.tensor());
          }
        }
      }
      return graph.toBuilder().initializers(constants).build();
    }
    return prepared.preparation().correctBias()
        ? BiasCorrection.apply(
            graph, prepared.calibration(), slot -> rounded(selection, format, slot))
        : graph;
  }

  private boolean isStatic() {
    return options.scheme() == Scheme.INT8 || options.scheme() == Scheme.MIXED;
  }

  private boolean inIntegers() {
    return isStatic() || options.scheme() == Scheme.INT8_DYNAMIC;
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
    Selection selection = selection(prepared.graph(), Set.of());
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
              Graph graph = rewrite(prepared.with(format, Map.of()), Set.of()).graph();
              return write(Model.of(graph, model.info())).bytes();
            },
            progress);
    Map<String, Integer> bits =
        mixed.choose(most, noise(prepared), sensitivity(prepared, selection));
    steps.add("bits of layers within " + most + " bytes");
    return prepared.with(prepared.format().withBits(bits), Map.of());
  }

  /** What each layer alone does to the outputs, rounded as it will be. */
  private MixedPrecision.Sensitivity sensitivity(Prepared prepared, Selection selection) {
    if (options.rounding() == Rounding.NEAREST) {
      return (slot, bits) ->
          noise(
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
                (format, biases) -> rewrite(plain.with(format, biases), Set.of()).graph(),
                (layer, number, result) ->
                    noises
                        .computeIfAbsent(layer.node().name(), key -> new HashMap<>())
                        .put(number, noise(plain.with(result.format(), result.biases()))));
      }
      return Objects.requireNonNull(
          Objects.requireNonNull(noises.get(slot.node().name())).get(bits));
    };
  }

  /** The noise of the outputs by their signal. */
  private double noise(Prepared prepared) {
    double decibels = analysis(prepared).outputSignalToNoise(rewrite(prepared, Set.of()).graph());
    return Math.pow(10, -decibels / 10);
  }

  private LayerRounding layerRounding(Prepared prepared) {
    return new LayerRounding(
        prepared.graph(), model.info(), calibrationSamples, options, inIntegers(), progress);
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
                selection(prepared.graph(), Set.of()),
                prepared.format(),
                (format, biases) -> rewrite(plain.with(format, biases), Set.of()).graph());
    steps.add("round by " + options.rounding());
    return plain
        .with(result.format(), result.biases())
        .with(prepared.preparation().withBiases(false, prepared.preparation().measureBias()));
  }

  private Optional<Tensor> rounded(Selection selection, WeightFormat format, WeightSlot slot) {
    boolean quantized =
        selection.slots(slot.node()).stream()
            .anyMatch(other -> other.constant().equals(slot.constant()));
    if (!quantized) {
      return Optional.empty();
    }
    Optional<StoredWeights> stored =
        inIntegers() ? Optional.of(format.integer(slot)) : format.quantize(slot);
    return stored.map(StoredWeights::dequantize);
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
          return selection.drop(rewrite(prepared, raised).graph()).boundOn(judge.count())
              <= allowed;
        };
    Predicate<Set<String>> holds =
        raised -> {
          progress.report("hold the budget", ++tried[0], tried[0]);
          return judge.drop(rewrite(prepared, raised).graph()).bound() <= allowed;
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
    Set<String> all = rewrite(prepared, Set.of()).outputs().keySet();
    Analysis analysis = analysis(prepared);
    Map<String, Double> ratios = new HashMap<>();
    for (String layer : all) {
      Set<String> others = new HashSet<>(all);
      others.remove(layer);
      ratios.put(layer, analysis.outputSignalToNoise(rewrite(prepared, others).graph()));
      progress.report("measure layers", ratios.size(), all.size());
    }
    List<String> order = new ArrayList<>(all);
    order.sort(Comparator.comparingDouble(ratios::get));
    return order;
  }

  private Analysis analysis(Prepared prepared) {
    Samples samples = calibrationSamples.size() > 0 ? calibrationSamples : selectionSamples;
    return new Analysis(prepared.graph(), model.info(), samples.first(PROBE), options.threads());
  }

  private List<LayerReport> layers(Prepared prepared, Rewrite rewrite, Set<String> raised) {
    Selection selection = selection(prepared.graph(), raised);
    Map<String, Integer> bits = new HashMap<>();
    for (WeightSlot slot : WeightSlot.of(prepared.graph())) {
      int stored = selection.slots(slot.node()).contains(slot) ? weightBits(prepared, slot) : 32;
      bits.merge(slot.node().name(), stored, Math::max);
    }
    return analysis(prepared).layers(rewrite, bits);
  }

  private int weightBits(Prepared prepared, WeightSlot slot) {
    if (options.scheme() == Scheme.FP16) {
      return 16;
    }
    boolean integer = inIntegers() && slot.isProduct(prepared.graph());
    return integer
        ? prepared.format().integer(slot).bits()
        : prepared.format().quantize(slot).map(StoredWeights::bits).orElse(32);
  }
}
