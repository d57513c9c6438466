package dev.tinytitan.compress.prune;

import dev.tinytitan.op.Attention;

/**
 * The operator Attention, whose heads go as wholes. Queries, keys and values of as many heads each,
 * without a past, are followed.
 */
final class AttentionRule {
  private static final int MASK = 3;

  private AttentionRule() {}

  static boolean apply(NodeTrace node, Attention attention) {
    boolean packed = node.rank(0) == 3;
    boolean plain =
        node.node().outputs().size() == 1
            && node.node().inputs().size() <= MASK + 1
            && node.rank(1) == node.rank(0)
            && node.rank(2) == node.rank(0);
    if (!plain) {
      return false;
    }
    int heads = packed ? attention.queryHeads() : node.shape(0).dim(1);
    int keyHeads = packed ? attention.keyHeads() : node.shape(1).dim(1);
    if (heads != keyHeads || heads == 0) {
      return false;
    }
    int[] places = node.ids().fresh(heads);
    node.markBatched(places);
    for (int input = 0; input < 3; input++) {
      int headAxis = packed ? 2 : 1;
      int[] axis = node.in(input, headAxis);
      int size = axis.length / heads;
      for (int i = 0; i < axis.length; i++) {
        node.ids().union(places[i / size], axis[i]);
      }
      node.fix(node.in(input, 0), "is a sample, read");
      node.fix(node.in(input, packed ? 1 : 2), "is a place in a sequence, read");
      if (!packed) {
        node.fix(node.in(input, 3), "is within a head, read");
      }
    }
    if (node.has(MASK)) {
      maskHeads(node, places);
    }
    int[][] axes =
        packed
            ? new int[][] {node.in(0, 0), node.in(0, 1), node.in(2, 2)}
            : new int[][] {node.in(0, 0), places, node.in(0, 2), node.in(2, 3)};
    boolean[] zero = new boolean[axes.length];
    zero[packed ? 2 : 1] = node.isZero(2, packed ? 2 : 1);
    node.out(0, axes, zero);
    return true;
  }

  private static void maskHeads(NodeTrace node, int[] places) {
    int rank = node.rank(MASK);
    for (int axis = 0; axis < rank; axis++) {
      int[] mask = node.in(MASK, axis);
      if (rank - axis == 3 && mask.length == places.length && mask.length > 1) {
        node.ids().union(places, mask);
      } else {
        node.fix(mask, "is not a head, read");
      }
    }
  }
}
