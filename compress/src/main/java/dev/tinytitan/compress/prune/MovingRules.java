package dev.tinytitan.compress.prune;

import dev.tinytitan.op.DepthToSpace;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;

/** Operators that move elements: each place of a result is a place of an input. */
final class MovingRules {
  private MovingRules() {}

  private static int[][] axes(NodeTrace node) {
    int[][] axes = new int[node.rank(0)][];
    Arrays.setAll(axes, i -> node.in(0, i));
    return axes;
  }

  private static boolean[] zero(NodeTrace node) {
    boolean[] zero = new boolean[node.rank(0)];
    for (int i = 0; i < zero.length; i++) {
      zero[i] = node.isZero(0, i);
    }
    return zero;
  }

  static void transpose(NodeTrace node, Transpose transpose) {
    int[] order = transpose.order(node.rank(0));
    int[][] axes = new int[order.length][];
    boolean[] zero = new boolean[order.length];
    for (int i = 0; i < order.length; i++) {
      axes[i] = node.in(0, order[i]);
      zero[i] = node.isZero(0, order[i]);
    }
    node.out(0, axes, zero);
  }

  static void concat(NodeTrace node, int axis) {
    int[][] axes = axes(node);
    boolean[] zero = zero(node);
    int along = Shapes.axis(axis, axes.length);
    axes[along] = new int[node.outShape(0).dim(along)];
    int at = 0;
    for (int input = 0; input < node.node().inputs().size(); input++) {
      for (int i = 0; i < axes.length; i++) {
        int[] places = node.in(input, i);
        if (i == along) {
          System.arraycopy(places, 0, axes[along], at, places.length);
          at += places.length;
        } else {
          node.ids().union(axes[i], places);
        }
        zero[i] &= node.isZero(input, i);
      }
    }
    node.out(0, axes, zero);
  }

  static void split(NodeTrace node, int axis) {
    int along = Shapes.axis(axis, node.rank(0));
    // Its sizes are adjusted when the model is rewritten.
    node.touch(1);
    int from = 0;
    for (int output = 0; output < node.node().outputs().size(); output++) {
      if (node.node().output(output).isEmpty()) {
        continue;
      }
      int size = node.outShape(output).dim(along);
      int[][] axes = axes(node);
      axes[along] = Arrays.copyOfRange(axes[along], from, from + size);
      from += size;
      node.out(output, axes, zero(node));
    }
  }

  static void slice(NodeTrace node) {
    for (int input = 1; input < node.node().inputs().size(); input++) {
      node.touch(input);
    }
    int[][] axes = axes(node);
    boolean[] zero = zero(node);
    Shape to = node.outShape(0);
    SliceRange[] ranges = SliceRange.of(node);
    for (int axis = 0; axis < axes.length; axis++) {
      if (ranges.length == 0 || !ranges[axis].isFollowed()) {
        node.fix(axes[axis], "is cut where it cannot be followed");
        axes[axis] = node.fixed(to.dim(axis), "is cut");
      } else if (!ranges[axis].isAbsent()) {
        int start = (int) ranges[axis].start();
        axes[axis] = Arrays.copyOfRange(axes[axis], start, start + to.dim(axis));
      }
    }
    node.out(0, axes, zero);
  }

  static void gather(NodeTrace node, int axis) {
    int rank = node.rank(0);
    int along = Shapes.axis(axis, rank);
    int[] places = node.in(0, along);
    Tensor indices = node.constant(1).orElse(null);
    int inner = node.rank(1);
    int[][] axes = new int[rank - 1 + inner][];
    boolean[] zero = new boolean[axes.length];
    for (int i = 0; i < rank; i++) {
      if (i != along) {
        int at = i < along ? i : i - 1 + inner;
        axes[at] = node.in(0, i);
        zero[at] = node.isZero(0, i);
      }
    }
    if (indices == null || inner > 1) {
      node.fix(places, "is picked from by indices");
      if (node.isConstant(0) && rank == 2 && along == 0) {
        node.layer(node.in(0, 1), new int[0], 1, 0, 0);
      }
      for (int i = 0; i < inner; i++) {
        axes[along + i] = node.in(1, i);
      }
    } else if (inner == 0) {
      int index = indices.getInt(0);
      node.fix(new int[] {places[index < 0 ? index + places.length : index]}, "is picked");
      node.touch(1);
    } else {
      int[] picked = new int[indices.size()];
      for (int i = 0; i < picked.length; i++) {
        int index = indices.getInt(i);
        picked[i] = places[index < 0 ? index + places.length : index];
      }
      axes[along] = picked;
      zero[along] = node.isZero(0, along);
      node.touch(1);
    }
    node.out(0, axes, zero);
  }

  static void pad(NodeTrace node, Pad pad) {
    int[][] axes = axes(node);
    Tensor pads = node.known(1).orElse(null);
    for (int input = 1; input < node.node().inputs().size(); input++) {
      node.touch(input);
    }
    Tensor value = node.known(2).orElse(null);
    boolean zeros =
        pad.mode() == Pad.Mode.CONSTANT
            && (!node.has(2) || (value != null && value.getDouble(0) == 0));
    boolean[] zero = zero(node);
    Shape to = node.outShape(0);
    for (int axis = 0; axis < axes.length; axis++) {
      zero[axis] &= zeros || pad.mode() != Pad.Mode.CONSTANT;
      int size = axes[axis].length;
      boolean plain = size == to.dim(axis);
      if (plain && (pads == null || pads.getLong(padIndex(axis, axes.length, pads)) == 0)) {
        continue;
      }
      long begin = -1;
      long end = -1;
      if (pads != null && zeros && node.isConstant(1) && !node.has(3)) {
        begin = pads.getLong(axis);
        end = pads.getLong(axes.length + axis);
      }
      if (begin < 0 || end < 0) {
        node.fix(axes[axis], "is padded");
        axes[axis] = node.fixed(to.dim(axis), "is padded");
        continue;
      }
      int[] wider = node.ids().fresh(to.dim(axis));
      System.arraycopy(axes[axis], 0, wider, (int) begin, size);
      axes[axis] = wider;
    }
    node.out(0, axes, zero);
  }

  /** Where the first pad of an axis stands, when pads are given for all axes. */
  private static int padIndex(int axis, int rank, Tensor pads) {
    return pads.size() == 2 * rank ? axis : 0;
  }

  static void tile(NodeTrace node) {
    node.touch(1);
    int[][] axes = axes(node);
    Shape to = node.outShape(0);
    for (int axis = 0; axis < axes.length; axis++) {
      int[] once = axes[axis];
      int[] all = new int[to.dim(axis)];
      for (int i = 0; i < all.length; i++) {
        all[i] = once[i % once.length];
      }
      if (once.length == 1 && all.length > 1) {
        // Its number cannot follow what it is added to.
        all = node.fixed(all.length, "is repeated");
      }
      axes[axis] = all;
    }
    node.out(0, axes, zero(node));
  }

  static void expand(NodeTrace node) {
    node.touch(1);
    Shape to = node.outShape(0);
    int rank = to.rank();
    int[][] axes = new int[rank][];
    boolean[] zero = new boolean[rank];
    for (int axis = 0; axis < rank; axis++) {
      int own = axis - rank + node.rank(0);
      boolean spans = own >= 0 && node.shape(0).dim(own) == to.dim(axis);
      axes[axis] = spans ? node.in(0, own) : node.ids().fresh(to.dim(axis));
      zero[axis] = spans && node.isZero(0, own);
      if (own >= 0) {
        node.touch(0);
      }
    }
    node.out(0, axes, zero);
  }

  static void resize(NodeTrace node) {
    for (int input = 1; input < node.node().inputs().size(); input++) {
      node.touch(input);
    }
    int[][] axes = axes(node);
    boolean[] zero = new boolean[axes.length];
    Shape to = node.outShape(0);
    for (int axis = 0; axis < axes.length; axis++) {
      if (axis < 2 && axes[axis].length == to.dim(axis)) {
        zero[axis] = node.isZero(0, axis);
      } else {
        node.fix(axes[axis], "is a place in an image, resized");
        axes[axis] = node.fixed(to.dim(axis), "is a place in an image, made");
      }
    }
    node.out(0, axes, zero);
  }

  static void depthToSpace(NodeTrace node, DepthToSpace operator) {
    int blocks = operator.blockSize() * operator.blockSize();
    int[] deep = node.in(0, 1);
    int[] flat = node.ids().fresh(deep.length / blocks);
    for (int i = 0; i < deep.length; i++) {
      node.ids().union(flat[operator.columnRowDepth() ? i / blocks : i % flat.length], deep[i]);
    }
    toSpace(node, flat);
  }

  static void spaceToDepth(NodeTrace node, int blockSize) {
    int[] flat = node.in(0, 1);
    int[] deep = new int[flat.length * blockSize * blockSize];
    for (int i = 0; i < deep.length; i++) {
      deep[i] = flat[i % flat.length];
    }
    toSpace(node, deep);
  }

  private static void toSpace(NodeTrace node, int[] channels) {
    node.fixFrom(0, 2, "is a place in an image, moved");
    Shape to = node.outShape(0);
    int[][] axes = new int[to.rank()][];
    boolean[] zero = new boolean[axes.length];
    axes[0] = node.in(0, 0);
    axes[1] = channels;
    zero[1] = node.isZero(0, 1);
    for (int axis = 2; axis < axes.length; axis++) {
      axes[axis] = node.fixed(to.dim(axis), "is a place in an image, made");
    }
    node.out(0, axes, zero);
  }
}
