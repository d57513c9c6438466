package dev.tinytitan.compress.prune;

import dev.tinytitan.op.Reduction;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Set;

/** Operators that work along axes: normalization, pooling, softmax, reductions. */
final class NormalizationRules {
  /** A zero more or less does not change these. */
  private static final Set<String> SUMS =
      Set.of("ReduceSum", "ReduceL1", "ReduceL2", "ReduceSumSquare");

  /** Zeros reduce to zero. */
  private static final Set<String> ZERO_OF_ZEROS =
      Set.of("ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd");

  private NormalizationRules() {}

  /**
   * Parameters of one element per channel, axis 1.
   *
   * @param acrossSpace true if each channel is normalized over its places
   */
  static void perChannel(NodeTrace node, boolean acrossSpace) {
    int[] channels = node.in(0, 1);
    boolean zero = true;
    for (int input = 1; input < node.node().inputs().size(); input++) {
      node.ids().union(channels, node.in(input, 0));
      zero &= input > 2 || node.isZero(input, 0);
    }
    if (acrossSpace) {
      node.fixFrom(0, 2, "is averaged over");
    }
    node.same(0, 0, false);
    boolean[] zeros = new boolean[node.rank(0)];
    zeros[1] = zero;
    node.out(0, axes(node), zeros);
  }

  private static int[][] axes(NodeTrace node) {
    int[][] axes = new int[node.rank(0)][];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = node.in(0, i);
    }
    return axes;
  }

  /** Channels of a group are normalized together: only whole groups can go. */
  static void grouped(NodeTrace node, int groups) {
    int[] channels = node.in(0, 1);
    int size = channels.length / groups;
    for (int i = 0; i < channels.length; i++) {
      node.ids().union(channels[i / size * size], channels[i]);
    }
    perChannel(node, true);
  }

  /** Normalized over an axis and all behind it, which stay. */
  static void acrossFrom(NodeTrace node, int axis) {
    int rank = node.rank(0);
    int first = Shapes.axis(axis, rank);
    node.fixFrom(0, first, "is normalized over");
    node.same(0, 0, false);
  }

  /** Works along one axis, which stays. */
  static void along(NodeTrace node, int axis) {
    node.fix(node.in(0, axis), "is worked along");
    node.same(0, 0, false);
  }

  static void pool(NodeTrace node) {
    node.fixFrom(0, 2, "is a place in an image, read");
    Shape shape = node.outShape(0);
    int[][] axes = new int[shape.rank()][];
    boolean[] zero = new boolean[axes.length];
    for (int i = 0; i < axes.length; i++) {
      axes[i] = i < 2 ? node.in(0, i) : node.fixed(shape.dim(i), "is a place in an image, made");
      zero[i] = i == 1 && node.isZero(0, 1);
    }
    node.out(0, axes, zero);
    node.out(1, axes, new boolean[axes.length]);
  }

  static boolean reduce(NodeTrace node, Reduction reduction) {
    int rank = node.rank(0);
    boolean[] reduced = new boolean[rank];
    Tensor given = node.has(1) ? node.known(1).orElse(null) : null;
    if (node.has(1) && given == null) {
      return false;
    }
    if (given != null && given.size() > 0) {
      for (int axis : given.toIntArray()) {
        reduced[Shapes.axis(axis, rank)] = true;
      }
    } else {
      Arrays.fill(reduced, !reduction.noopWithEmptyAxes());
    }
    node.touch(1);
    String name = reduction.spec().name();
    Shape shape = node.outShape(0);
    int[][] axes = new int[shape.rank()][];
    boolean[] zero = new boolean[axes.length];
    int at = 0;
    for (int axis = 0; axis < rank; axis++) {
      int[] places = node.in(0, axis);
      if (!reduced[axis]) {
        axes[at] = places;
        zero[at++] = node.isZero(0, axis) && (SUMS.contains(name) || ZERO_OF_ZEROS.contains(name));
        continue;
      }
      if (!SUMS.contains(name) || !node.isZero(0, axis)) {
        node.fix(places, "is reduced over");
      }
      if (reduction.keepDims()) {
        axes[at++] = node.fixed(1, "is reduced to one");
      }
    }
    node.out(0, axes, zero);
    return true;
  }
}
