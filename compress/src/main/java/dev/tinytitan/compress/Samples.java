package dev.tinytitan.compress;

import dev.tinytitan.data.Dataset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * Samples by number. They are read one by one, several times over, and not kept: a source that
 * reads a file at each call keeps memory flat however many there are.
 */
public interface Samples {

  /** How many there are. */
  int size();

  /**
   * Sample {@code index}, from 0 on; the same each time.
   *
   * @throws dev.tinytitan.BadDataException if it cannot be read
   */
  Sample get(int index);

  /**
   * What a sample must not be parted from when the data are split: a patient, a machine, a speaker.
   *
   * @return a number that samples of the same group share; each sample is its own group unless the
   *     source knows better
   */
  default long group(int index) {
    return index;
  }

  /** No samples. */
  static Samples none() {
    return of(List.of());
  }

  /** Samples that are in memory. */
  static Samples of(List<Sample> list) {
    List<Sample> copy = List.copyOf(list);
    return of(copy.size(), copy::get);
  }

  /** Samples made when asked for. */
  static Samples of(int size, IntFunction<Sample> source) {
    return new Samples() {
      @Override
      public int size() {
        return size;
      }

      @Override
      public Sample get(int index) {
        return source.apply(index);
      }
    };
  }

  /**
   * A data set for a model with one input; each sample is a batch of one.
   *
   * @param input the input's name
   */
  static Samples of(Dataset data, String input) {
    return new DatasetSamples(data, input);
  }

  /** Some of them, by number, in this order. */
  default Samples pick(List<Integer> indices) {
    List<Integer> copy = List.copyOf(indices);
    Samples all = this;
    return new Samples() {
      @Override
      public int size() {
        return copy.size();
      }

      @Override
      public Sample get(int index) {
        return all.get(copy.get(index));
      }

      @Override
      public long group(int index) {
        return all.group(copy.get(index));
      }
    };
  }

  /** The first {@code count} of them, or all if there are fewer. */
  default Samples first(int count) {
    return pick(IntStream.range(0, Math.min(count, size())).boxed().toList());
  }

  /**
   * Splits them at random, the same way for the same seed; groups stay together.
   *
   * @param share of the groups that go to the first part, 0 to 1, rounded down
   * @return the two parts, which share no sample
   */
  default List<Samples> split(double share, long seed) {
    Map<Long, List<Integer>> groups = new LinkedHashMap<>();
    for (int i = 0; i < size(); i++) {
      groups.computeIfAbsent(group(i), key -> new ArrayList<>()).add(i);
    }
    List<List<Integer>> order = new ArrayList<>(groups.values());
    Collections.shuffle(order, new Random(seed));
    int count = (int) (share * order.size());
    return List.of(
        pick(order.subList(0, count).stream().flatMap(List::stream).toList()),
        pick(order.subList(count, order.size()).stream().flatMap(List::stream).toList()));
  }
}
