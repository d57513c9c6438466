package dev.tinytitan.run;

import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelTable;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How one graph runs for one set of input shapes: values with their places in memory, and steps in
 * order. Immutable; shared by all bindings made for it.
 *
 * @param values all values, by number
 * @param steps in the order in which they run
 * @param inputs numbers of the graph's inputs, in order
 * @param outputs numbers of the graph's outputs, in order
 * @param memory the arrays that a binding allocates
 * @param scratchFloats floats of scratch memory that a thread needs
 * @param scratchInts ints of scratch memory that a thread needs
 * @param scratchBytes bytes of scratch memory that a thread needs
 */
record Plan(
    List<PlannedValue> values,
    List<Step> steps,
    List<Integer> inputs,
    List<Integer> outputs,
    MemoryPlan memory,
    int scratchFloats,
    int scratchInts,
    int scratchBytes) {

  /**
   * One value.
   *
   * @param type null where it is only known when running
   * @param constant its value, if it never changes
   * @param slot the array of the memory plan that it lies in; -1 for constants and values whose
   *     type is only known when running
   */
  record PlannedValue(
      String name, @Nullable TensorType type, Layout layout, @Nullable Tensor constant, int slot) {}

  /** One step. */
  sealed interface Step {
    /** What it is, for explanations. */
    String label();

    /** Numbers of the values it reads; -1 for an input left out. */
    List<Integer> inputs();

    /** Numbers of the values it gives; -1 for an output left out. */
    List<Integer> outputs();
  }

  /**
   * A kernel, made.
   *
   * @param node null for a layout conversion
   * @param entry the row it came from; null for a layout conversion
   * @param parts into how many parts it is split
   * @param candidates what else was looked at
   * @param chainRefusal why the node is in no chain; empty if there was no question of one
   */
  record KernelStep(
      String label,
      @Nullable Node node,
      KernelTable.@Nullable Entry entry,
      Layout layout,
      Kernel kernel,
      List<Integer> inputs,
      List<Integer> outputs,
      int parts,
      List<KernelTable.Candidate> candidates,
      Optional<String> chainRefusal)
      implements Step {

    /** Estimated time; 0 for a layout conversion, which is not split. */
    double nanos() {
      for (KernelTable.Candidate candidate : candidates) {
        if (candidate.entry() == entry && candidate.layout() == layout) {
          return candidate.cost();
        }
      }
      return 0;
    }
  }

  /**
   * A run of nodes that one kernel computes.
   *
   * @param chain the nodes in order, as the kernel was made of them
   * @param maker what made the kernel
   */
  record ChainStep(
      String label,
      Chain chain,
      KernelTable.ChainMaker maker,
      Kernel kernel,
      List<Integer> inputs,
      List<Integer> outputs)
      implements Step {

    /** Its nodes, in order. */
    List<Node> nodes() {
      return chain.nodes().stream().map(KernelRequest::node).toList();
    }
  }

  /**
   * A node that runs on its operator's reference, or whose shapes are only known when running (a
   * kernel is then looked for at that time).
   *
   * @param late whether shapes are only known when running
   * @param chainRefusal why the node is in no chain; empty if there was no question of one
   */
  record NodeStep(
      Node node,
      List<Integer> inputs,
      List<Integer> outputs,
      boolean late,
      List<Optional<Tensor>> constants,
      List<KernelTable.Candidate> candidates,
      Optional<String> chainRefusal)
      implements Step {
    @Override
    public String label() {
      return node.name();
    }
  }

  /** Numbers of values, as a list. */
  static List<Integer> numbers(int[] array) {
    List<Integer> list = new ArrayList<>(array.length);
    for (int number : array) {
      list.add(number);
    }
    return List.copyOf(list);
  }
}
