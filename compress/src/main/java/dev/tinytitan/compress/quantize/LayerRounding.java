package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.Progress;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.internal.ObservedModel;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.compress.math.HessianAccumulator;
import dev.tinytitan.compress.math.LayerInput;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphRewriter;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rounds the weights of a graph layer by layer, in order, so that each layer's outputs stay near
 * those of the float graph. A layer is shown what it gets when the layers before it are quantized
 * already, and so makes up for what they leave; where it has a bias, that takes the mean of the
 * error.
 *
 * <p>For a layer with weights {@code W} that reads {@code x} in the float graph and {@code x'} in
 * the quantized one, the weights that would be best are {@code T = W E[x x'ᵀ] H⁻¹}, with {@code H =
 * E[x' x'ᵀ]}, both a little damped; the target of {@link RoundingProblem} lies halfway there.
 */
final class LayerRounding {
  /** Samples that layers are shown. */
  private static final int MOST_SAMPLES = 128;

  /** Rows that are gathered for a layer: at least so many, and so many for each weight of a row. */
  private static final int ROWS = 4096;

  private static final int ROWS_FOR_EACH = 10;

  /** How often scales and levels are fitted to each other in turn. */
  private static final int FITS = 3;

  /** A whole graph in the state so far. */
  interface Quantize {
    Graph quantize(WeightFormat format, Map<String, Bias> biases);
  }

  /**
   * A bias that goes with the rounded weights of a layer.
   *
   * @param name of the constant
   */
  record Bias(String name, Tensor tensor) {}

  /**
   * What was found.
   *
   * @param biases by the constant of the weights that each goes with
   */
  record Result(WeightFormat format, Map<String, Bias> biases) {}

  private final Graph graph;
  private final ModelInfo info;
  private final Samples samples;
  private final QuantizationOptions options;
  private final boolean inIntegers;
  private final Progress progress;

  /**
   * @param graph in floats
   * @param inIntegers whether products are to run in integers
   */
  LayerRounding(
      Graph graph,
      ModelInfo info,
      Samples samples,
      QuantizationOptions options,
      boolean inIntegers,
      Progress progress) {
    this.graph = graph;
    this.info = info;
    this.samples = samples.first(MOST_SAMPLES);
    this.options = options;
    this.inIntegers = inIntegers;
    this.progress = progress;
  }

  /** The layers that can be rounded so: products whose weights nobody else reads. */
  static Map<String, List<WeightSlot>> byActivation(Graph graph, Selection selection) {
    Map<String, List<WeightSlot>> layers = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      for (WeightSlot slot : selection.slots(node)) {
        if (slot.isProduct(graph) && graph.consumers(slot.constant()).size() == 1) {
          layers.computeIfAbsent(slot.activation(), key -> new ArrayList<>()).add(slot);
        }
      }
    }
    return layers;
  }

  /** Hears of one layer that was rounded while all others stayed. */
  interface Visitor {
    void rounded(WeightSlot slot, int bits, Result result);
  }

  /**
   * Rounds each layer alone, in several numbers of bits.
   *
   * @param nearest what all other layers have
   */
  void alone(
      Selection selection,
      WeightFormat nearest,
      List<Integer> bits,
      Quantize quantize,
      Visitor visitor) {
    Graph current = quantize.quantize(nearest, Map.of());
    byActivation(graph, selection)
        .forEach((activation, slots) -> {
          Map<LayerInput, HessianAccumulator> moments = observe(activation, slots, current);
          for (WeightSlot slot : slots) {
            for (int number : bits) {
              WeightFormat format = nearest.withBits(Map.of(slot.node().name(), number));
              Map<String, Bias> biases = new LinkedHashMap<>();
              visitor.rounded(
                  slot, number, new Result(round(slot, moments, format, biases), biases));
            }
          }
        });
  }

  Result run(Selection selection, WeightFormat nearest, Quantize quantize) {
    Map<String, List<WeightSlot>> layers = byActivation(graph, selection);
    WeightFormat format = nearest;
    Map<String, Bias> biases = new LinkedHashMap<>();
    int done = 0;
    for (Map.Entry<String, List<WeightSlot>> layer : layers.entrySet()) {
      Graph current = quantize.quantize(format, biases);
      Map<LayerInput, HessianAccumulator> moments =
          observe(layer.getKey(), layer.getValue(), current);
      for (WeightSlot slot : layer.getValue()) {
        format = round(slot, moments, format, biases);
      }
      progress.report("round weights", ++done, layers.size());
    }
    return new Result(format, biases);
  }

  /** A format with one more layer rounded, whose bias is added. */
  private WeightFormat round(
      WeightSlot slot,
      Map<LayerInput, HessianAccumulator> moments,
      WeightFormat format,
      Map<String, Bias> biases) {
    String bias = options.correctBias() == Toggle.OFF ? "" : BiasCorrection.bias(graph, slot);
    LayerFit fit =
        new LayerFit(slot, Objects.requireNonNull(moments.get(input(slot))), !bias.isEmpty());
    StoredWeights rounded = round(fit, format);
    if (rounded == null) {
      return format;
    }
    if (!bias.isEmpty()) {
      Tensor old = graph.constant(bias).orElseThrow();
      biases.put(slot.constant(), new Bias(bias, fit.bias(old, rounded.dequantize())));
    }
    return format.withLearned(slot.constant(), rounded);
  }

  private static LayerInput input(WeightSlot slot) {
    return LayerInput.of(slot.node().operator(), slot.weights().shape());
  }

  /** What the layers that read an activation see of it in both graphs. */
  private Map<LayerInput, HessianAccumulator> observe(
      String activation, List<WeightSlot> slots, Graph current) {
    Map<LayerInput, HessianAccumulator> moments = new HashMap<>();
    for (WeightSlot slot : slots) {
      LayerInput input = input(slot);
      int rows = Math.max(ROWS, ROWS_FOR_EACH * input.width());
      moments.computeIfAbsent(
          input, key -> new HessianAccumulator(key, Math.ceilDiv(rows, samples.size())));
    }
    String actual = actual(slots.get(0), current);
    try (ObservedModel before = above(graph, activation);
        ObservedModel now = above(current, actual)) {
      for (int i = 0; i < samples.size(); i++) {
        Sample sample = samples.get(i);
        Tensor original = Objects.requireNonNull(before.run(sample, i).get(activation));
        Tensor changed = Objects.requireNonNull(now.run(sample, i).get(actual));
        moments.values().forEach(sums -> sums.add(original, changed));
      }
    }
    return moments;
  }

  /** The name in the quantized graph of what a layer reads. */
  private static String actual(WeightSlot slot, Graph current) {
    return current.nodes().stream()
        .filter(node ->
            node.name().equals(slot.node().name())
                && node.operator().equals(slot.node().operator()))
        .map(node -> node.input(0))
        .findFirst()
        .orElse(slot.activation());
  }

  /** The part of a graph that gives a value. */
  private ObservedModel above(Graph whole, String value) {
    Graph part =
        GraphRewriter.dropUnused(whole.toBuilder().outputs(List.of(Value.of(value, null))).build());
    return ObservedModel.open(part, info, List.of(), options.threads());
  }

  private @Nullable StoredWeights round(LayerFit fit, WeightFormat format) {
    GridWeights start =
        format.nearest(fit.slot(), inIntegers, fit.target(), fit.importance()).orElse(null);
    if (start == null) {
      return null;
    }
    List<RoundingProblem> problems = fit.problems(start);
    for (RoundingProblem problem : problems) {
      round(problem, start instanceof ChannelQuantized);
    }
    return fit.store(start, problems);
  }

  private void round(RoundingProblem problem, boolean oneScale) {
    int[][] nearest = copy(problem.levels());
    double[] errors = errors(problem);
    if (options.rounding() == Rounding.GPTQ) {
      Gptq.round(problem);
    } else {
      AdaRound.round(problem);
    }
    for (int row = 0; row < problem.rows(); row++) {
      if (problem.error(row) > errors[row]) {
        System.arraycopy(nearest[row], 0, problem.levels()[row], 0, problem.width());
      }
    }
    CoordinateDescent.improve(problem);
    for (int i = 0; i < FITS && oneScale; i++) {
      problem.fitScales();
      CoordinateDescent.improve(problem);
    }
  }

  private static int[][] copy(int[][] levels) {
    int[][] copy = new int[levels.length][];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = levels[i].clone();
    }
    return copy;
  }

  private static double[] errors(RoundingProblem problem) {
    double[] errors = new double[problem.rows()];
    for (int row = 0; row < errors.length; row++) {
      errors[row] = problem.error(row);
    }
    return errors;
  }
}
