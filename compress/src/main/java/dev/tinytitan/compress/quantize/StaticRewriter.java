package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Writes a graph in QDQ form by a {@link StaticPlan}: QuantizeLinear and DequantizeLinear around
 * each integer node, weights in 8 bits or fewer, biases in int32. Weights outside the plan are
 * stored small too, as {@link WeightFormat} says.
 */
final class StaticRewriter {
  /** Biases stay well inside of int32, so that sums do too. */
  private static final double GREATEST_BIAS = 1 << 30;

  private final Graph graph;
  private final Selection selection;
  private final StaticPlan plan;
  private final WeightFormat format;
  private final Map<String, Range> ranges;
  private final GraphDraft draft;
  private final WeightWriter weights;
  private final Map<String, List<String>> scales = new HashMap<>();
  private final Map<String, String> dequantized = new HashMap<>();
  private final Map<String, String> raw = new HashMap<>();

  /**
   * @param ranges of all values that the plan observes
   */
  StaticRewriter(
      Graph graph,
      Selection selection,
      StaticPlan plan,
      WeightFormat format,
      Map<String, Range> ranges) {
    this.graph = graph;
    this.selection = selection;
    this.plan = plan;
    this.format = format;
    this.ranges = ranges;
    this.draft = new GraphDraft(graph);
    this.weights = new WeightWriter(draft);
  }

  Rewrite rewrite() {
    for (Value output : graph.outputs()) {
      if (plan.isInteger(output.name())) {
        raw.put(output.name(), draft.fresh(output.name() + "_float"));
      }
    }
    for (Node node : graph.nodes()) {
      Node rewired = rewire(node);
      Optional<WeightSlot> product = plan.product(node);
      if (product.isPresent()) {
        draft.add(withIntegerWeights(product.get(), rewired));
      } else {
        weights.add(rewired, selection.slots(node), format);
      }
    }
    raw.keySet().forEach(this::dequantized);
    weights.finish();
    Map<String, Rewrite.Result> results = new LinkedHashMap<>();
    plan.results()
        .forEach((node, value) ->
            results.put(
                node.name(), new Rewrite.Result(value, dequantized.getOrDefault(value, value))));
    return new Rewrite(draft.build(), results);
  }

  private Node rewire(Node node) {
    List<String> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      inputs.add(plan.readsQuantized(node, input) ? dequantized(input) : raw(input));
    }
    return node.withInputs(inputs).withOutputs(node.outputs().stream().map(this::raw).toList());
  }

  private String raw(String value) {
    return raw.getOrDefault(value, value);
  }

  /** The value after quantization and back, made on first use. */
  private String dequantized(String value) {
    String known = dequantized.get(value);
    if (known != null) {
      return known;
    }
    List<String> parameters = scale(plan.root(value));
    String stored = draft.add(new QuantizeLinear(1), with(raw(value), parameters), value + "_q");
    List<String> inputs = with(stored, parameters);
    String result;
    if (raw.containsKey(value)) {
      // An output of the graph keeps its name.
      draft.give(value, new DequantizeLinear(1), inputs, value + "_dq");
      result = value;
    } else {
      result = draft.add(new DequantizeLinear(1), inputs, value + "_dq");
    }
    dequantized.put(value, result);
    return result;
  }

  private static List<String> with(String first, List<String> rest) {
    List<String> all = new ArrayList<>();
    all.add(first);
    all.addAll(rest);
    return all;
  }

  private List<String> scale(String root) {
    return scales.computeIfAbsent(
        root,
        key -> {
          ActivationScale scale = activationScale(root);
          Tensor zeroPoint =
              Tensor.ofUnsigned(new byte[] {(byte) scale.zeroPoint()}).reshape(Shape.scalar());
          return List.of(
              draft.constant(root + "_scale", Tensor.scalar(scale.scale())),
              draft.constant(root + "_zero_point", zeroPoint));
        });
  }

  private ActivationScale activationScale(String root) {
    return ActivationScale.of(Objects.requireNonNull(ranges.get(root)));
  }

  private Node withIntegerWeights(WeightSlot slot, Node node) {
    float inputScale = activationScale(plan.root(slot.activation())).scale();
    String bias = slot.bias();
    float[] biases =
        bias.isEmpty()
            ? new float[0]
            : Objects.requireNonNull(graph.initializers().get(bias)).toFloatArray();
    float[] least = new float[slot.channels()];
    for (int i = 0; i < biases.length; i++) {
      least[i] = (float) (Math.abs(biases[i]) / (inputScale * GREATEST_BIAS));
    }
    ChannelQuantized quantized = format.integer(slot).atLeast(least, slot.weights());
    Node result = node.withInput(slot.input(), weights.dequantized(slot.constant(), quantized));
    return bias.isEmpty()
        ? result
        : result.withInput(2, integerBias(bias, biases, inputScale, quantized.scales()));
  }

  /** A bias in steps of input scale times weight scale, which the integer sum is in. */
  private String integerBias(String name, float[] biases, float inputScale, Tensor weightScales) {
    float[] steps = new float[biases.length];
    int[] values = new int[biases.length];
    for (int i = 0; i < biases.length; i++) {
      steps[i] = inputScale * weightScales.getFloat(i);
      values[i] = (int) Math.rint((double) biases[i] / steps[i]);
    }
    return draft.add(
        new DequantizeLinear(0),
        List.of(
            draft.constant(name + "_quantized", Tensor.of(values)),
            draft.constant(name + "_scale", Tensor.of(steps))),
        name + "_dq");
  }
}
