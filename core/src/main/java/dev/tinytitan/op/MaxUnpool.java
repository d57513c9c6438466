package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The inverse of {@link MaxPool}: each maximum back at its place, zero elsewhere. Inputs: maxima,
 * their indices in the flattened tensor that the window's attributes tell (int64), and optionally
 * the shape of the result (int64), whose further elements are zero. ONNX: MaxUnpool-22.
 */
public record MaxUnpool(Window window) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("MaxUnpool", 22)
          .compatibleSince(9)
          .inputs(2, 3)
          .decoder(context -> new MaxUnpool(Window.decode(context.attributes())))
          .build();

  /** Checks that there is a window, and nothing that only other poolings have. */
  public MaxUnpool {
    if (window.kernel().isEmpty()
        || !window.dilations().isEmpty()
        || window.ceilMode()
        || window.autoPad() != AutoPad.NOTSET) {
      throw new MalformedModelException(
          "MaxUnpool needs a kernel_shape and has no dilations, ceil_mode or auto_pad.");
    }
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return window.encode().build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (context.hasInput(2)) {
      long[] sizes = Shapes.constantLongs(context, 2);
      if (sizes != null) {
        return List.of(TensorType.of(input.dtype(), Shape.of(sizes)));
      }
      return List.of(Dims.describedBy(input.dtype(), context.input(2)));
    }
    if (!input.hasRank()) {
      return List.of(TensorType.ofRank(input.dtype(), window.kernel().size() + 2));
    }
    requireRank(input.rank());
    List<Dim> dims = new ArrayList<>(input.knownDims().subList(0, 2));
    for (int i = 0; i < window.kernel().size(); i++) {
      Dim dim = input.dim(i + 2);
      dims.add(dim.isFixed() ? Dims.of(unpooled(dim.size(), i)) : Dim.UNKNOWN);
    }
    return List.of(input.withDims(dims));
  }

  private void requireRank(int rank) {
    int axes = window.kernel().size();
    boolean fits =
        rank == axes + 2
            && (window.strides().isEmpty() || window.strides().size() == axes)
            && (window.pads().isEmpty() || window.pads().size() == 2 * axes);
    if (!fits) {
      throw new ShapeMismatchException(
          "A window of " + axes + " axes does not fit a tensor of " + rank + " dimensions.");
    }
  }

  private long unpooled(int pooled, int axis) {
    List<Integer> pads = window.pads();
    int padding = pads.isEmpty() ? 0 : pads.get(axis) + pads.get(window.kernel().size() + axis);
    return (pooled - 1L) * window.stride(axis) + window.kernel().get(axis) - padding;
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor indices = context.input(1);
    requireRank(x.shape().rank());
    if (!indices.shape().equals(x.shape())) {
      throw new ShapeMismatchException(
          "Indices of shape " + indices.shape() + " do not fit maxima of shape " + x.shape() + ".");
    }
    long[] dims = x.shape().toLongArray();
    for (int i = 2; i < dims.length; i++) {
      dims[i] = unpooled(x.shape().dim(i), i - 2);
    }
    Shape told = Shape.of(dims);
    Shape shape = context.hasInput(2) ? Shape.of(context.input(2).toLongArray()) : told;
    if (shape.rank() != told.rank()) {
      throw new ShapeMismatchException(
          "An output shape of " + shape + " does not fit a tensor of shape " + told + ".");
    }
    Tensor y = context.output(0, x.dtype(), shape);
    for (int i = 0; i < y.size(); i++) {
      y.setLong(i, 0);
    }
    int[] strides = told.strides();
    int[] targetStrides = shape.strides();
    for (int i = 0; i < x.size(); i++) {
      int index = Indices.position(indices, i, told.size());
      int target = 0;
      for (int axis = 0; axis < strides.length; axis++) {
        int place = index / strides[axis] % told.dim(axis);
        if (place >= shape.dim(axis)) {
          throw new ShapeMismatchException(
              "Index " + index + " lies outside an output of shape " + shape + ".");
        }
        target += place * targetStrides[axis];
      }
      y.copyElement(target, x, i);
    }
  }
}
