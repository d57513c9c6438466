package dev.tinytitan.compress.prune;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;

/**
 * Decides how many units each group gives. Takes them in steps of rounded channel counts, always
 * from the group where a step loses least for what it saves.
 */
final class Allocation {
  private final List<Ranking> rankings;
  private final Map<String, Sensitivity> sensitivities;
  private final ChannelCosts costs;
  private final int[] removed;

  /**
   * @param sensitivities of groups by name; where there is none, importance stands in
   * @param costs of the unpruned model; changed
   */
  Allocation(List<Ranking> rankings, Map<String, Sensitivity> sensitivities, ChannelCosts costs) {
    this.rankings = rankings;
    this.sensitivities = sensitivities;
    this.costs = costs;
    this.removed = new int[rankings.size()];
  }

  /** Takes the same share of every group. */
  Allocation share(double share) {
    for (int i = 0; i < removed.length; i++) {
      List<ChannelUnit> units = rankings.get(i).units(0, rankings.get(i).nearest(share));
      if (costs.canRemove(units)) {
        costs.remove(units);
        removed[i] = units.size();
      }
    }
    return this;
  }

  /**
   * Takes units until a figure is no more than wanted, or nothing more can go.
   *
   * @return true if it is reached
   */
  boolean until(ToLongFunction<ChannelCosts> figure, long wanted) {
    boolean[] done = new boolean[removed.length];
    while (figure.applyAsLong(costs) > wanted) {
      int best = -1;
      double bestPrice = Double.POSITIVE_INFINITY;
      for (int i = 0; i < removed.length; i++) {
        if (done[i]) {
          continue;
        }
        double price = price(i, figure);
        if (Double.isNaN(price)) {
          done[i] = true;
        } else if (price < bestPrice) {
          best = i;
          bestPrice = price;
        }
      }
      if (best < 0) {
        return false;
      }
      int next = rankings.get(best).next(removed[best]);
      costs.remove(rankings.get(best).units(removed[best], next));
      removed[best] = next;
    }
    return true;
  }

  /** What a step loses for each unit of the figure that it saves; NaN if there is no step left. */
  private double price(int i, ToLongFunction<ChannelCosts> figure) {
    Ranking ranking = rankings.get(i);
    int next = ranking.next(removed[i]);
    List<ChannelUnit> step = ranking.units(removed[i], next);
    if (step.isEmpty() || !costs.canRemove(step)) {
      return Double.NaN;
    }
    long before = figure.applyAsLong(costs);
    costs.remove(step);
    long saved = before - figure.applyAsLong(costs);
    costs.restore(step);
    return saved <= 0 ? Double.NaN : (loss(ranking, next) - loss(ranking, removed[i])) / saved;
  }

  private double loss(Ranking ranking, int count) {
    Sensitivity sensitivity = sensitivities.get(ranking.group().name());
    return sensitivity == null ? ranking.lost(count) : ranking.lost(count, sensitivity::errorAt);
  }

  /** The units that go. */
  List<ChannelUnit> units() {
    List<ChannelUnit> units = new ArrayList<>();
    for (int i = 0; i < removed.length; i++) {
      units.addAll(rankings.get(i).units(0, removed[i]));
    }
    return units;
  }

  /** How many units of each group go, by the group's name. */
  Map<String, Integer> counts() {
    Map<String, Integer> counts = new HashMap<>();
    for (int i = 0; i < removed.length; i++) {
      counts.put(rankings.get(i).group().name(), removed[i]);
    }
    return counts;
  }
}
