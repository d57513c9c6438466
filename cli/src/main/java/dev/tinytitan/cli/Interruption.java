package dev.tinytitan.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Turns Ctrl-C into a request: while one is open, the JVM waits with ending until the command has
 * kept what is done.
 *
 * <pre>{@code
 * try (Interruption interruption = Interruption.listen()) {
 *   while (!interruption.isRequested()) { … }
 *   save();
 * }
 * }</pre>
 */
public final class Interruption implements AutoCloseable {
  /** A second Ctrl-C does nothing, so that waiting must end by itself. */
  private static final long MOST_SECONDS = 120;

  private final CountDownLatch done = new CountDownLatch(1);
  private final Thread hook;
  private volatile boolean requested;

  private Interruption() {
    this.hook = new Thread(this::await, "titan-interruption");
  }

  /** Begins to listen. */
  public static Interruption listen() {
    Interruption interruption = new Interruption();
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  /** One that never comes: Ctrl-C ends the command at once, where nothing is worth being kept. */
  public static Interruption never() {
    return new Interruption();
  }

  /** True once somebody has pressed Ctrl-C. */
  public boolean isRequested() {
    return requested;
  }

  private void await() {
    requested = true;
    try {
      boolean _ = done.await(MOST_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets the JVM end. */
  @Override
  public void close() {
    done.countDown();
    if (!requested) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException ending) {
        // The JVM is ending between the two; the hook has nothing left to wait for.
      }
    }
  }
}
