package dev.tinytitan.train;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.tensor.Tensor;

/** Where a loss adds its nodes. */
public sealed interface LossNodes permits NodeWriter, GuidanceNodes {

  /** Adds a node with one output and gives the output's name. */
  String add(Operator operator, String... inputs);

  /** Adds a constant and gives its name. */
  String constant(Tensor tensor);

  /** Adds a float32 scalar constant and gives its name. */
  String scalar(double value);

  /** Adds an int64 vector and gives its name. */
  String longs(long... values);
}
