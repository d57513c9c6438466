package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;

/**
 * Which filters of a block lie where in vectors, first while products are added up, then behind
 * that.
 *
 * <p>With one part, each element of 32 bits adds up all products of a filter. With two,
 * neighbouring elements have the same filter and add up every second group of four bytes each;
 * {@link SumPairs} then makes one vector of two. If the number of vectors is odd, the last one is a
 * half: the sums of two places share a vector, one place after the other.
 *
 * @param vectors of sums
 * @param parts of each sum: 1 or 2
 * @param byLanes whether filters are spread over vectors and lanes such that packing to bytes,
 *     which works within lanes of 128 bits, brings them into order, or close to it
 */
record FilterLayout(Isa isa, int vectors, int parts, boolean byLanes) {

  /** Elements of 32 bits in a vector. */
  int elements() {
    return isa.vectorBits() / 32;
  }

  /** How many filters there is room for. */
  int filters() {
    return vectors * elements() / parts;
  }

  /** Vectors behind the adding up that belong to one place. */
  int wholeVectors() {
    return vectors / parts;
  }

  /** Whether a half vector follows the whole ones. */
  boolean hasHalf() {
    return vectors % parts > 0;
  }

  /** Filters in the half vector of one place. */
  int inHalf() {
    return elements() / 2;
  }

  /** Vectors behind the adding up, with the half one. */
  int outputs() {
    return Math.ceilDiv(vectors, parts);
  }

  /** Which filter of the block an element of a vector of sums belongs to. */
  int filterOfSum(int vector, int element) {
    if (parts == 1) {
      return wholeFilter(vector, element);
    }
    int pair = element / 2;
    if (hasHalf() && vector == vectors - 1) {
      return wholeVectors() * elements() + pair;
    }
    // Two pairs of a lane come first; those of the other vector follow them.
    return wholeFilter(vector / 2, element / 4 * 4 + pair % 2 + vector % 2 * 2);
  }

  /** Which part of its filter's sum an element adds up. */
  int partOf(int element) {
    return element % parts;
  }

  /** Which filter of the block an element of a vector has behind the adding up. */
  int filterOfOutput(int vector, int element) {
    return vector < wholeVectors()
        ? wholeFilter(vector, element)
        : vector * elements() + element % inHalf();
  }

  private int wholeFilter(int vector, int element) {
    if (!byLanes) {
      return vector * elements() + element;
    }
    int set = vector / 4;
    int width = Math.min(4, wholeVectors() - 4 * set);
    int inSet = vector - 4 * set;
    return 4 * elements() * set + 4 * width * (element / 4) + 4 * inSet + element % 4;
  }
}
