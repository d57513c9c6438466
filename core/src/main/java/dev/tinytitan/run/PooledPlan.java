package dev.tinytitan.run;

import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A plan with bindings that nobody uses at the moment. Thread-safe. */
final class PooledPlan {
  private static final int MOST_IDLE = 4;

  private final Plan plan;
  private final GraphRunner runner;
  private final ConcurrentLinkedQueue<BoundPlan> idle = new ConcurrentLinkedQueue<>();
  private final AtomicInteger idleCount = new AtomicInteger();

  PooledPlan(Plan plan, GraphRunner runner) {
    this.plan = plan;
    this.runner = runner;
  }

  Plan plan() {
    return plan;
  }

  /** A binding of its own. */
  BoundPlan bind() {
    return new BoundPlan(plan, runner);
  }

  /**
   * Runs the plan on one of the bindings.
   *
   * @return outputs that the caller owns
   */
  List<Tensor> run(List<Tensor> inputs) {
    BoundPlan binding = idle.poll();
    if (binding == null) {
      binding = bind();
    } else {
      idleCount.decrementAndGet();
    }
    try {
      for (int i = 0; i < inputs.size(); i++) {
        binding.input(i).copyFrom(inputs.get(i));
      }
      binding.run();
      List<Tensor> outputs = new ArrayList<>(plan.outputs().size());
      for (int i = 0; i < plan.outputs().size(); i++) {
        outputs.add(binding.output(i).copy());
      }
      return outputs;
    } finally {
      if (idleCount.incrementAndGet() <= MOST_IDLE) {
        idle.add(binding);
      } else {
        idleCount.decrementAndGet();
      }
    }
  }
}
