package dev.tinytitan.kernel;

import dev.tinytitan.op.BinaryOperator;
import dev.tinytitan.op.Comparison;
import dev.tinytitan.op.Pow;
import dev.tinytitan.op.UnaryOperator;
import dev.tinytitan.op.VariadicOperator;
import dev.tinytitan.op.Where;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Functions of elements, broadcast, of dtypes and kinds that the float loops do not have:
 * comparisons, logic, arithmetic of integers, choices, powers. Each element goes through the
 * operator's own function; what the references spend on finding it is saved.
 */
final class ElementsKernel implements Kernel {
  private static final double NANOS_EACH = 3;

  /** Computes one element of the result. */
  @FunctionalInterface
  private interface Function {
    void apply(Tensor y, int at, @Nullable Tensor[] x, int[] places);
  }

  private final boolean chooses;

  private final Function function;
  private final StridedLoop loop;
  private final int inputs;

  ElementsKernel(KernelRequest request) {
    this.inputs = request.inputs().size();
    this.function = function(request);
    this.chooses = request.operator() instanceof Where;
    Shape shape = request.outputShape(0);
    int[] order = Addressing.order(shape, request.layout());
    int[][] strides = new int[inputs + 1][];
    strides[0] = ordered(Addressing.strides(shape, request.layout()), order);
    for (int i = 0; i < inputs; i++) {
      int[] own = Addressing.inputStrides(request, i);
      strides[i + 1] = ordered(Addressing.broadcast(request.inputShape(i), own, shape), order);
    }
    this.loop = new StridedLoop(ordered(shape.toArray(), order), strides);
  }

  private static int[] ordered(int[] values, int[] order) {
    int[] ordered = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      ordered[i] = values[order[i]];
    }
    return ordered;
  }

  private static Function function(KernelRequest request) {
    DType dtype = request.inputDType(0);
    boolean floats = dtype.isFloat();
    return switch (request.operator()) {
      case Comparison comparison when floats ->
          (y, at, x, p) ->
              y.setBoolean(
                  at, comparison.holds(of(x, 0).getDouble(p[0]), of(x, 1).getDouble(p[1])));
      case Comparison comparison ->
          (y, at, x, p) ->
              y.setBoolean(
                  at,
                  comparison.holds(
                      Long.compare(of(x, 0).getLong(p[0]), of(x, 1).getLong(p[1])), 0));
      case BinaryOperator pair ->
          (y, at, x, p) ->
              y.setLong(at, pair.apply(of(x, 0).getLong(p[0]), of(x, 1).getLong(p[1]), dtype));
      case UnaryOperator unary ->
          (y, at, x, p) -> y.setLong(at, unary.apply(of(x, 0).getLong(p[0]), dtype));
      case Where where ->
          (y, at, x, p) -> {
            int choice = of(x, 0).getBoolean(p[0]) ? 1 : 2;
            y.copyElement(at, of(x, choice), p[choice]);
          };
      case Pow pow ->
          (y, at, x, p) ->
              y.setDouble(at, Math.pow(of(x, 0).getDouble(p[0]), of(x, 1).getDouble(p[1])));
      case VariadicOperator variadic when floats -> (y, at, x, p) -> fold(variadic, y, at, x, p);
      case VariadicOperator variadic ->
          (y, at, x, p) -> {
            long folded = of(x, 0).getLong(p[0]);
            for (int k = 1; k < x.length; k++) {
              folded = variadic.fold(folded, of(x, k).getLong(p[k]), dtype.isUnsigned());
            }
            y.setLong(at, folded);
          };
      default -> throw new IllegalStateException("no function of elements");
    };
  }

  private static void fold(
      VariadicOperator variadic, Tensor y, int at, @Nullable Tensor[] x, int[] places) {
    double folded = of(x, 0).getDouble(places[0]);
    for (int k = 1; k < x.length; k++) {
      folded = variadic.fold(folded, of(x, k).getDouble(places[k]));
    }
    y.setDouble(at, variadic.finish(folded, x.length));
  }

  private static Tensor of(@Nullable Tensor[] tensors, int index) {
    return Objects.requireNonNull(tensors[index]);
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    for (int i = 0; i < request.inputs().size(); i++) {
      if (!request.hasInput(i)) {
        return Optional.of("an input is left out");
      }
      DType dtype = request.inputDType(i);
      boolean plain =
          dtype == DType.FLOAT32
              || dtype == DType.FLOAT64
              || dtype == DType.BOOL
              || (dtype.isInteger() && dtype.bits() >= 8 && dtype != DType.UINT64);
      if (!plain) {
        return Optional.of(dtype + " elements");
      }
    }
    boolean integers =
        request.operator() instanceof BinaryOperator || request.operator() instanceof UnaryOperator;
    boolean exactPower = request.operator() instanceof Pow && !request.inputDType(0).isFloat();
    return (integers && request.inputDType(0).isFloat()) || exactPower
        ? Optional.of("the operator is another one for this dtype")
        : Addressing.refusesRanks(request);
  }

  /** Estimated nanoseconds. */
  static double cost(KernelRequest request) {
    return Work.ofElements(request.outputShape(0).size(), NANOS_EACH);
  }

  /** A place in each input. */
  @Override
  public int scratchInts() {
    return inputs;
  }

  @Override
  public int parts(int threads) {
    double nanos = Work.ofElements((double) loop.count() * loop.length(), NANOS_EACH);
    return Work.parts(threads, nanos, loop.count());
  }

  @Override
  public void run(
      @Nullable Tensor[] given, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    Tensor y = of(outputs, 0);
    int[] places = scratch.ints();
    int to = Work.bound(loop.count(), 1, part + 1, parts);
    for (int i = Work.bound(loop.count(), 1, part, parts); i < to; i++) {
      int at = loop.offsets(0)[i];
      for (int k = 0; k < inputs; k++) {
        places[k] = loop.offsets(k + 1)[i];
      }
      if (chooses && y.array() instanceof float[] floats) {
        choose(given, floats, at, places);
        continue;
      }
      for (int j = 0; j < loop.length(); j++) {
        function.apply(y, at, given, places);
        at += loop.stride(0);
        for (int k = 0; k < inputs; k++) {
          places[k] += loop.stride(k + 1);
        }
      }
    }
  }

  /** The common case, masks of attention among them. */
  private void choose(@Nullable Tensor[] given, float[] y, int yFrom, int[] places) {
    byte[] conditions = of(given, 0).byteArray();
    float[] yes = of(given, 1).floatArray();
    float[] no = of(given, 2).floatArray();
    for (int j = 0; j < loop.length(); j++) {
      y[yFrom + j * loop.stride(0)] =
          conditions[places[0] + j * loop.stride(1)] != 0
              ? yes[places[1] + j * loop.stride(2)]
              : no[places[2] + j * loop.stride(3)];
    }
  }
}
