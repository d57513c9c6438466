package dev.tinytitan.kernel;

import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Layer normalization of contiguous rows with constant scale and bias. */
final class FloatLayerNormalizationKernel implements Kernel {
  private final RowOperations operations;
  private final int rows;
  private final int length;
  private final float epsilon;
  private final float[] scale;
  private final float[] bias;

  FloatLayerNormalizationKernel(VectorOperations operations, KernelRequest request) {
    LayerNormalization operator = request.operator(LayerNormalization.class);
    this.operations = operations.rows();
    this.length = length(request);
    this.rows = request.inputShape(0).size() / length;
    this.epsilon = operator.epsilon();
    this.scale = perElement(request.constant(1).toFloatArray());
    this.bias =
        request.hasInput(2) ? perElement(request.constant(2).toFloatArray()) : new float[length];
  }

  private float[] perElement(float[] given) {
    float[] all = new float[length];
    for (int i = 0; i < length; i++) {
      all[i] = given[given.length == 1 ? 0 : i];
    }
    return all;
  }

  private static int length(KernelRequest request) {
    Shape shape = request.inputShape(0);
    int axis = request.operator(LayerNormalization.class).axis();
    return shape.sizeBetween(Shapes.axis(axis, shape.rank()), shape.rank());
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    for (int i = 1; i < request.node().outputs().size(); i++) {
      if (!request.node().output(i).isEmpty()) {
        return Optional.of("mean or deviation are wanted");
      }
    }
    int length = length(request);
    for (int i = 1; i <= 2; i++) {
      if (request.hasInput(i)) {
        int size = request.inputShape(i).size();
        if (!request.isConstant(i) || (size != 1 && size != length)) {
          return Optional.of("scale or bias is not constant with one number for each element");
        }
      }
    }
    return request.inputShape(0).size() == 0 ? Optional.of("nothing to compute") : Optional.empty();
  }

  @Override
  public boolean reads(int index) {
    return index == 0;
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, Work.ofElements((double) rows * length, 0.3), rows);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    int to = Work.bound(rows, 1, part + 1, parts);
    for (int row = Work.bound(rows, 1, part, parts); row < to; row++) {
      int at = row * length;
      operations.normalize(x, at, scale, bias, epsilon, y, at, length);
    }
  }
}
