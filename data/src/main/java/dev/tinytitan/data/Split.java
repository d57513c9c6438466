package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Which samples are trained with, and which are held back. What belongs together (a patient, a
 * machine, a speaker: {@link Dataset#groups}) is never torn apart.
 *
 * @param train numbers of samples, ascending
 * @param heldBack the others, ascending
 */
@SuppressWarnings("ArrayRecordComponent") // Long; indices into arrays, never compared.
public record Split(int[] train, int[] heldBack) {

  /**
   * Splits by chance.
   *
   * @param fraction how much is held back, above 0 and below 1; whole groups, so that it may be a
   *     little more
   * @param seed the same seed gives the same split
   * @throws BadDataException if either part would be empty
   */
  public static Split of(Dataset data, double fraction, long seed) {
    long[] groups = new long[data.size()];
    for (int i = 0; i < groups.length; i++) {
      int index = i;
      groups[i] = data.groups().map(numbers -> numbers.getLong(index)).orElse((long) i);
    }
    return of(groups, fraction, seed);
  }

  /**
   * Splits by chance.
   *
   * @param memberships the group that each sample belongs to
   * @param fraction how much is held back, above 0 and below 1; whole groups, so that it may be a
   *     little more
   * @param seed the same seed gives the same split
   * @throws BadDataException if either part would be empty
   */
  public static Split of(long[] memberships, double fraction, long seed) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException("a part of " + fraction + " held back");
    }
    int size = memberships.length;
    Map<Long, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      groups.computeIfAbsent(memberships[i], key -> new ArrayList<>()).add(i);
    }
    List<List<Integer>> order = new ArrayList<>(groups.values());
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = order.size() - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      List<Integer> moved = order.get(i);
      order.set(i, order.get(j));
      order.set(j, moved);
    }
    boolean[] held = new boolean[size];
    int count = 0;
    for (List<Integer> group : order) {
      if (count >= fraction * size) {
        break;
      }
      group.forEach(index -> held[index] = true);
      count += group.size();
    }
    if (count == 0 || count == size) {
      throw new BadDataException(
          "The data have "
              + size
              + (size == 1 ? " sample in " : " samples in ")
              + groups.size()
              + (groups.size() == 1 ? " group" : " groups")
              + ": too few to hold some back.");
    }
    int[] train = new int[size - count];
    int[] heldBack = new int[count];
    int nextTrain = 0;
    int nextHeld = 0;
    for (int i = 0; i < held.length; i++) {
      if (held[i]) {
        heldBack[nextHeld++] = i;
      } else {
        train[nextTrain++] = i;
      }
    }
    return new Split(train, heldBack);
  }
}
