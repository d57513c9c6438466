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
import java.util.Arrays;
import java.util.List;

/**
 * Columns of blocks added up to an image: {@code [N, C * block, positions]} becomes {@code [N, C,
 * image…]}. Inputs: columns, image shape, block shape (int64). ONNX: Col2Im-18.
 *
 * @param window strides, pads and dilations of the blocks
 */
public record Col2Im(Window window) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Col2Im", 18)
          .inputs(3)
          .decoder(context -> new Col2Im(Window.decode(context.attributes())))
          .build();

  /** Checks that the window says nothing of its size, which is an input. */
  public Col2Im {
    if (!window.kernel().isEmpty() || window.ceilMode() || window.autoPad() != AutoPad.NOTSET) {
      throw new MalformedModelException("Col2Im has no kernel_shape, ceil_mode or auto_pad.");
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
    long[] image = Shapes.constantLongs(context, 1);
    long[] block = Shapes.constantLongs(context, 2);
    TensorType spatial = Dims.describedBy(input.dtype(), context.input(1));
    if (!spatial.hasRank() && image == null) {
      return List.of(TensorType.unknown(input.dtype()));
    }
    List<Dim> dims = Dims.unknown(2 + (image == null ? spatial.rank() : image.length));
    if (input.hasRank()) {
      requireColumns(input.rank());
      dims.set(0, input.dim(0));
      if (block != null && input.dim(1).isFixed()) {
        dims.set(1, Dim.of(channels(input.dim(1).size(), block)));
      }
    }
    for (int i = 0; image != null && i < image.length; i++) {
      dims.set(2 + i, Dims.of(image[i]));
    }
    return List.of(input.withDims(dims));
  }

  private static void requireColumns(int rank) {
    if (rank != 3) {
      throw new ShapeMismatchException(
          "Columns have 3 dimensions, [N, C * block, positions], not " + rank + ".");
    }
  }

  private static int channels(int rows, long[] block) {
    long size = 1;
    for (long length : block) {
      size = Math.multiplyExact(size, length);
    }
    if (size < 1 || rows % size != 0) {
      throw new ShapeMismatchException(
          rows + " rows cannot be divided into blocks of " + Arrays.toString(block) + ".");
    }
    return (int) (rows / size);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    long[] block = context.input(2).toLongArray();
    requireColumns(x.shape().rank());
    int channels = channels(x.shape().dim(1), block);
    long[] image = context.input(1).toLongArray();
    long[] dims = new long[image.length + 2];
    dims[0] = x.shape().dim(0);
    dims[1] = channels;
    System.arraycopy(image, 0, dims, 2, image.length);
    Shape shape = Shape.of(dims);
    if (shape.size() == 0) {
      // The block may still be too large to be walked over.
      context.output(0, x.dtype(), shape);
      return;
    }
    List<Integer> kernel = new ArrayList<>();
    for (long length : block) {
      kernel.add(Math.toIntExact(length));
    }
    WindowGeometry geometry = window.geometry(shape, kernel);
    int positions = geometry.outputSize();
    if (positions != x.shape().dim(2)) {
      throw new ShapeMismatchException(
          "Columns have " + x.shape().dim(2) + " positions, but the image has " + positions + ".");
    }
    double[] sums = new double[shape.size()];
    int[] offsets = new int[geometry.kernelSize()];
    for (int position = 0; position < positions; position++) {
      geometry.inputOffsets(position, offsets);
      for (int plane = 0; plane < shape.dim(0) * channels; plane++) {
        for (int i = 0; i < offsets.length; i++) {
          if (offsets[i] >= 0) {
            sums[plane * geometry.inputSize() + offsets[i]] +=
                x.getDouble((plane * offsets.length + i) * positions + position);
          }
        }
      }
    }
    Elements.store(sums, context.output(0, x.dtype(), shape));
  }
}
