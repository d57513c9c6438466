package dev.tinytitan.codegen.probe;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.memory.ExecutableMemory;
import dev.tinytitan.codegen.memory.NativeArena;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.kernel.PeakProbe;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Measures with generated code. A figure is that of the best slice of a fifth of a second: the
 * ceiling is what the processor reaches undisturbed.
 */
public final class GeneratedPeakProbe implements PeakProbe {
  private static final long DURATION = TimeUnit.MILLISECONDS.toNanos(200);
  private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(4);

  /** Calls between two looks at the clock. */
  private static final int CALLS = 10_000;

  /** For the service loader. */
  public GeneratedPeakProbe() {}

  @Override
  public Optional<String> problem() {
    return Host.problem();
  }

  @Override
  public Peaks measure() {
    long start = System.nanoTime();
    Optional<String> problem = Host.trial();
    double firstCall = (System.nanoTime() - start) / 1e6;
    if (problem.isPresent()) {
      throw new IllegalStateException("The peak cannot be measured: " + problem.get());
    }
    Target target = Host.target();
    PeakKernels kernels = new PeakKernels(target, false);
    try (ExecutableMemory code = ExecutableMemory.of(kernels.code());
        NativeArena arena = new NativeArena()) {
      long activations =
          arena.allocate((long) kernels.rows() * PeakKernels.STEPS * PeakKernels.GROUP).address();
      long weights = arena.allocate((long) PeakKernels.STEPS * kernels.weightBytes()).address();
      long sums = arena.allocate(4L * kernels.rows() * kernels.columns()).address();
      NativeFunction floats = code.function(PeakKernels.FLOAT);
      NativeFunction bytes = code.function(PeakKernels.BYTES);
      NativeFunction tile = code.function(PeakKernels.TILE);
      NativeFunction empty = code.function(PeakKernels.EMPTY);
      return new Peaks(
          target.isa().property(),
          kernels.floatProducts() / nanosPerRound(floats::call),
          kernels.byteProducts() / nanosPerRound(bytes::call),
          kernels.tileProducts()
              / nanosPerRound(rounds -> tile.call(rounds, activations, weights, sums)),
          nanosPerCall(() -> empty.callCritical(1)),
          nanosPerCall(() -> empty.call(1)),
          // Later calls of this method find the trial done, in some nanoseconds.
          firstCall < 0.1 ? 0 : firstCall);
    }
  }

  /** The time of one round in the best slice. */
  private static double nanosPerRound(LongConsumer function) {
    long rounds = 1000;
    while (nanos(function, rounds) < SLICE) {
      rounds *= 2;
    }
    long best = Long.MAX_VALUE;
    long end = System.nanoTime() + DURATION;
    while (System.nanoTime() < end) {
      best = Math.min(best, nanos(function, rounds));
    }
    return (double) best / rounds;
  }

  private static long nanos(LongConsumer function, long rounds) {
    long start = System.nanoTime();
    function.accept(rounds);
    return System.nanoTime() - start;
  }

  /** The time of one call in the best run of many, with the loop around it. */
  private static double nanosPerCall(Runnable call) {
    long best = Long.MAX_VALUE;
    long end = System.nanoTime() + DURATION;
    while (System.nanoTime() < end) {
      long start = System.nanoTime();
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      best = Math.min(best, System.nanoTime() - start);
    }
    return (double) best / CALLS;
  }
}
