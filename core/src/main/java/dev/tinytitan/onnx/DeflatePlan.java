package dev.tinytitan.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.zip.Deflater;

/**
 * How the parts of a file are best deflated. Numbers of one tensor have a distribution of their
 * own, and deserve Huffman codes of their own; packed weights hardly ever repeat, and short matches
 * that happen to be found in them cost more than the bytes that they stand for. So neighbouring
 * parts are deflated together or apart, with matches or without, whichever takes fewer bytes.
 *
 * @param parts one after the other
 */
record DeflatePlan(List<Part> parts) {
  /** Parts of more bytes stay apart: what a header costs is nothing to them. */
  private static final int MOST_JOINED = 1 << 18;

  private static final int[] STRATEGIES = {
    Deflater.DEFAULT_STRATEGY, Deflater.FILTERED, Deflater.HUFFMAN_ONLY
  };

  /**
   * Bytes that are deflated in one way.
   *
   * @param strategy one of {@link Deflater}
   */
  record Part(int from, int to, int strategy) {}

  private record Cost(int strategy, int bytes) {}

  DeflatePlan {
    parts = List.copyOf(parts);
  }

  /**
   * Tries what is best.
   *
   * @param ends where the parts of the bytes end, in ascending order
   */
  static DeflatePlan of(byte[] bytes, List<Long> ends) {
    List<Part> parts = new ArrayList<>();
    int from = 0;
    int begin = 0;
    Cost before = null;
    for (long each : ends) {
      int end = (int) each;
      Cost alone = cheapest(bytes, begin, end);
      Cost joined = before == null || end - from > MOST_JOINED ? null : cheapest(bytes, from, end);
      if (before == null) {
        before = alone;
      } else if (joined != null && joined.bytes <= before.bytes + alone.bytes) {
        before = joined;
      } else {
        parts.add(new Part(from, begin, before.strategy));
        from = begin;
        before = alone;
      }
      begin = end;
    }
    if (before != null) {
      parts.add(new Part(from, begin, before.strategy));
    }
    return new DeflatePlan(parts);
  }

  private static Cost cheapest(byte[] bytes, int from, int to) {
    Cost best = new Cost(Deflater.DEFAULT_STRATEGY, Integer.MAX_VALUE);
    for (int strategy : STRATEGIES) {
      int size = deflated(bytes, from, to, strategy);
      best = size < best.bytes ? new Cost(strategy, size) : best;
    }
    return best;
  }

  private static int deflated(byte[] bytes, int from, int to, int strategy) {
    // Not closeable before Java 25.
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    try {
      deflater.setStrategy(strategy);
      deflater.setInput(bytes, from, to - from);
      deflater.finish();
      byte[] buffer = new byte[1 << 14];
      int size = 0;
      while (!deflater.finished()) {
        size += deflater.deflate(buffer);
      }
      return size;
    } finally {
      deflater.end();
    }
  }
}
