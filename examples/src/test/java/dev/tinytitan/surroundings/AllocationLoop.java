package dev.tinytitan.surroundings;

import com.sun.management.ThreadMXBean;
import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.kernel.EngineCatalog;
import dev.tinytitan.kernel.StepReport;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs bindings of the models given as arguments, on one thread, until a run of 20 calls allocates
 * nothing (the Vector API allocates until its callers are compiled) or the patience is over; prints
 * a line each: the file's name, bytes of the last 20 calls, steps without a kernel.
 */
public final class AllocationLoop {
  private static final int CALLS = 20;

  /** Nanoseconds; only a model that goes on allocating needs them all. */
  private static final long PATIENCE = 20_000_000_000L;

  private AllocationLoop() {}

  public static void main(String[] files) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (String file : files) {
      SessionOptions options = SessionOptions.defaults().withThreads(1);
      try (Session session = Model.load(Path.of(file)).open(options)) {
        Map<String, Tensor> inputs = Inputs.random(session.inputs(), 16);
        Map<String, Shape> shapes = new HashMap<>();
        inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        Binding binding = session.binding(shapes);
        inputs.forEach((name, tensor) -> binding.input(name).copyFrom(tensor));
        long bytes = 1;
        long start = System.nanoTime();
        while (bytes > 0 && System.nanoTime() - start < PATIENCE) {
          long before = threads.getCurrentThreadAllocatedBytes();
          for (int call = 0; call < CALLS; call++) {
            binding.run();
          }
          bytes = threads.getCurrentThreadAllocatedBytes() - before;
        }
        String slow =
            session.explain(shapes).stream()
                .filter(step -> step.engine().equals(EngineCatalog.REFERENCE))
                .map(StepReport::operator)
                .distinct()
                .sorted()
                .collect(Collectors.joining(","));
        System.out.println(
            Path.of(file).getFileName() + " " + bytes + " " + (slow.isEmpty() ? "-" : slow));
      }
    }
  }
}
