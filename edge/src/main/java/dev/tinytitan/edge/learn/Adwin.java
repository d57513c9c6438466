package dev.tinytitan.edge.learn;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A window over a stream that shrinks when its old part and its new part have different means
 * (Bifet and Gavaldà 2007, ADWIN), for numbers from 0 to 1. Buckets double in size as they age, so
 * memory grows with the logarithm of the window. One thread at a time.
 */
public final class Adwin {
  /** Buckets of one size before two of them become one. */
  private static final int BUCKETS = 5;

  private static final int LEAST_PART = 5;
  private static final int CHECK_EVERY = 8;

  private final double confidence;

  /** The oldest first; sizes are powers of two that fall. */
  private final Deque<Bucket> buckets = new ArrayDeque<>();

  private long added;

  private record Bucket(long count, double sum) {
    Bucket with(Bucket other) {
      return new Bucket(count + other.count, sum + other.sum);
    }
  }

  /**
   * @param confidence how likely a false alarm may be, such as 0.002
   */
  public Adwin(double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException("a confidence of " + confidence);
    }
    this.confidence = confidence;
  }

  /**
   * Takes a number; one that is not finite is left out, others are cut to 0 to 1.
   *
   * @return true if the mean changed; what is old was dropped then
   */
  public boolean add(double value) {
    if (!Double.isFinite(value)) {
      return false;
    }
    buckets.addLast(new Bucket(1, Math.clamp(value, 0, 1)));
    compress();
    added++;
    return added % CHECK_EVERY == 0 && shrink();
  }

  /** Where there are too many buckets of a size, the two oldest of them become one. */
  private void compress() {
    List<Bucket> all = new ArrayList<>(buckets);
    for (long size = 1; ; size *= 2) {
      int first = -1;
      int count = 0;
      for (int i = 0; i < all.size(); i++) {
        if (all.get(i).count() == size) {
          first = first < 0 ? i : first;
          count++;
        }
      }
      if (count <= BUCKETS) {
        break;
      }
      all.set(first, all.get(first).with(all.remove(first + 1)));
    }
    buckets.clear();
    buckets.addAll(all);
  }

  private boolean shrink() {
    boolean changed = false;
    while (buckets.size() > 1 && differs()) {
      buckets.removeFirst();
      changed = true;
    }
    return changed;
  }

  /** True if some cut leaves two parts whose means differ by more than chance. */
  private boolean differs() {
    double all = size();
    double total = sum();
    double mean = total / all;
    double variance = mean * (1 - mean);
    double delta = Math.log(2 * Math.log(Math.max(3, all)) / confidence);
    double oldCount = 0;
    double oldSum = 0;
    for (Bucket bucket : buckets) {
      oldCount += bucket.count();
      oldSum += bucket.sum();
      double newCount = all - oldCount;
      if (oldCount >= LEAST_PART && newCount >= LEAST_PART) {
        double share = 1 / oldCount + 1 / newCount;
        double bound = Math.sqrt(2 * share * variance * delta) + 2.0 / 3 * share * delta;
        if (Math.abs(oldSum / oldCount - (total - oldSum) / newCount) > bound) {
          return true;
        }
      }
    }
    return false;
  }

  private double sum() {
    return buckets.stream().mapToDouble(Bucket::sum).sum();
  }

  /** How many numbers the window holds. */
  public long size() {
    return buckets.stream().mapToLong(Bucket::count).sum();
  }

  /** The mean of the window; 0 if it is empty. */
  public double mean() {
    long size = size();
    return size == 0 ? 0 : sum() / size;
  }
}
