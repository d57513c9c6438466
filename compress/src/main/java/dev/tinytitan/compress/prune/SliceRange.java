package dev.tinytitan.compress.prune;

import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;

/**
 * What Slice cuts from one axis.
 *
 * @param start the first place, resolved; 0 where the axis is not cut at all
 * @param end behind the last place, resolved, for steps of 1
 * @param constant true if start and end follow from constants alone
 * @param position where start and end stand in their vectors; -1 where the axis is not cut
 */
record SliceRange(long start, long end, long step, boolean constant, int position) {

  /** True if the axis is not cut at all. */
  boolean isAbsent() {
    return position < 0;
  }

  /** True if it is known which places are taken, each next to the one before. */
  boolean isFollowed() {
    return isAbsent() || (step == 1 && constant);
  }

  /** One for each axis; none at all where starts, ends or axes are not known. */
  static SliceRange[] of(NodeTrace node) {
    Shape shape = node.shape(0);
    Tensor starts = node.known(1).orElse(null);
    Tensor ends = node.known(2).orElse(null);
    Tensor named = node.known(3).orElse(null);
    Tensor steps = node.known(4).orElse(null);
    boolean unknown = (node.has(3) && named == null) || (node.has(4) && steps == null);
    if (starts == null || ends == null || unknown) {
      return new SliceRange[0];
    }
    boolean constant = node.isConstant(1) && node.isConstant(2);
    SliceRange[] ranges = new SliceRange[shape.rank()];
    Arrays.setAll(ranges, axis -> new SliceRange(0, shape.dim(axis), 1, true, -1));
    for (int i = 0; i < starts.size(); i++) {
      int axis = Shapes.axis(named == null ? i : named.getInt(i), shape.rank());
      long size = shape.dim(axis);
      long step = steps == null ? 1 : steps.getLong(i);
      ranges[axis] =
          new SliceRange(
              place(starts.getLong(i), size), place(ends.getLong(i), size), step, constant, i);
    }
    return ranges;
  }

  private static long place(long index, long size) {
    return Math.clamp(index < 0 ? index + size : index, 0, size);
  }
}
