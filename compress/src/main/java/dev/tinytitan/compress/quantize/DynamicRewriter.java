package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvInteger;
import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMulInteger;
import dev.tinytitan.op.Mul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a graph whose products run in integers, on activations that are quantized by their own
 * range each time: DynamicQuantizeLinear, MatMulInteger or ConvInteger, Cast, Mul by both scales,
 * Add of the bias. An activation that several products read is quantized once. Other weights are
 * stored small as {@link WeightFormat} says.
 */
final class DynamicRewriter {
  private record Activation(String values, String scale, String zeroPoint) {}

  private final Graph graph;
  private final Selection selection;
  private final WeightFormat format;
  private final GraphDraft draft;
  private final WeightWriter weights;
  private final Map<String, Activation> activations = new HashMap<>();

  private DynamicRewriter(Graph graph, Selection selection, WeightFormat format) {
    this.graph = graph;
    this.selection = selection;
    this.format = format;
    this.draft = new GraphDraft(graph);
    this.weights = new WeightWriter(draft);
  }

  static Rewrite rewrite(Graph graph, Selection selection, WeightFormat format) {
    return new DynamicRewriter(graph, selection, format).rewrite();
  }

  private Rewrite rewrite() {
    Map<String, Rewrite.Result> results = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      List<WeightSlot> slots = selection.slots(node);
      Optional<WeightSlot> product =
          slots.stream().filter(slot -> slot.isProduct(graph)).findFirst();
      boolean small = true;
      if (product.isPresent()) {
        addProduct(product.get());
      } else {
        small = weights.add(node, slots, format);
      }
      if (small) {
        results.put(node.name(), new Rewrite.Result(node.output(), node.output()));
      }
    }
    weights.finish();
    return new Rewrite(draft.build(), results);
  }

  private Activation activation(String value) {
    Activation known = activations.get(value);
    if (known == null) {
      known =
          new Activation(
              draft.fresh(value + "_quantized"),
              draft.fresh(value + "_scale"),
              draft.fresh(value + "_zero_point"));
      draft.add(
          Node.of(
              known.values(),
              new DynamicQuantizeLinear(),
              List.of(value),
              List.of(known.values(), known.scale(), known.zeroPoint())));
      activations.put(value, known);
    }
    return known;
  }

  private void addProduct(WeightSlot slot) {
    Node node = slot.node();
    boolean isConvolution = node.operator() instanceof Conv;
    Activation x = activation(slot.activation());
    List<String> stored = weights.store(slot.constant(), quantize(slot));
    String output = node.output();
    String bias = slot.bias();
    String sums =
        draft.add(
            node.operator() instanceof Conv conv
                ? new ConvInteger(conv.window(), conv.group())
                : new MatMulInteger(),
            List.of(x.values(), stored.get(0), x.zeroPoint()),
            output + "_sums");
    String widened = draft.add(new Cast(DType.FLOAT32), List.of(sums), output + "_cast");
    String weightScale = isConvolution ? perChannel(slot, stored.get(1)) : stored.get(1);
    String scale = draft.add(new Mul(), List.of(x.scale(), weightScale), output + "_scale");
    if (bias.isEmpty()) {
      draft.give(output, new Mul(), List.of(widened, scale), node.name());
      return;
    }
    String scaled = draft.add(new Mul(), List.of(widened, scale), output + "_scaled");
    String addend = isConvolution ? perChannel(slot, bias) : bias;
    draft.give(output, new Add(), List.of(scaled, addend), node.name());
  }

  /** MatMulInteger takes no transposed matrix, so a Gemm's may have to be stored the other way. */
  private ChannelQuantized quantize(WeightSlot slot) {
    ChannelQuantized quantized = format.integer(slot);
    boolean transposed = slot.node().operator() instanceof Gemm gemm && gemm.transB();
    return transposed ? quantized.transposed() : quantized;
  }

  /** A constant with one element per output channel, shaped to be broadcast over a feature map. */
  private String perChannel(WeightSlot slot, String constant) {
    int[] dims = new int[slot.weights().shape().rank() - 1];
    Arrays.fill(dims, 1);
    dims[0] = slot.channels();
    Tensor vector = draft.constant(constant).reshape(Shape.of(dims));
    return draft.constant(constant + "_per_channel", vector);
  }
}
