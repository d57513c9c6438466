package dev.tinytitan.codegen.chain;

import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.IntegerAveragePool;
import dev.tinytitan.op.Window;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A tensor as rows, columns and channels: a feature map {@code [1, C, H, W]}, a series {@code [1,
 * C, L]} as one column, or the rows of a matrix {@code [M, K]}, whose columns are channels.
 */
record Geometry(int rows, int columns, int channels) {

  /** As {@link #equals}, of which the JVM would first have to make the code: start-up counts. */
  boolean isSame(Geometry other) {
    return rows == other.rows && columns == other.columns && channels == other.channels;
  }

  /** Why a tensor cannot be seen so; empty if it can. */
  static Optional<String> refusal(TensorType type) {
    Shape shape = type.shape();
    DType dtype = type.dtype();
    if (dtype != DType.INT8 && dtype != DType.UINT8 && dtype != DType.FLOAT32) {
      return Optional.of("chains take int8, uint8 and float32, not " + dtype);
    }
    if (shape.rank() < 2 || shape.rank() > 4) {
      return Optional.of("a tensor has " + shape.rank() + " dimensions");
    }
    if (shape.size() == 0) {
      return Optional.of("a tensor is empty");
    }
    return Optional.empty();
  }

  /**
   * One image of a tensor that {@link #refusal} let pass.
   *
   * @param images that a batch has, by which the rows of matrices are divided
   */
  static Geometry of(Shape shape, int images) {
    return switch (shape.rank()) {
      case 2 -> new Geometry(shape.dim(0) / images, 1, shape.dim(1));
      case 3 -> new Geometry(shape.dim(2), 1, shape.dim(1));
      default -> new Geometry(shape.dim(2), shape.dim(3), shape.dim(1));
    };
  }

  /** The number of places. */
  int places() {
    return rows * columns;
  }

  /** A convolution's window on an input of this shape, in rows and columns. */
  static ProductLayer.Window window(Window window, Shape input, Shape weights) {
    List<Integer> kernel = new ArrayList<>();
    for (int i = 2; i < weights.rank(); i++) {
      kernel.add(weights.dim(i));
    }
    return window(window, input, kernel);
  }

  /** A pooling's window on an input of this shape, in rows and columns. */
  static ProductLayer.Window window(Window window, Shape input) {
    return window(window, input, window.kernel());
  }

  /** A model's window of this size on an input of this shape, in rows and columns. */
  static ProductLayer.Window window(Window window, Shape input, List<Integer> kernel) {
    WindowGeometry geometry = window.geometry(input, kernel);
    WindowGeometry.Axis rows = geometry.axes().get(0);
    WindowGeometry.Axis columns =
        geometry.rank() > 1 ? geometry.axes().get(1) : new WindowGeometry.Axis(1, 1, 1, 1, 0, 0, 1);
    return new ProductLayer.Window(
        rows.kernel(),
        columns.kernel(),
        rows.stride(),
        columns.stride(),
        rows.dilation(),
        columns.dilation(),
        rows.padBegin(),
        columns.padBegin());
  }

  /** By how many elements the sums of an average pooling are divided, place by place. */
  static float[] counts(IntegerAveragePool pool, Shape input) {
    WindowGeometry geometry = pool.window().geometry(input);
    int[] offsets = new int[geometry.kernelSize()];
    float[] counts = new float[geometry.outputSize()];
    for (int place = 0; place < counts.length; place++) {
      if (pool.countIncludePad()) {
        counts[place] = geometry.countWithinPadding(place);
      } else {
        geometry.inputOffsets(place, offsets);
        counts[place] = Arrays.stream(offsets).filter(offset -> offset >= 0).count();
      }
    }
    return counts;
  }
}
