package dev.tinytitan.op;

import dev.tinytitan.tensor.Shape;

/**
 * The elements of a tensor in groups that differ only along some axes: element {@code j} of group
 * {@code i} stands at {@code start[i] + offset[j]}; both count in row-major order.
 *
 * @param starts where each group starts
 * @param offsets where the elements of a group stand from its start
 */
record AxisGroups(int[] starts, int[] offsets) {

  /** The groups along the named axes. */
  static AxisGroups of(Shape shape, boolean[] named) {
    return new AxisGroups(positions(shape, named, false), positions(shape, named, true));
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
