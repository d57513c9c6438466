package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.Isa;

/**
 * How panels of narrow weights lie in memory. First the columns' biases; then, group by group of
 * steps, the columns' scales, the negative zero points if there are any, and the group's weights:
 * bytes step by step, or two steps of 4 bits in one byte, the earlier one in its low half. All
 * weights are signed.
 *
 * @param halves whether weights have 4 bits, not 8
 * @param zeros whether there are zero points other than 0
 * @param groupSteps steps that share scales and zero points; the last group may have fewer
 */
record NarrowFormat(Isa isa, MatrixShape shape, boolean halves, boolean zeros, int groupSteps) {

  /** Groups with all their steps. */
  int wholeGroups() {
    return shape.depth() / groupSteps;
  }

  /** Steps of a last group with fewer; 0 if there is none. */
  int lastSteps() {
    return shape.depth() % groupSteps;
  }

  /** All groups. */
  int groups() {
    return Math.ceilDiv(shape.depth(), groupSteps);
  }

  /** Steps whose weights lie together. */
  int unit() {
    return halves ? 2 : 1;
  }

  /** Bytes of the weights of a number of steps, from the start of a group on, of one vector. */
  int weightBytes(int steps) {
    return Math.ceilDiv(steps, unit()) * (isa.vectorBits() / 32);
  }

  /** Bytes of the factors before each group's weights, of one vector. */
  int factorBytes() {
    return isa.vectorBits() / 8 * (zeros ? 2 : 1);
  }

  /** Bytes of a panel of this many vectors. */
  int bytes(int vectors) {
    long perVector =
        isa.vectorBits() / 8
            + (long) groups() * factorBytes()
            + (long) wholeGroups() * weightBytes(groupSteps)
            + weightBytes(lastSteps());
    return Math.toIntExact(vectors * perVector);
  }
}
