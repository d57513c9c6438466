package dev.tinytitan.kernel;

import dev.tinytitan.op.Add;
import dev.tinytitan.op.BinaryOperator;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Sub;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A function of pairs of elements, broadcast, in loops as long as the shapes allow. */
final class FloatPairKernel implements Kernel {
  private static final double NANOS_OF_VECTOR_FUNCTION = 0.2;
  private static final double NANOS_OF_SCALAR_FUNCTION = 5;
  private static final double NANOS_OF_LOOP = 8;

  private final ElementOperations operations;
  private final BinaryOperator operator;
  private final @Nullable PairFunction function;
  private final StridedLoop loop;

  FloatPairKernel(VectorOperations operations, KernelRequest request) {
    this.operations = operations.elements();
    this.operator = request.operator(BinaryOperator.class);
    this.function = function(operator);
    this.loop = loop(request);
  }

  private static @Nullable PairFunction function(BinaryOperator operator) {
    return switch (operator) {
      case Add add -> PairFunction.ADD;
      case Sub sub -> PairFunction.SUB;
      case Mul mul -> PairFunction.MUL;
      case Div div -> PairFunction.DIV;
      default -> null;
    };
  }

  /** The loops over output 0 (tensor 0) and inputs 0 and 1 (tensors 1 and 2). */
  private static StridedLoop loop(KernelRequest request) {
    Shape shape = request.outputShape(0);
    int[] order = Addressing.order(shape, request.layout());
    int[][] strides = {
      Addressing.strides(shape, request.layout()),
      Addressing.broadcast(request.inputShape(0), Addressing.inputStrides(request, 0), shape),
      Addressing.broadcast(request.inputShape(1), Addressing.inputStrides(request, 1), shape)
    };
    int[] dims = new int[order.length];
    int[][] ordered = new int[3][order.length];
    for (int i = 0; i < order.length; i++) {
      dims[i] = shape.dim(order[i]);
      for (int tensor = 0; tensor < 3; tensor++) {
        ordered[tensor][i] = strides[tensor][order[i]];
      }
    }
    return new StridedLoop(dims, ordered);
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    return Addressing.refusesRanks(request);
  }

  /** Estimated nanoseconds. */
  static double cost(KernelRequest request) {
    StridedLoop loop = loop(request);
    boolean contiguous = loop.stride(1) <= 1 && loop.stride(2) <= 1;
    boolean vectors = contiguous && function(request.operator(BinaryOperator.class)) != null;
    double each = vectors ? NANOS_OF_VECTOR_FUNCTION : NANOS_OF_SCALAR_FUNCTION;
    return Work.ofElements((double) loop.count() * loop.length(), each)
        + loop.count() * NANOS_OF_LOOP;
  }

  @Override
  public int parts(int threads) {
    double nanos = loop.count() * (NANOS_OF_LOOP + loop.length() * NANOS_OF_VECTOR_FUNCTION);
    return Work.parts(threads, nanos, loop.count() == 1 ? loop.length() / 16 : loop.count());
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] a = Objects.requireNonNull(inputs[0]).floatArray();
    float[] b = Objects.requireNonNull(inputs[1]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    if (loop.count() == 1) {
      int from = Work.bound(loop.length(), 16, part, parts);
      int to = Work.bound(loop.length(), 16, part + 1, parts);
      inner(a, from * loop.stride(1), b, from * loop.stride(2), y, from, to - from);
      return;
    }
    int to = Work.bound(loop.count(), 1, part + 1, parts);
    for (int i = Work.bound(loop.count(), 1, part, parts); i < to; i++) {
      inner(a, loop.offsets(1)[i], b, loop.offsets(2)[i], y, loop.offsets(0)[i], loop.length());
    }
  }

  private void inner(float[] a, int aFrom, float[] b, int bFrom, float[] y, int yFrom, int count) {
    int aStride = loop.stride(1);
    int bStride = loop.stride(2);
    if (function == null || aStride > 1 || bStride > 1 || count == 0) {
      for (int i = 0; i < count; i++) {
        y[yFrom + i] = operator.apply(a[aFrom + i * aStride], b[bFrom + i * bStride]);
      }
    } else if (bStride == 0) {
      operations.combineWithScalar(function, a, aFrom, b[bFrom], y, yFrom, count);
    } else if (aStride == 0) {
      operations.combineScalarWith(function, a[aFrom], b, bFrom, y, yFrom, count);
    } else {
      operations.combine(function, a, aFrom, b, bFrom, y, yFrom, count);
    }
  }
}
