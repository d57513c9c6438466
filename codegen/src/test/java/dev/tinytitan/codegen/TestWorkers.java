package dev.tinytitan.codegen;

import dev.tinytitan.kernel.Workers;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs parts as a busy pool does, one after the other, or on a thread for each.
 *
 * @param threads how many there are
 * @param seed says in which way, and which part comes first
 */
public record TestWorkers(int threads, long seed) implements Workers {
  @Override
  public void run(Task task, int parts, double nanos) {
    if (seed % 4 != 0) {
      for (int i = 0; i < parts; i++) {
        task.run((int) (seed + i) % parts, parts);
      }
      return;
    }
    List<Thread> others = new ArrayList<>();
    for (int part = 1; part < parts; part++) {
      int number = part;
      others.add(Thread.ofPlatform().start(() -> task.run(number, parts)));
    }
    task.run(0, parts);
    for (Thread other : others) {
      try {
        other.join();
      } catch (InterruptedException interrupted) {
        throw new IllegalStateException(interrupted);
      }
    }
  }
}
