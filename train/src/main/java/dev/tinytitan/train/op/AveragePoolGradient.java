package dev.tinytitan.train.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * The gradient of an average pooling: each gradient in equal shares to the elements under its
 * window. Input: the gradient of its output, {@code [N, C, spatial…]}. Internal.
 *
 * @param pool the pooling
 * @param shape the shape of its input
 */
public record AveragePoolGradient(AveragePool pool, Shape shape) implements Operator {
  private static final OpSpec SPEC = OpSpec.internal("AveragePoolGradient").build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  /** How many elements share the gradient of a position. */
  public static int count(AveragePool pool, WindowGeometry geometry, int position, int[] offsets) {
    if (pool.countIncludePad()) {
      return geometry.countWithinPadding(position);
    }
    int count = 0;
    for (int offset : offsets) {
      count += offset >= 0 ? 1 : 0;
    }
    return count;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(TensorType.of(context.input(0).dtype(), shape));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor dy = context.input(0);
    WindowGeometry geometry = pool.window().geometry(shape);
    double[] dx = new double[shape.size()];
    int[] offsets = new int[Math.max(1, geometry.kernelSize())];
    int positions = geometry.outputSize();
    for (int position = 0; position < positions; position++) {
      geometry.inputOffsets(position, offsets);
      int count = count(pool, geometry, position, offsets);
      for (int plane = 0; plane < shape.sizeBetween(0, 2); plane++) {
        for (int offset : offsets) {
          if (offset >= 0) {
            dx[plane * geometry.inputSize() + offset] +=
                dy.getDouble(plane * positions + position) / count;
          }
        }
      }
    }
    Doubles.store(dx, context.output(0, dy.dtype(), shape));
  }
}
