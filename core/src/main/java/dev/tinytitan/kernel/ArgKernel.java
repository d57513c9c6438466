package dev.tinytitan.kernel;

import dev.tinytitan.op.ArgReduction;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The place of the greatest or least float along an axis; NaN is greater than all numbers. */
final class ArgKernel implements Kernel {
  private final ArgReduction operator;
  private final int outer;
  private final int length;
  private final int inner;

  ArgKernel(KernelRequest request) {
    this.operator = request.operator(ArgReduction.class);
    Shape shape = request.inputShape(0);
    int axis = Shapes.axis(operator.axis(), shape.rank());
    this.outer = shape.sizeBetween(0, axis);
    this.length = shape.dim(axis);
    this.inner = shape.sizeBetween(axis + 1, shape.rank());
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    return request.inputDType(0) == DType.FLOAT32 && request.inputShape(0).size() > 0
        ? Optional.empty()
        : Optional.of("not float32, or no elements");
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    long[] y = Objects.requireNonNull(outputs[0]).longArray();
    for (int i = 0; i < outer * inner; i++) {
      int start = i / inner * length * inner + i % inner;
      float best = x[start];
      int place = 0;
      for (int j = 1; j < length; j++) {
        float each = x[start + j * inner];
        int order = each == best ? 0 : Float.compare(each, best);
        if (operator.isBetter(order) || (order == 0 && operator.selectLastIndex())) {
          best = each;
          place = j;
        }
      }
      y[i] = place;
    }
  }
}
