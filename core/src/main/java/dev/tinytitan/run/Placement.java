package dev.tinytitan.run;

import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Places the values of a plan whose steps are settled: which share a buffer, because one is
 * computed over the other, and which buffers share memory, because their lives do not meet.
 */
final class Placement {
  private final List<DraftValue> values;
  private final List<Plan.Step> steps;
  private final PackedWeights packed;

  Placement(List<DraftValue> values, List<Plan.Step> steps, PackedWeights packed) {
    this.values = values;
    this.steps = steps;
    this.packed = packed;
  }

  /**
   * The plan.
   *
   * @param inputs numbers of the graph's inputs
   * @param outputs numbers of the graph's outputs
   */
  Plan plan(int[] inputs, int[] outputs) {
    for (int output : outputs) {
      values.get(root(output)).persistent = true;
    }
    int[] lastUse = new int[values.size()];
    int[] firstUse = new int[values.size()];
    Arrays.fill(firstUse, Integer.MAX_VALUE);
    Arrays.fill(lastUse, -1);
    for (int input : inputs) {
      firstUse[input] = -1;
    }
    for (int step = 0; step < steps.size(); step++) {
      for (int input : steps.get(step).inputs()) {
        if (input >= 0) {
          lastUse[root(input)] = step;
        }
      }
    }
    shareInPlace(lastUse);
    for (int step = 0; step < steps.size(); step++) {
      for (int value : steps.get(step).outputs()) {
        if (value >= 0) {
          int root = root(value);
          firstUse[root] = Math.min(firstUse[root], step);
          lastUse[root] = Math.max(lastUse[root], step);
        }
      }
      for (int value : steps.get(step).inputs()) {
        if (value >= 0) {
          lastUse[root(value)] = Math.max(lastUse[root(value)], step);
        }
      }
    }
    int[] bufferOf = new int[values.size()];
    Arrays.fill(bufferOf, -1);
    List<MemoryPlan.Buffer> buffers = new ArrayList<>();
    for (int value = 0; value < values.size(); value++) {
      DraftValue draft = values.get(value);
      if (root(value) == value && draft.constant == null && draft.type != null) {
        bufferOf[value] = buffers.size();
        buffers.add(
            new MemoryPlan.Buffer(
                MemoryPlan.Kind.of(draft.layout.stored(draft.type.dtype())),
                arrayLength(draft.type),
                firstUse[value],
                draft.persistent ? Integer.MAX_VALUE : lastUse[value],
                draft.persistent));
      }
    }
    MemoryPlan memory = MemoryPlan.of(buffers);
    List<Plan.PlannedValue> planned = new ArrayList<>();
    for (int value = 0; value < values.size(); value++) {
      DraftValue draft = values.get(value);
      int buffer = bufferOf[root(value)];
      planned.add(
          new Plan.PlannedValue(
              draft.name,
              draft.type,
              draft.layout,
              draft.constant == null ? null : readable(draft.constant),
              buffer < 0 ? -1 : memory.slotOf().get(buffer)));
    }
    int floats = 0;
    int ints = 0;
    int bytes = 0;
    for (Plan.Step step : steps) {
      if (step instanceof Plan.KernelStep kernelStep) {
        floats = Math.max(floats, kernelStep.kernel().scratchFloats());
        ints = Math.max(ints, kernelStep.kernel().scratchInts());
        bytes = Math.max(bytes, kernelStep.kernel().scratchBytes());
      }
    }
    return new Plan(
        List.copyOf(planned),
        List.copyOf(steps),
        Plan.numbers(inputs),
        Plan.numbers(outputs),
        memory,
        floats,
        ints,
        bytes);
  }

  /**
   * Kernels read arrays; a constant mapped from the file is copied out once, and shared by plans.
   */
  private Tensor readable(Tensor tensor) {
    return tensor.isMapped() ? packed.get(tensor, "array", Tensor.class, tensor::copy) : tensor;
  }

  private static int arrayLength(TensorType type) {
    Shape shape = type.shape();
    return switch (type.dtype()) {
      case COMPLEX64, COMPLEX128 -> 2 * shape.size();
      case STRING -> shape.size();
      default -> type.dtype().bits() < 8 ? (int) type.dtype().byteSize(shape.size()) : shape.size();
    };
  }

  /** Lets kernels that can write over an input do so where nobody reads that input later. */
  private void shareInPlace(int[] lastUse) {
    for (int step = 0; step < steps.size(); step++) {
      if (!(steps.get(step) instanceof Plan.KernelStep kernelStep)
          || kernelStep.entry() == null
          || kernelStep.outputs().get(0) < 0) {
        continue;
      }
      int output = kernelStep.outputs().get(0);
      for (int i = 0; i < kernelStep.inputs().size(); i++) {
        int input = kernelStep.inputs().get(i);
        if (input >= 0
            && kernelStep.entry().row().canRunInPlace(i)
            && canShare(input, output, step, lastUse)) {
          int root = root(input);
          values.get(root(output)).buffer = root;
          lastUse[root] = Math.max(lastUse[root], lastUse[output]);
          break;
        }
      }
    }
  }

  private boolean canShare(int input, int output, int step, int[] lastUse) {
    DraftValue root = values.get(root(input));
    TensorType inputType = values.get(input).type;
    TensorType outputType = values.get(output).type;
    return root(output) == output
        && !root.persistent
        && !values.get(output).persistent
        && root.constant == null
        && root.type != null
        && inputType != null
        && outputType != null
        && lastUse[root(input)] == step
        && inputType.shape().equals(outputType.shape())
        && MemoryPlan.Kind.of(root.layout.stored(root.type.dtype()))
            == MemoryPlan.Kind.of(values.get(output).layout.stored(outputType.dtype()));
  }

  private int root(int value) {
    int current = value;
    while (values.get(current).buffer != current) {
      current = values.get(current).buffer;
    }
    return current;
  }
}
