package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of an operator that only moves elements (Gather, Tile, Pad…): each gradient is added
 * to the element it came from. Inputs: the gradient of the moved elements, then the operator's
 * inputs from its second on (indices, sizes…). Internal.
 *
 * @param movement the operator; its first input is what it moves
 * @param shape the shape of what it moves
 * @param output which of its outputs
 * @param outputs how many outputs it has
 */
public record MovementGradient(Operator movement, Shape shape, int output, int outputs)
    implements Operator {
  static final OpSpec SPEC =
      OpSpec.internal("MovementGradient").inputs(1, Integer.MAX_VALUE).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(TensorType.of(context.input(0).dtype(), shape));
  }

  @Override
  public void eval(EvalContext context) {
    List<@Nullable Tensor> others = new ArrayList<>();
    for (int i = 1; i < context.inputCount(); i++) {
      others.add(context.hasInput(i) ? context.input(i) : null);
    }
    int[] origins = origins(others);
    Tensor dy = context.input(0);
    double[] dx = new double[shape.size()];
    for (int i = 0; i < origins.length; i++) {
      if (origins[i] >= 0) {
        dx[origins[i]] += dy.getDouble(i);
      }
    }
    Elements.store(dx, context.output(0, dy.dtype(), shape));
  }

  /**
   * For each moved element, which element of the operator's input it is; -1 for one that is none of
   * them.
   *
   * @param others the operator's inputs from its second on; null for one left out
   */
  public int[] origins(List<@Nullable Tensor> others) {
    Tensor numbers = Tensor.zeros(DType.INT64, shape);
    for (int i = 0; i < shape.size(); i++) {
      numbers.setLong(i, i + 1L);
    }
    List<@Nullable Tensor> arguments = new ArrayList<>();
    arguments.add(numbers);
    List<String> names = new ArrayList<>();
    names.add("numbers");
    for (Tensor other : others) {
      // What is filled in beside the moved elements (the constant of a Pad) counts as 0.
      boolean moved = other == null || other.dtype().isFloat();
      arguments.add(moved ? null : other);
      names.add(moved ? "" : "input" + names.size());
    }
    List<String> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add("output" + i);
    }
    Tensor moved =
        Objects.requireNonNull(
            Interpreter.eval(Node.of("movement", movement, names, results), arguments).get(output));
    int[] origins = new int[moved.size()];
    for (int i = 0; i < origins.length; i++) {
      origins[i] = moved.getInt(i) - 1;
    }
    return origins;
  }
}
