package dev.tinytitan.compress.quantize;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Looks for the fewest layers that must go back to higher precision for a budget to hold: bisects
 * how many of the most sensitive ones it takes, then gives up each that is not needed after all.
 */
final class BudgetSearch {
  private BudgetSearch() {}

  /**
   * The layers that must go back.
   *
   * @param mostSensitiveFirst all layers
   * @param holds whether the budget holds with these layers in higher precision
   * @return empty if it does not even hold with all of them
   */
  static Optional<Set<String>> fewest(
      List<String> mostSensitiveFirst, Predicate<Set<String>> holds) {
    if (holds.test(Set.of())) {
      return Optional.of(Set.of());
    }
    int fails = 0;
    int works = mostSensitiveFirst.size();
    int step = 1;
    while (fails + step < works && !holds.test(first(mostSensitiveFirst, fails + step))) {
      fails += step;
      step *= 2;
    }
    if (fails + step < works) {
      works = fails + step;
    } else if (!holds.test(first(mostSensitiveFirst, works))) {
      return Optional.empty();
    }
    while (works - fails > 1) {
      int middle = (fails + works) >>> 1;
      if (holds.test(first(mostSensitiveFirst, middle))) {
        works = middle;
      } else {
        fails = middle;
      }
    }
    return Optional.of(prune(first(mostSensitiveFirst, works), holds));
  }

  /**
   * A choice, preceded by safer ones: the same with 1, 2, 4, 8 and so on of the most sensitive
   * others, up to all.
   */
  static List<Set<String>> saferFirst(Set<String> chosen, List<String> mostSensitiveFirst) {
    List<String> others = new ArrayList<>(mostSensitiveFirst);
    others.removeAll(chosen);
    List<Set<String>> safer = new ArrayList<>();
    safer.add(chosen);
    for (int more = 1; !others.isEmpty(); more *= 2) {
      Set<String> larger = new LinkedHashSet<>(chosen);
      larger.addAll(others.subList(0, Math.min(more, others.size())));
      safer.add(larger);
      if (more >= others.size()) {
        break;
      }
    }
    return safer.reversed();
  }

  /**
   * The last choice before one fails: each is tested at the full confidence only after all safer
   * ones have passed, so that a wrong choice is as rare as with a single test (fixed-sequence
   * testing; Maurer, Hothorn and Lehmacher 1995).
   *
   * @param saferFirst choices, in an order that does not depend on what {@code holds} looks at
   * @return empty if the first fails
   */
  static Optional<Set<String>> judged(List<Set<String>> saferFirst, Predicate<Set<String>> holds) {
    Optional<Set<String>> last = Optional.empty();
    for (Set<String> choice : saferFirst) {
      if (!holds.test(choice)) {
        break;
      }
      last = Optional.of(choice);
    }
    return last;
  }

  /** Without the layers that are not needed; the last, most sensitive addition always is. */
  private static Set<String> prune(Set<String> layers, Predicate<Set<String>> holds) {
    Set<String> kept = new LinkedHashSet<>(layers);
    List<String> leastFirst = new ArrayList<>(layers).reversed();
    for (String layer : leastFirst.subList(Math.min(1, leastFirst.size()), leastFirst.size())) {
      Set<String> without = new LinkedHashSet<>(kept);
      without.remove(layer);
      if (!without.isEmpty() && holds.test(without)) {
        kept = without;
      }
    }
    return kept;
  }

  private static Set<String> first(List<String> layers, int count) {
    return new LinkedHashSet<>(layers.subList(0, count));
  }
}
