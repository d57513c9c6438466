package dev.tinytitan.bench.cases;

import java.util.function.IntUnaryOperator;

/**
 * Samples that a network is judged on; it learns from all others.
 *
 * @param name says what is new to the network
 * @param judged the samples
 * @param kinds the kind of each class: an answer counts as right if its kind is. The identity,
 *     where the class itself is asked for
 */
@SuppressWarnings("ArrayRecordComponent") // A list of places, never compared.
record Fold(String name, int[] judged, IntUnaryOperator kinds) {

  /** A fold that asks for the class itself. */
  static Fold of(String name, int[] judged) {
    return new Fold(name, judged, IntUnaryOperator.identity());
  }
}
