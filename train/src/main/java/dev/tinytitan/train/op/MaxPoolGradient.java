package dev.tinytitan.train.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Window;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * The gradient of a maximum pooling: each gradient goes to the first of the greatest elements under
 * its window. Inputs: the gradient of its output, and its input, {@code [N, C, spatial…]}.
 * Internal.
 *
 * @param window the pooling's window
 */
public record MaxPoolGradient(Window window) implements Operator {
  private static final OpSpec SPEC = OpSpec.internal("MaxPoolGradient").inputs(2).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(context.input(1));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor dy = context.input(0);
    Tensor x = context.input(1);
    Shape shape = x.shape();
    WindowGeometry geometry = window.geometry(shape);
    double[] dx = new double[shape.size()];
    int[] offsets = new int[Math.max(1, geometry.kernelSize())];
    int positions = geometry.outputSize();
    for (int plane = 0; plane < shape.sizeBetween(0, 2); plane++) {
      int base = plane * geometry.inputSize();
      for (int position = 0; position < positions; position++) {
        geometry.inputOffsets(position, offsets);
        int best = -1;
        for (int offset : offsets) {
          if (offset >= 0 && (best < 0 || x.getDouble(base + offset) > x.getDouble(base + best))) {
            best = offset;
          }
        }
        if (best >= 0) {
          dx[base + best] += dy.getDouble(plane * positions + position);
        }
      }
    }
    Doubles.store(dx, context.output(0, dy.dtype(), shape));
  }
}
