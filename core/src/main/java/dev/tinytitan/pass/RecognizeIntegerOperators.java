package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.IntegerAdd;
import dev.tinytitan.op.IntegerAveragePool;
import dev.tinytitan.op.IntegerConv;
import dev.tinytitan.op.IntegerGlobalAveragePool;
import dev.tinytitan.op.IntegerLookup;
import dev.tinytitan.op.IntegerMatMul;
import dev.tinytitan.op.IntegerMul;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Quantized;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.UnaryOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes integer operators in groups of DequantizeLinear → operator → (Relu or Clip) →
 * QuantizeLinear, as docs/numerics.md defines their meaning: semantics, not an optimization. The
 * activations have one scale for the whole tensor; the weights of Conv, MatMul and Gemm may have
 * one for each output channel. What somebody reads between the operator and QuantizeLinear keeps
 * the group in floats. DequantizeLinear of a weight next to a float activation is no such group:
 * there only storage is narrow.
 *
 * <p>A bias is either int32 behind a DequantizeLinear with the scale of the sums (input scale times
 * weight scale), and taken as it is; or a float constant of which every element is exactly a
 * multiple of that scale. Any other bias would have to be rounded, which is not what the model
 * says: such a group stays in floats.
 */
public record RecognizeIntegerOperators() implements Pass.OfNodes {
  @Override
  public String name() {
    return "recognize-integer-operators";
  }

  @Override
  public String description() {
    return "Recognizes integer operators between DequantizeLinear and QuantizeLinear.";
  }

  /** A tensor of integers and what they stand for. */
  private record Operand(String value, QuantizationGrid grid) {}

  /** What a group comes to: the nodes that go and the result's grid, cut by an activation. */
  private record Group(
      Scope scope,
      Node core,
      List<Node> removed,
      QuantizationGrid grid,
      QuantizedOutput output,
      String result) {

    GraphPatch.Builder patch() {
      GraphPatch.Builder patch = GraphPatch.builder();
      for (Node node : removed) {
        patch.remove(node);
      }
      return patch;
    }

    Node node(Operator operator, List<String> inputs) {
      return Node.of(core.name(), operator, inputs, List.of(result));
    }
  }

  @Override
  public Set<String> startsAt() {
    return Set.of("QuantizeLinear");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    QuantizationGrid grid = QuantizationGrid.ofOutput(scope, node).orElse(null);
    if (grid == null) {
      return Optional.empty();
    }
    Node above = scope.graph().producer(node.input(0)).orElse(null);
    if (above == null) {
      return Optional.empty();
    }
    QuantizedOutput output = QuantizedOutput.of(grid.dtype(), grid.zeroPoint());
    if (above.operator() instanceof DequantizeLinear) {
      return requantize(scope, node, grid, output);
    }
    if (!scope.isReadOnce(above.output())) {
      return Optional.empty();
    }
    Group plain = new Group(scope, above, List.of(above, node), grid, output, node.output());
    Activation.Clip range = range(scope, above);
    if (range != null) {
      Node core = scope.graph().producer(above.input(0)).orElse(null);
      if (core != null && !(core.operator() instanceof DequantizeLinear)) {
        return scope.isReadOnce(core.output())
            ? recognize(
                new Group(
                    scope,
                    core,
                    List.of(core, above, node),
                    grid,
                    output.clip(range, grid.scale()),
                    node.output()))
            : Optional.empty();
      }
      return lookup(plain, range::apply);
    }
    return recognize(plain);
  }

  /** The range that a node cuts its input to; null if it is no such node. */
  private static Activation.@Nullable Clip range(Scope scope, Node node) {
    if (node.operator() instanceof Relu) {
      return new Activation.Clip(0, Float.POSITIVE_INFINITY);
    }
    return node.operator() instanceof Clip ? FuseActivations.range(scope, node) : null;
  }

  private static Optional<GraphPatch> recognize(Group group) {
    // By name: a switch over classes would load them all while a small model starts.
    Operator operator = group.core.operator();
    return switch (operator.spec().name()) {
      case "Conv" -> convolution(group, (Conv) operator);
      case "Gemm" -> gemm(group, (Gemm) operator);
      case "MatMul" -> product(group, group.core, null, false);
      case "Add" -> add(group);
      case "Mul" -> multiply(group);
      case "AveragePool" -> averagePool(group, (AveragePool) operator);
      case "GlobalAveragePool" -> globalAveragePool(group);
      case "Concat" -> concat(group);
      default ->
          operator instanceof UnaryOperator unary ? lookup(group, unary::apply) : Optional.empty();
    };
  }

  private static @Nullable Operand operand(Scope scope, String value) {
    Node dequantize = scope.producer(value, DequantizeLinear.class).orElse(null);
    QuantizationGrid grid =
        dequantize == null ? null : QuantizationGrid.ofInput(scope, dequantize).orElse(null);
    return dequantize == null || grid == null ? null : new Operand(dequantize.input(0), grid);
  }

  private static Optional<GraphPatch> convolution(Group group, Conv conv) {
    Scope scope = group.scope;
    Operand x = operand(scope, group.core.input(0));
    QuantizedWeights w = QuantizedWeights.of(scope, group.core.input(1), 0).orElse(null);
    if (x == null || w == null) {
      return Optional.empty();
    }
    GraphPatch.Builder patch = group.patch();
    List<String> inputs =
        w.inputs(scope, patch, group.core, x.value, x.grid, group.grid, group.core.input(2));
    Operator operator =
        new IntegerConv(conv.window(), conv.group(), x.grid.zeroPoint(), group.output);
    return inputs == null
        ? Optional.empty()
        : Optional.of(patch.add(group.node(operator, inputs)).build());
  }

  private static Optional<GraphPatch> gemm(Group group, Gemm gemm) {
    if (gemm.alpha() != 1 || gemm.transA() || (group.core.hasInput(2) && gemm.beta() != 1)) {
      return Optional.empty();
    }
    return product(group, group.core, group.core.input(2), gemm.transB());
  }

  private static Optional<GraphPatch> product(
      Group group, Node product, @Nullable String bias, boolean transB) {
    Scope scope = group.scope;
    Operand a = operand(scope, product.input(0));
    int rank = scope.rank(product.input(1));
    int channels = transB ? 0 : rank - 1;
    QuantizedWeights b =
        QuantizedWeights.of(scope, product.input(1), rank == 2 ? channels : -1).orElse(null);
    if (a == null || b == null) {
      return Optional.empty();
    }
    GraphPatch.Builder patch = group.patch();
    List<String> inputs =
        b.inputs(scope, patch, product, a.value, a.grid, group.grid, bias == null ? "" : bias);
    return inputs == null
        ? Optional.empty()
        : Optional.of(
            patch
                .add(
                    group.node(new IntegerMatMul(transB, a.grid.zeroPoint(), group.output), inputs))
                .build());
  }

  private static Optional<GraphPatch> add(Group group) {
    Scope scope = group.scope;
    Operand a = operand(scope, group.core.input(0));
    Operand b = operand(scope, group.core.input(1));
    if (a == null || b == null) {
      return biasedProduct(group);
    }
    float scale = group.grid.scale();
    Operator operator =
        new IntegerAdd(
            a.grid.scale() / scale,
            a.grid.zeroPoint(),
            b.grid.scale() / scale,
            b.grid.zeroPoint(),
            group.output);
    return Optional.of(group.patch().add(group.node(operator, List.of(a.value, b.value))).build());
  }

  /** MatMul → Add of a bias is what Gemm is for more than two dimensions. */
  private static Optional<GraphPatch> biasedProduct(Group group) {
    for (int i = 0; i < 2; i++) {
      Node product = group.scope.soleProducer(group.core.input(i), MatMul.class).orElse(null);
      int rank = product == null ? -1 : group.scope.rank(product.output());
      if (product != null && rank >= 0 && rank == group.scope.rank(group.core.output())) {
        List<Node> removed = new ArrayList<>(group.removed);
        removed.add(product);
        Group wider =
            new Group(group.scope, group.core, removed, group.grid, group.output, group.result);
        return product(wider, product, group.core.input(1 - i), false);
      }
    }
    return Optional.empty();
  }

  private static Optional<GraphPatch> multiply(Group group) {
    Operand a = operand(group.scope, group.core.input(0));
    Operand b = operand(group.scope, group.core.input(1));
    if (a == null || b == null) {
      return Optional.empty();
    }
    Operator operator =
        new IntegerMul(
            Quantized.multiplier(a.grid.scale(), b.grid.scale(), group.grid.scale()),
            a.grid.zeroPoint(),
            b.grid.zeroPoint(),
            group.output);
    return Optional.of(group.patch().add(group.node(operator, List.of(a.value, b.value))).build());
  }

  private static Optional<GraphPatch> averagePool(Group group, AveragePool pool) {
    Operand x = operand(group.scope, group.core.input(0));
    if (x == null) {
      return Optional.empty();
    }
    Operator operator =
        new IntegerAveragePool(
            pool.window(),
            pool.countIncludePad(),
            x.grid.scale(),
            x.grid.zeroPoint(),
            group.grid.scale(),
            group.output);
    return Optional.of(group.patch().add(group.node(operator, List.of(x.value))).build());
  }

  private static Optional<GraphPatch> globalAveragePool(Group group) {
    Operand x = operand(group.scope, group.core.input(0));
    if (x == null) {
      return Optional.empty();
    }
    Operator operator =
        new IntegerGlobalAveragePool(
            x.grid.scale(), x.grid.zeroPoint(), group.grid.scale(), group.output);
    return Optional.of(group.patch().add(group.node(operator, List.of(x.value))).build());
  }

  /** Every input is brought to the result's scale where it has another, then joined as it is. */
  private static Optional<GraphPatch> concat(Group group) {
    Scope scope = group.scope;
    GraphPatch.Builder patch = group.patch();
    List<String> inputs = new ArrayList<>();
    boolean cut =
        !group.output.equals(QuantizedOutput.of(group.grid.dtype(), group.grid.zeroPoint()));
    for (String input : group.core.inputs()) {
      Operand x = operand(scope, input);
      if (x == null) {
        return Optional.empty();
      }
      if (x.grid.equals(group.grid) && !cut) {
        inputs.add(x.value);
        continue;
      }
      String scaled = scope.fresh(input + "_requantized");
      addLookup(scope, patch, scaled, x, group, value -> value, scaled);
      inputs.add(scaled);
    }
    return Optional.of(patch.add(group.node(group.core.operator(), inputs)).build());
  }

  private static Optional<GraphPatch> lookup(Group group, IntegerLookup.FloatFunction function) {
    Operand x = operand(group.scope, group.core.input(0));
    if (x == null) {
      return Optional.empty();
    }
    GraphPatch.Builder patch = group.patch();
    addLookup(group.scope, patch, group.core.name(), x, group, function, group.result);
    return Optional.of(patch.build());
  }

  private static Optional<GraphPatch> requantize(
      Scope scope, Node node, QuantizationGrid grid, QuantizedOutput output) {
    Operand x = operand(scope, node.input(0));
    if (x == null) {
      return Optional.empty();
    }
    if (x.grid.equals(grid)) {
      return Optional.of(GraphPatch.builder().remove(node).rename(node.output(), x.value).build());
    }
    Group group = new Group(scope, node, List.of(node), grid, output, node.output());
    GraphPatch.Builder patch = group.patch();
    addLookup(scope, patch, node.name(), x, group, value -> value, node.output());
    return Optional.of(patch.build());
  }

  private static void addLookup(
      Scope scope,
      GraphPatch.Builder patch,
      String name,
      Operand x,
      Group group,
      IntegerLookup.FloatFunction function,
      String result) {
    String table = scope.fresh(result + "_table");
    patch.initializer(
        table,
        IntegerLookup.table(
            x.grid.dtype(),
            x.grid.scale(),
            x.grid.zeroPoint(),
            function,
            group.grid.scale(),
            group.output));
    patch.add(Node.of(name, new IntegerLookup(), List.of(x.value, table), List.of(result)));
  }
}
