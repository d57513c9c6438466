package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.kernel.LayerTime;
import dev.tinytitan.kernel.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Measures the layers of a compiled chain one by one, in their order, over and over: so each finds
 * the caches as it does in a run.
 */
final class LayerTimes {
  private static final int ROUNDS = 2_000;
  private static final long MOST_NANOS = 1_000_000_000;

  private LayerTimes() {}

  static List<LayerTime> measure(ChainKernel kernel) {
    List<ChainKernel.Part> parts = kernel.plan().layers();
    ChainKernel.Bound bound = kernel.bind(Workers.NONE);
    long memory = bound.memory().address();
    List<NativeFunction> functions =
        parts.stream().map(part -> kernel.code().function(part.symbol())).toList();
    long[][] nanos = new long[parts.size()][ROUNDS];
    long start = System.nanoTime();
    int round = 0;
    while (round < ROUNDS && System.nanoTime() - start < MOST_NANOS) {
      for (int i = 0; i < nanos.length; i++) {
        long before = System.nanoTime();
        functions.get(i).call(memory);
        nanos[i][round] = System.nanoTime() - before;
      }
      round++;
    }
    List<LayerTime> times = new ArrayList<>();
    for (int i = 0; i < nanos.length; i++) {
      long[] sorted = Arrays.copyOf(nanos[i], round);
      Arrays.sort(sorted);
      ChainKernel.Part part = parts.get(i);
      times.add(
          new LayerTime(
              part.layer(), part.node(), sorted[round / 2], part.products(), part.floats()));
    }
    return times;
  }
}
