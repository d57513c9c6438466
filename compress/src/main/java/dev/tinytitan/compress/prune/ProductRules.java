package dev.tinytitan.compress.prune;

import dev.tinytitan.op.Gemm;
import dev.tinytitan.tensor.Shape;

/** Convolutions and matrix products: what is summed over goes with the weights that weigh it. */
final class ProductRules {
  private static final String IN_SPACE = "is a place in an image, read";

  private ProductRules() {}

  /** What both operands of a sum share; one of them must be zero where it is masked. */
  static void contract(
      NodeTrace node, int[] left, boolean leftZero, int[] right, boolean rightZero) {
    node.ids().union(left, right);
    if (!leftZero && !rightZero) {
      node.fix(left, "is summed over with values that masking does not make zero,");
    }
  }

  static void conv(NodeTrace node, int group) {
    node.fixFrom(0, 2, IN_SPACE);
    node.fixFrom(1, 2, "is a place of a kernel, used");
    int[] x = node.in(0, 1);
    int[] rows = node.in(1, 0);
    int[] columns = node.in(1, 1);
    if (group == 1) {
      contract(node, x, node.isZero(0, 1), columns, node.isZero(1, 1));
    } else {
      group(node, group, x, rows, columns);
    }
    if (node.has(2)) {
      node.ids().union(rows, node.in(2, 0));
    }
    boolean zero = node.isZero(1, 0) && (!node.has(2) || node.isZero(2, 0));
    node.layer(rows, x, 0, 1, 1);
    image(node, rows, zero);
  }

  /**
   * Grouped convolution, whose groups must stay of one size. Where there are more groups than
   * channels in one, as in a depthwise convolution, whole groups go; else the same channels of all
   * groups do.
   */
  private static void group(NodeTrace node, int group, int[] x, int[] rows, int[] columns) {
    int in = x.length / group;
    int out = rows.length / group;
    ChannelIds ids = node.ids();
    if (group > in) {
      for (int g = 0; g < group; g++) {
        for (int i = 0; i < in; i++) {
          ids.union(x[g * in], x[g * in + i]);
        }
        for (int i = 0; i < out; i++) {
          ids.union(x[g * in], rows[g * out + i]);
        }
      }
      node.fix(columns, "is a channel within a group that goes as a whole, read");
    } else {
      for (int g = 0; g < group; g++) {
        for (int i = 0; i < in; i++) {
          ids.union(columns[i], x[g * in + i]);
        }
        for (int i = 0; i < out; i++) {
          ids.union(rows[i], rows[g * out + i]);
        }
      }
    }
  }

  /** Weights are [in, out / group, kernel…]. */
  static void convTranspose(NodeTrace node, int group) {
    node.fixFrom(0, 2, IN_SPACE);
    node.fixFrom(1, 2, "is a place of a kernel, used");
    int[] x = node.in(0, 1);
    int[] rows = node.in(1, 0);
    int[] columns = node.in(1, 1);
    ChannelIds ids = node.ids();
    contract(node, x, node.isZero(0, 1), rows, node.isZero(1, 0));
    int[] y = columns;
    if (group > 1) {
      int in = x.length / group;
      int out = columns.length;
      y = ids.fresh(out * group);
      for (int g = 0; g < group; g++) {
        for (int i = 0; i < out; i++) {
          ids.union(y[g * out + i], group > in ? x[g * in] : columns[i]);
        }
        for (int i = 0; i < in; i++) {
          ids.union(x[g * in + i], group > in ? x[g * in] : x[i]);
        }
      }
      if (group > in) {
        node.fix(columns, "is a channel within a group that goes as a whole, read");
      }
    }
    if (node.has(2)) {
      ids.union(y, node.in(2, 0));
    }
    node.layer(y, x, 0, 1, 0);
    image(node, y, node.isZero(1, 1) && (!node.has(2) || node.isZero(2, 0)));
  }

  /** Gives an output [batch, channels, space…]. */
  private static void image(NodeTrace node, int[] channels, boolean zero) {
    Shape shape = node.outShape(0);
    int[][] axes = new int[shape.rank()][];
    boolean[] zeros = new boolean[shape.rank()];
    axes[0] = node.in(0, 0);
    axes[1] = channels;
    zeros[1] = zero;
    for (int axis = 2; axis < axes.length; axis++) {
      axes[axis] = node.fixed(shape.dim(axis), "is a place in an image, made");
    }
    node.out(0, axes, zeros);
  }

  static void gemm(NodeTrace node, Gemm gemm) {
    int m = gemm.transA() ? 1 : 0;
    int n = gemm.transB() ? 0 : 1;
    contract(
        node, node.in(0, 1 - m), node.isZero(0, 1 - m), node.in(1, 1 - n), node.isZero(1, 1 - n));
    int[][] axes = {node.in(0, m), node.in(1, n)};
    node.layer(axes[1], node.in(0, 1 - m), 0, 1, 1 - n);
    boolean[] zero = {node.isZero(0, m), node.isZero(1, n)};
    if (node.has(2) && gemm.beta() != 0) {
      node.touch(2);
      int rank = node.rank(2);
      for (int axis = 0; axis < 2; axis++) {
        int own = axis - 2 + rank;
        boolean spans = own >= 0 && node.shape(2).dim(own) == axes[axis].length;
        if (spans) {
          node.ids().union(axes[axis], node.in(2, own));
        }
        zero[axis] &= spans && node.isZero(2, own);
      }
    }
    node.out(0, axes, zero);
  }

  static void matMul(NodeTrace node) {
    int left = node.rank(0);
    int right = node.rank(1);
    int inner = right == 1 ? 0 : right - 2;
    contract(
        node,
        node.in(0, left - 1),
        node.isZero(0, left - 1),
        node.in(1, inner),
        node.isZero(1, inner));
    Shape shape = node.outShape(0);
    int[][] axes = new int[shape.rank()][];
    boolean[] zero = new boolean[shape.rank()];
    int at = shape.rank();
    if (right > 1) {
      axes[--at] = node.in(1, right - 1);
      zero[at] = node.isZero(1, right - 1);
    }
    if (left > 1) {
      axes[--at] = node.in(0, left - 2);
      zero[at] = node.isZero(0, left - 2);
    }
    boolean free = !node.isConstant(0) && !node.isConstant(1);
    if (node.isConstant(1) && right > 1) {
      node.layer(node.in(1, right - 1), node.in(0, left - 1), 0, 1, inner);
    } else if (node.isConstant(0) && left > 1) {
      node.layer(node.in(0, left - 2), node.in(1, inner), 1, 0, left - 1);
    }
    for (int i = at - 1; i >= 0; i--) {
      batchAxis(node, i, at, axes, zero, free);
    }
    node.out(0, axes, zero);
  }

  /** Axis {@code i} of {@code batches} leading ones, broadcast between both operands. */
  private static void batchAxis(
      NodeTrace node, int i, int batches, int[][] axes, boolean[] zero, boolean free) {
    int size = node.outShape(0).dim(i);
    for (int input = 0; input < 2; input++) {
      int own = i - batches + node.rank(input) - 2;
      if (own < 0 || node.shape(input).dim(own) != size) {
        continue;
      }
      int[] places = node.in(input, own);
      if (axes[i] == null) {
        axes[i] = places;
      } else {
        node.ids().union(axes[i], places);
      }
      zero[i] |= node.isZero(input, own);
    }
    if (free) {
      node.markBatched(axes[i]);
    }
  }

  /** Joins places of equal number modulo {@code size}: blocks of one length that go alike. */
  static void joinBlocks(ChannelIds ids, int[] one, int[] blocks) {
    for (int i = 0; i < blocks.length; i++) {
      ids.union(one[i % one.length], blocks[i]);
    }
  }
}
