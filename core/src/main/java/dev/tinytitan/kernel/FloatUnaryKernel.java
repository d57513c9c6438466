package dev.tinytitan.kernel;

import dev.tinytitan.op.UnaryOperator;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A function of each element: with vectors where the engine has it so, else one by one. */
final class FloatUnaryKernel implements Kernel {
  private static final double NANOS_OF_VECTOR_FUNCTION = 0.3;
  private static final double NANOS_OF_SCALAR_FUNCTION = 10;

  private final ElementOperations operations;
  private final @Nullable ElementFunction function;
  private final @Nullable UnaryOperator operator;
  private final int size;

  private FloatUnaryKernel(
      ElementOperations operations,
      @Nullable ElementFunction function,
      @Nullable UnaryOperator operator,
      int size) {
    this.operations = operations;
    this.function = function;
    this.operator = operator;
    this.size = size;
  }

  /** For an element-wise operator. */
  static Kernel of(VectorOperations operations, KernelRequest request) {
    UnaryOperator operator = request.operator(UnaryOperator.class);
    return new FloatUnaryKernel(
        operations.elements(),
        ElementFunction.of(operator).orElse(null),
        operator,
        request.outputShape(0).size());
  }

  /** For a function that the request's operator stands for. */
  static Kernel of(VectorOperations operations, ElementFunction function, KernelRequest request) {
    return new FloatUnaryKernel(
        operations.elements(), function, null, request.outputShape(0).size());
  }

  @Override
  public boolean reads(int index) {
    return index == 0;
  }

  @Override
  public int parts(int threads) {
    double each = function == null ? NANOS_OF_SCALAR_FUNCTION : NANOS_OF_VECTOR_FUNCTION;
    return Work.parts(threads, Work.ofElements(size, each), size);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    int from = Work.bound(size, 16, part, parts);
    int to = Work.bound(size, 16, part + 1, parts);
    if (function != null) {
      operations.map(function, x, from, y, from, to - from);
    } else if (operator != null) {
      for (int i = from; i < to; i++) {
        y[i] = operator.apply(x[i]);
      }
    }
  }
}
