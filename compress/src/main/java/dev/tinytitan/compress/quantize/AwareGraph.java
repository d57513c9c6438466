package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.FakeQuantize;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A float graph that computes what its quantized form will, up to the rounding of biases: the
 * values that a {@link StaticPlan} quantizes, and the weights of its products, pass through {@link
 * FakeQuantize}. What training makes of the graph becomes the quantized form.
 */
final class AwareGraph {
  private final Graph source;
  private final StaticPlan plan;
  private final WeightFormat format;
  private final Map<String, Range> ranges;
  private final GraphDraft draft;
  private final Map<String, String> quantized = new HashMap<>();
  private final Map<String, String> raw = new HashMap<>();
  private final Map<String, Steps> activationSteps = new LinkedHashMap<>();
  private final Map<String, Steps> weightSteps = new LinkedHashMap<>();
  private final Graph graph;

  /**
   * The steps of one activation or weight.
   *
   * @param relative the learned constant
   * @param base what it is multiplied by
   * @param zeroPoint of an activation
   */
  private record Steps(String relative, Tensor base, int zeroPoint) {}

  /**
   * @param ranges of all values that the plan observes
   */
  AwareGraph(Graph source, StaticPlan plan, WeightFormat format, Map<String, Range> ranges) {
    this.source = source;
    this.plan = plan;
    this.format = format;
    this.ranges = ranges;
    this.draft = new GraphDraft(source);
    for (Value output : source.outputs()) {
      if (plan.isInteger(output.name()) && isRoot(output.name())) {
        raw.put(output.name(), draft.fresh(output.name() + "_float"));
      }
    }
    for (Node node : source.nodes()) {
      Node rewired = rewire(node);
      Optional<WeightSlot> product = plan.product(node);
      draft.add(
          product.map(slot -> rewired.withInput(slot.input(), weights(slot))).orElse(rewired));
    }
    raw.keySet().forEach(this::quantized);
    this.graph = draft.build();
  }

  /** The graph to train. */
  Graph graph() {
    return graph;
  }

  private boolean isRoot(String value) {
    return plan.root(value).equals(value);
  }

  private Node rewire(Node node) {
    List<String> inputs = new ArrayList<>();
    for (String input : node.inputs()) {
      inputs.add(plan.readsQuantized(node, input) ? quantized(input) : raw(input));
    }
    return node.withInputs(inputs).withOutputs(node.outputs().stream().map(this::raw).toList());
  }

  private String raw(String value) {
    return raw.getOrDefault(value, value);
  }

  /** The value rounded to its levels; one that was only moved lies on them already. */
  private String quantized(String value) {
    if (!isRoot(value)) {
      return value;
    }
    String known = quantized.get(value);
    if (known != null) {
      return known;
    }
    ActivationScale scale = ActivationScale.of(Objects.requireNonNull(ranges.get(value)));
    Tensor base = Tensor.of(new float[] {scale.scale()});
    Steps steps = steps(value, base, scale.zeroPoint());
    activationSteps.put(value, steps);
    FakeQuantize operator =
        new FakeQuantize(-scale.zeroPoint(), ActivationScale.LEVELS - 1 - scale.zeroPoint(), 0);
    List<String> inputs = inputs(raw(value), steps);
    String result;
    if (raw.containsKey(value)) {
      // An output of the graph keeps its name.
      draft.give(value, operator, inputs, value + "_rounded");
      result = value;
    } else {
      result = draft.add(operator, inputs, value + "_rounded");
    }
    quantized.put(value, result);
    return result;
  }

  private String weights(WeightSlot slot) {
    return quantized.computeIfAbsent(
        slot.constant(),
        constant -> {
          ChannelQuantized rounded = format.integer(slot);
          Steps steps = steps(constant, rounded.scales(), 0);
          weightSteps.put(constant, steps);
          FakeQuantize operator =
              new FakeQuantize(rounded.lowest(), rounded.highest(), rounded.axis());
          return draft.add(operator, inputs(constant, steps), constant + "_rounded");
        });
  }

  private Steps steps(String value, Tensor base, int zeroPoint) {
    float[] ones = new float[base.size()];
    Arrays.fill(ones, 1f);
    return new Steps(draft.constant(value + "_step", Tensor.of(ones)), base, zeroPoint);
  }

  private List<String> inputs(String value, Steps steps) {
    return List.of(
        value, steps.relative(), draft.constant(steps.relative() + "_base", steps.base()));
  }

  // After training.

  private static float[] learned(Graph trained, Steps steps) {
    float[] relative = constant(trained, steps.relative()).toFloatArray();
    float[] result = new float[relative.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = FakeQuantize.step(relative[i], steps.base().getFloat(i));
    }
    return result;
  }

  private static Tensor constant(Graph graph, String name) {
    return Objects.requireNonNull(graph.initializers().get(name), name);
  }

  /**
   * The float graph with the parameters that training found.
   *
   * @param trained {@link #graph} with other initializers
   */
  Graph source(Graph trained) {
    Map<String, Tensor> initializers = new LinkedHashMap<>(source.initializers());
    initializers.replaceAll((name, tensor) -> trained.initializers().getOrDefault(name, tensor));
    return source.toBuilder().initializers(initializers).build();
  }

  /** The ranges of activations that training found; those of all others are as they were. */
  Map<String, Range> ranges(Graph trained) {
    Map<String, Range> result = new LinkedHashMap<>(ranges);
    activationSteps.forEach((value, steps) -> {
      double step = learned(trained, steps)[0];
      int high = ActivationScale.LEVELS - 1 - steps.zeroPoint();
      result.put(value, Range.of(-steps.zeroPoint() * step, high * step));
    });
    return result;
  }

  /** The weights of products as training left them, on the grids that it found. */
  WeightFormat format(Graph trained) {
    WeightFormat result = format;
    for (Node node : source.nodes()) {
      Optional<WeightSlot> product = plan.product(node);
      if (product.isPresent()) {
        String constant = product.get().constant();
        Steps steps = Objects.requireNonNull(weightSteps.get(constant));
        ChannelQuantized before = format.integer(product.get());
        result =
            result.withLearned(
                constant, before.nearest(constant(trained, constant), learned(trained, steps)));
      }
    }
    return result;
  }
}
