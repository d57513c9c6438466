package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A {@link FusedMatMul} whose matrix is stored in integers of 8 or 4 bits and dequantized on the
 * way, so that a model with narrow weights takes no more memory when it runs. Inputs: those of the
 * product (a, the integers {@code [K, N]} or transposed, optionally bias and residual), then the
 * scales and optionally the zero points as {@link DequantizeLinear} takes them. Internal.
 *
 * @param weights how the integers become floats
 * @param product what is computed with these
 */
public record DequantizedMatMul(DequantizeLinear weights, FusedMatMul product) implements Operator {
  /** The place of the scales among the inputs. */
  public static final int SCALE = 4;

  /** The place of the zero points. */
  public static final int ZERO_POINT = 5;

  static final OpSpec SPEC = OpSpec.internal("DequantizedMatMul").inputs(5, 6).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes attributes = product.attributes();
    for (String name : weights.attributes().names()) {
      attributes = attributes.with(name, weights.attributes().get(name).orElseThrow());
    }
    return attributes;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return product.infer(context);
  }

  @Override
  public void eval(EvalContext context) {
    List<@Nullable Tensor> factors = inputs(context, 1, SCALE, ZERO_POINT);
    Tensor matrix = eval(weights, factors);
    List<@Nullable Tensor> others = inputs(context, 0, 1, 2, 3);
    others.set(1, matrix);
    context.setOutput(0, eval(product, others));
  }

  private static List<@Nullable Tensor> inputs(EvalContext context, int... places) {
    List<@Nullable Tensor> inputs = new ArrayList<>();
    for (int place : places) {
      inputs.add(context.hasInput(place) ? context.input(place) : null);
    }
    return inputs;
  }

  private static Tensor eval(Operator operator, List<@Nullable Tensor> inputs) {
    String[] names = new String[inputs.size()];
    Arrays.setAll(names, i -> inputs.get(i) == null ? "" : "input" + i);
    Node node = Node.of("part", operator, List.of(names), List.of("result"));
    return Objects.requireNonNull(Interpreter.eval(node, inputs).get(0));
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return product.cost(inputs, outputs);
  }
}
