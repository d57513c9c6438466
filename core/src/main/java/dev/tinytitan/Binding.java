package dev.tinytitan;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.run.BoundPlan;
import dev.tinytitan.run.RunGate;
import dev.tinytitan.tensor.Tensor;
import java.util.stream.Collectors;

/**
 * Planned memory and tensors for running a session's model for one set of input shapes. Fill the
 * inputs, {@link #run}, read the outputs. Serves one thread at a time; other threads take bindings
 * of their own.
 *
 * <pre>{@code
 * Binding binding = session.binding();
 * float[] pixels = binding.input("input").floatArray();
 * // for each image: fill pixels, then
 * binding.run();
 * Tensor scores = binding.output("scores");
 * }</pre>
 *
 * <p>Inputs keep their contents from run to run; outputs are overwritten by the next run. A run
 * allocates nothing where every step has a kernel and every shape follows from the inputs' shapes;
 * {@link Session#explain} shows the steps that run on the reference instead.
 *
 * <p>A binding belongs to its session and need not be closed; after the session is, it no longer
 * runs.
 */
public final class Binding {
  private final Graph graph;
  private final BoundPlan plan;
  private final RunGate gate;

  Binding(Graph graph, BoundPlan plan, RunGate gate) {
    this.graph = graph;
    this.plan = plan;
    this.gate = gate;
  }

  /**
   * Runs the model on what the inputs hold.
   *
   * @throws IllegalStateException if the session is closed
   */
  public void run() {
    gate.enter();
    try {
      plan.run();
    } finally {
      gate.leave();
    }
  }

  /** The tensor of input {@code index}, to be written before a run. */
  public Tensor input(int index) {
    return plan.input(index);
  }

  /**
   * The tensor of an input, to be written before a run.
   *
   * @throws ShapeMismatchException if the model has no such input
   */
  public Tensor input(String name) {
    for (int i = 0; i < graph.inputs().size(); i++) {
      if (graph.inputs().get(i).name().equals(name)) {
        return plan.input(i);
      }
    }
    throw new ShapeMismatchException(
        "The model has no input '"
            + name
            + "': it takes "
            + graph.inputs().stream()
                .map(value -> "'" + value.name() + "'")
                .collect(Collectors.joining(", "))
            + ".");
  }

  /**
   * The tensor of output {@code index}, as the last run left it; not to be written. Where its shape
   * depends on data it is another tensor after each run.
   *
   * @throws IllegalStateException if its shape depends on data and nothing has run yet
   */
  public Tensor output(int index) {
    return plan.output(index);
  }

  /**
   * The tensor of an output, as the last run left it; see {@link #output(int)}.
   *
   * @throws ShapeMismatchException if the model has no such output
   * @throws IllegalStateException if its shape depends on data and nothing has run yet
   */
  public Tensor output(String name) {
    for (int i = 0; i < graph.outputs().size(); i++) {
      if (graph.outputs().get(i).name().equals(name)) {
        return plan.output(i);
      }
    }
    throw new ShapeMismatchException(
        "The model has no output '"
            + name
            + "': it gives "
            + graph.outputs().stream()
                .map(value -> "'" + value.name() + "'")
                .collect(Collectors.joining(", "))
            + ".");
  }

  /** Bytes of memory that this binding owns: activations, inputs, outputs, scratch. */
  public long byteSize() {
    return plan.byteSize();
  }
}
