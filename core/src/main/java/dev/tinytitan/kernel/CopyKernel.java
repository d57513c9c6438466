package dev.tinytitan.kernel;

import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.op.Split;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Elements moved, not changed: boxes copied from inputs to outputs. */
final class CopyKernel implements Kernel {
  private static final double NANOS_EACH = 0.3;

  /**
   * A box: tensor 0 of the loop is the output, tensor 1 the input.
   *
   * @param to where in the output it begins
   * @param from where in the input it begins
   */
  private record Box(int output, int to, int input, int from, StridedLoop loop) {
    void copy(Object source, Object target) {
      for (int i = 0; i < loop.count(); i++) {
        ArrayCopy.strided(
            source,
            from + loop.offsets(1)[i],
            loop.stride(1),
            target,
            to + loop.offsets(0)[i],
            loop.stride(0),
            loop.length());
      }
    }
  }

  private final List<Box> boxes;
  private final boolean[] reads;

  private CopyKernel(List<Box> boxes, int inputs) {
    this.boxes = List.copyOf(boxes);
    this.reads = new boolean[inputs];
    for (Box box : boxes) {
      reads[box.input()] = true;
    }
  }

  /** Why elements cannot be copied; empty if they can. */
  static Optional<String> refusal(KernelRequest request) {
    DType dtype = request.outputDType(0);
    return dtype.bits() < 8 || dtype.bits() > 64 || dtype == DType.COMPLEX64
        ? Optional.of(dtype + " elements are not copied one by one")
        : Addressing.refusesRanks(request);
  }

  /** Estimated nanoseconds. */
  static double cost(KernelRequest request) {
    double elements = 0;
    for (TensorType output : request.outputs()) {
      elements += output.shape().size();
    }
    return Work.ofElements(elements, NANOS_EACH);
  }

  /** Inputs side by side. */
  static Kernel concat(KernelRequest request) {
    Shape shape = request.outputShape(0);
    int axis = Shapes.axis(request.operator(Concat.class).axis(), shape.rank());
    int[] strides = Addressing.strides(shape, request.layout());
    List<Box> boxes = new ArrayList<>();
    int to = 0;
    for (int i = 0; i < request.inputs().size(); i++) {
      Shape part = request.inputShape(i);
      int[] own = Addressing.inputStrides(request, i);
      int[] order = Addressing.order(shape, request.layout());
      boxes.add(new Box(0, to, i, 0, loop(part, order, strides, own)));
      to += part.dim(axis) * strides[axis];
    }
    return new CopyKernel(boxes, request.inputs().size());
  }

  /** Pieces of the input. */
  static Kernel split(KernelRequest request) {
    Shape shape = request.inputShape(0);
    int axis = Shapes.axis(request.operator(Split.class).axis(), shape.rank());
    int[] strides = Addressing.inputStrides(request, 0);
    List<Box> boxes = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < request.outputs().size(); i++) {
      Shape part = request.outputShape(i);
      int[] own = Addressing.strides(part, request.layout());
      if (!request.node().output(i).isEmpty()) {
        int[] order = Addressing.order(part, request.layout());
        boxes.add(new Box(i, 0, 0, from, loop(part, order, own, strides)));
      }
      from += part.dim(axis) * strides[axis];
    }
    return new CopyKernel(boxes, request.inputs().size());
  }

  /** Dimensions in another order. */
  static Kernel transpose(KernelRequest request) {
    Shape shape = request.outputShape(0);
    List<Integer> perm = request.operator(Transpose.class).perm();
    int[] strides = request.inputShape(0).strides();
    int[] source = new int[shape.rank()];
    for (int i = 0; i < source.length; i++) {
      source[i] = strides[perm.isEmpty() ? source.length - 1 - i : perm.get(i)];
    }
    return of(request, source);
  }

  /** Dimensions of 1 repeated. */
  static Kernel expand(KernelRequest request) {
    request.operator(Expand.class);
    return of(request, Shapes.broadcastStrides(request.inputShape(0), request.outputShape(0)));
  }

  private static Kernel of(KernelRequest request, int[] source) {
    Shape shape = request.outputShape(0);
    int[] order = Addressing.order(shape, Layout.ROW_MAJOR);
    Box box = new Box(0, 0, 0, 0, loop(shape, order, shape.strides(), source));
    return new CopyKernel(List.of(box), request.inputs().size());
  }

  private static StridedLoop loop(Shape shape, int[] order, int[] to, int[] from) {
    int[] dims = new int[order.length];
    int[] orderedTo = new int[order.length];
    int[] orderedFrom = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      dims[i] = shape.dim(order[i]);
      orderedTo[i] = to[order[i]];
      orderedFrom[i] = from[order[i]];
    }
    return new StridedLoop(dims, orderedTo, orderedFrom);
  }

  @Override
  public boolean reads(int index) {
    return reads[index];
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    for (int i = 0; i < boxes.size(); i++) {
      Box box = boxes.get(i);
      Tensor input = Objects.requireNonNull(inputs[box.input()]);
      Tensor output = Objects.requireNonNull(outputs[box.output()]);
      box.copy(Objects.requireNonNull(input.array()), Objects.requireNonNull(output.array()));
    }
  }
}
