package dev.tinytitan.compress.prune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * The units of a group from the least to the most important, with what losing the first of them
 * costs.
 */
final class Ranking {
  private final ChannelGroup group;
  private final List<ChannelUnit> order = new ArrayList<>();
  private final double[] lost;
  private final int step;
  private final int most;

  /**
   * Ranks a group.
   *
   * @param scores of its units
   * @param multiple the counts of channels that are wanted
   * @param most the share that may go
   */
  Ranking(ChannelGroup group, double[] scores, int multiple, double most) {
    this.group = group;
    int size = scores.length;
    List<Integer> sorted =
        IntStream.range(0, size)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> scores[i]))
            .toList();
    double sum = Arrays.stream(scores).sum();
    lost = new double[size + 1];
    for (int i = 0; i < size; i++) {
      int unit = sorted.get(i);
      order.add(group.units().get(unit));
      lost[i + 1] = lost[i] + (sum > 0 ? scores[unit] / sum : 1.0 / size);
    }
    this.step = step(size, group.width(), multiple);
    this.most = Math.min(size - 1, (int) Math.floor(most * size));
  }

  /** Units whose channels together are the multiple wanted, or less where there are few of them. */
  private static int step(int size, int width, int multiple) {
    int step = Math.max(1, multiple / greatestCommonDivisor(multiple, width));
    while (step > 1 && step * 2 > size) {
      step = (step + 1) / 2;
    }
    return step;
  }

  private static int greatestCommonDivisor(int a, int b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
  }

  ChannelGroup group() {
    return group;
  }

  int size() {
    return order.size();
  }

  /** Of the removed counts that leave a rounded number of channels, the next after one. */
  int next(int removed) {
    int kept = order.size() - removed;
    int wanted = kept % step == 0 ? kept - step : kept - kept % step;
    int next = order.size() - wanted;
    return wanted < 1 || next > most ? removed : next;
  }

  /** The count to remove nearest to a share, rounded, and no more than may go. */
  int nearest(double share) {
    double wish = share * order.size();
    int best = 0;
    for (int at = 0, next; (next = next(at)) != at; at = next) {
      if (Math.abs(next - wish) <= Math.abs(best - wish)) {
        best = next;
      }
    }
    return best;
  }

  /** Units {@code from} to before {@code to}, the least important first. */
  List<ChannelUnit> units(int from, int to) {
    return order.subList(from, to);
  }

  /** The share of the importance that goes with the first units. */
  double lost(int removed) {
    return lost[removed];
  }

  /** What goes with the first units, by a curve of errors over shares. */
  double lost(int removed, DoubleUnaryOperator errorAt) {
    // Where two counts err alike, importance decides.
    return errorAt.applyAsDouble((double) removed / order.size()) + 1e-9 * lost[removed];
  }
}
