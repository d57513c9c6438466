package dev.tinytitan.edge.adapt;

import java.util.List;

/**
 * Answers one after the other.
 *
 * @param title what they are of
 * @param frames in order; at least one
 */
public record Timeline(String title, List<Frame> frames) {
  public Timeline {
    frames = List.copyOf(frames);
    if (frames.isEmpty()) {
      throw new IllegalArgumentException("a timeline of nothing");
    }
  }

  /** The share of answers that were late. */
  public double misses() {
    return misses(0);
  }

  /** The share of answers that were late, without the first so many. */
  public double misses(int without) {
    return frames.stream().skip(without).filter(frame -> !frame.inTime()).count()
        / (double) Math.max(1, frames.size() - without);
  }

  /** Joules of all answers. */
  public double joules() {
    return frames.stream().mapToDouble(Frame::joules).sum();
  }

  /** The mean accuracy of answers, those that were late counted as wrong. */
  public double accuracy() {
    return frames.stream()
        .mapToDouble(frame -> frame.inTime() ? frame.point().accuracy() : 0)
        .average()
        .orElse(0);
  }

  /** The frames at which the point changed. */
  public List<Frame> changes() {
    return frames.stream().filter(frame -> frame.change().isPresent()).toList();
  }
}
