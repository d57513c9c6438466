package dev.tinytitan.compress.prune;

import dev.tinytitan.op.Recurrence;
import dev.tinytitan.op.RecurrentActivation;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Attributes of recurrent operators with the usual functions. */
final class Recurrences {
  private Recurrences() {}

  static Recurrence lstm(int hidden, boolean bothWays) {
    return of(
        hidden,
        bothWays,
        RecurrentActivation.Kind.SIGMOID,
        RecurrentActivation.Kind.TANH,
        RecurrentActivation.Kind.TANH);
  }

  static Recurrence gru(int hidden) {
    return of(hidden, false, RecurrentActivation.Kind.SIGMOID, RecurrentActivation.Kind.TANH);
  }

  static Recurrence rnn(int hidden) {
    return of(hidden, false, RecurrentActivation.Kind.TANH);
  }

  private static Recurrence of(int hidden, boolean bothWays, RecurrentActivation.Kind... kinds) {
    List<RecurrentActivation> once = new ArrayList<>();
    for (RecurrentActivation.Kind kind : kinds) {
      once.add(new RecurrentActivation(kind, 0, 0));
    }
    List<RecurrentActivation> all = new ArrayList<>();
    Collections.nCopies(bothWays ? 2 : 1, once).forEach(all::addAll);
    return new Recurrence(
        hidden,
        bothWays ? Recurrence.Direction.BIDIRECTIONAL : Recurrence.Direction.FORWARD,
        all,
        Float.POSITIVE_INFINITY,
        false);
  }
}
