package dev.tinytitan.op;

import dev.tinytitan.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The elements of a tensor in groups that differ only along some axes: element {@code j} of group
 * {@code i} stands at {@code starts()[i] + offsets()[j]}; both count in row-major order.
 */
final class AxisGroups {
  private final int[] starts;
  private final int[] offsets;

  private AxisGroups(int[] starts, int[] offsets) {
    this.starts = starts;
    this.offsets = offsets;
  }

  /** The groups along the named axes. */
  static AxisGroups of(Shape shape, boolean[] named) {
    return new AxisGroups(positions(shape, named, false), positions(shape, named, true));
  }

  /** The dimensions with the named ones set to {@code one}, or dropped if that is null. */
  static <T> List<T> reduce(List<T> dims, boolean[] named, @Nullable T one) {
    List<T> reduced = new ArrayList<>();
    for (int i = 0; i < named.length; i++) {
      if (!named[i]) {
        reduced.add(dims.get(i));
      } else if (one != null) {
        reduced.add(one);
      }
    }
    return reduced;
  }

  /** The shape with the named dimensions set to 1, or dropped. */
  static Shape reduce(Shape shape, boolean[] named, boolean keepDims) {
    return Shape.of(Ints.array(reduce(Ints.list(shape.toArray()), named, keepDims ? 1 : null)));
  }

  /** Where each group starts; not copied. */
  int[] starts() {
    return starts;
  }

  /** Where the elements of a group stand from its start; not copied. */
  int[] offsets() {
    return offsets;
  }

  private static int[] positions(Shape shape, boolean[] named, boolean which) {
    int[] positions = {0};
    int[] strides = shape.strides();
    for (int axis = 0; axis < shape.rank(); axis++) {
      if (named[axis] == which) {
        int dim = shape.dim(axis);
        int[] wider = new int[positions.length * dim];
        for (int i = 0; i < wider.length; i++) {
          wider[i] = positions[i / dim] + i % dim * strides[axis];
        }
        positions = wider;
      }
    }
    return positions;
  }
}
