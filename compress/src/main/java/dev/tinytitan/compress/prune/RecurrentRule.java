package dev.tinytitan.compress.prune;

import dev.tinytitan.op.RecurrentOperator;

/**
 * LSTM, GRU and RNN. A unit of the state is one row in each gate of the weights, both biases and
 * the peepholes, a column of the recurrent weights, and a place in all states and outputs.
 */
final class RecurrentRule {
  private static final int X = 0;
  private static final int W = 1;
  private static final int R = 2;
  private static final int B = 3;
  private static final int LENGTHS = 4;
  private static final int PEEPHOLES = 7;

  private RecurrentRule() {}

  static void apply(NodeTrace node, RecurrentOperator recurrent) {
    ChannelIds ids = node.ids();
    ProductRules.contract(node, node.in(X, 2), node.isZero(X, 2), node.in(W, 2), node.isZero(W, 2));
    int[] hidden = node.in(R, 2);
    for (int input : new int[] {W, R, B, PEEPHOLES}) {
      if (node.has(input)) {
        ProductRules.joinBlocks(ids, hidden, node.in(input, 1));
        node.fix(node.in(input, 0), "is a direction, read");
      }
    }
    node.layer(hidden, node.in(X, 2), X, W, 2);
    node.touch(LENGTHS);
    for (int input = 5; input <= 6; input++) {
      if (node.has(input)) {
        ids.union(hidden, node.in(input, 2));
        for (int axis = 0; axis < 2; axis++) {
          node.fix(node.in(input, axis), "is not a channel, read");
        }
      }
    }
    for (int axis = 0; axis < 2; axis++) {
      node.fix(node.in(X, axis), "is a step or a sample, read");
    }
    for (int output = 0; output < node.node().outputs().size(); output++) {
      if (node.node().output(output).isEmpty()) {
        continue;
      }
      int rank = node.outShape(output).rank();
      int[][] axes = new int[rank][];
      boolean[] zero = new boolean[rank];
      for (int axis = 0; axis < rank - 1; axis++) {
        axes[axis] = node.fixed(node.outShape(output).dim(axis), "is not a channel, made");
      }
      axes[rank - 1] = hidden;
      // A state that starts elsewhere than at zero does not stay there.
      zero[rank - 1] = false;
      node.out(output, axes, zero);
    }
  }
}
