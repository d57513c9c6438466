package dev.tinytitan.op;

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
import java.util.List;

/**
 * A grid for {@link GridSample} from affine maps: theta {@code [N, 2, 3]} and a size {@code N, C,
 * H, W} (int64) give {@code [N, H, W, 2]}; theta {@code [N, 3, 4]} and {@code N, C, D, H, W} give
 * {@code [N, D, H, W, 3]}. ONNX: AffineGrid-20.
 *
 * @param alignCorners whether -1 and 1 mean the centres of the border elements instead of their
 *     outer edges
 */
public record AffineGrid(boolean alignCorners) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("AffineGrid", 20)
          .inputs(2)
          .decoder(
              context -> new AffineGrid(context.attributes().getBoolean("align_corners", false)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(false, "align_corners", alignCorners).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType theta = context.input(0);
    long[] size = Shapes.constantLongs(context, 1);
    if (size != null) {
      return List.of(TensorType.of(theta.dtype(), gridShape(size)));
    }
    TensorType grid = Dims.describedBy(theta.dtype(), context.input(1));
    if (!grid.hasRank() || grid.rank() < 4) {
      return List.of(grid);
    }
    List<Dim> dims = Dims.unknown(grid.rank());
    dims.set(0, theta.hasRank() ? theta.dim(0) : Dim.UNKNOWN);
    dims.set(grid.rank() - 1, Dim.of(grid.rank() - 2));
    return List.of(grid.withDims(dims));
  }

  private static Shape gridShape(long[] size) {
    if (size.length != 4 && size.length != 5) {
      throw new ShapeMismatchException(
          "A grid's size has 4 or 5 numbers, N, C and the spatial axes, not " + size.length + ".");
    }
    long[] dims = new long[size.length];
    dims[0] = size[0];
    System.arraycopy(size, 2, dims, 1, size.length - 2);
    dims[size.length - 1] = size.length - 2L;
    return Shape.of(dims);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor theta = context.input(0);
    Shape shape = gridShape(context.input(1).toLongArray());
    int axes = shape.rank() - 2;
    if (!theta.shape().equals(Shape.of(shape.dim(0), axes, axes + 1))) {
      throw new ShapeMismatchException(
          "Affine maps of shape " + theta.shape() + " do not fit a grid of shape " + shape + ".");
    }
    Tensor y = context.output(0, theta.dtype(), shape);
    int places = shape.sizeBetween(1, axes + 1);
    double[] point = new double[axes + 1];
    point[axes] = 1;
    for (int i = 0; i < shape.dim(0) * places; i++) {
      int rest = i % places;
      // Coordinate 0 is that of the last axis.
      for (int axis = axes - 1; axis >= 0; axis--) {
        int length = shape.dim(axis + 1);
        point[axes - 1 - axis] = coordinate(rest % length, length);
        rest /= length;
      }
      for (int row = 0; row < axes; row++) {
        int first = (i / places * axes + row) * (axes + 1);
        double sum = 0;
        for (int column = 0; column <= axes; column++) {
          sum += theta.getDouble(first + column) * point[column];
        }
        y.setDouble(i * axes + row, sum);
      }
    }
  }

  private double coordinate(int place, int length) {
    if (alignCorners) {
      return length == 1 ? 0 : 2.0 * place / (length - 1) - 1;
    }
    return (2.0 * place + 1) / length - 1;
  }
}
