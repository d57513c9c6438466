package dev.tinytitan.train;

import dev.tinytitan.op.Add;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.op.ReduceSumSquare;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Sqrt;
import dev.tinytitan.tensor.Shape;

/** Nodes that several losses have in common. */
final class Losses {
  private Losses() {}

  /** The mean of all elements. */
  static String mean(LossNodes nodes, String values) {
    return nodes.add(new ReduceMean(false, false), values);
  }

  /** The sum over axis 1, negated, and the mean of that over all other axes. */
  static String negativeMeanOverSamples(LossNodes nodes, String values, Shape shape) {
    String sum = nodes.add(new ReduceSum(false, false), values);
    return nodes.add(new Mul(), sum, nodes.scalar(-(double) shape.dim(1) / shape.size()));
  }

  /** Each sample as a vector of length 1: shape [batch, elements]. */
  static String unitRows(LossNodes nodes, String values, Shape shape) {
    long batch = shape.dim(0);
    String rows =
        shape.rank() == 2 ? values : nodes.add(new Reshape(false), values, nodes.longs(batch, -1));
    String squares = nodes.add(new ReduceSumSquare(true, false), rows, nodes.longs(1));
    // A vector of zeros has no direction; what is added keeps its gradient finite.
    String length = nodes.add(new Sqrt(), nodes.add(new Add(), squares, nodes.scalar(1e-12)));
    return nodes.add(new Div(), rows, length);
  }
}
