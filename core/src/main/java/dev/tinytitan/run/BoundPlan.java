package dev.tinytitan.run;

import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelTable;
import dev.tinytitan.kernel.KernelUnavailableException;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.kernel.Workers;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A plan with its memory: the arrays, the tensors over them, and the steps bound to those tensors.
 * Serves one thread at a time.
 */
public final class BoundPlan {
  /** By how much what threads share in many small steps has to outweigh waking them once. */
  private static final double SHARE_OF_WAKING = 4;

  private final Plan plan;
  private final GraphRunner runner;
  private final @Nullable Tensor[] values;
  private final BoundStep[] steps;
  private final List<Kernel> kernels = new ArrayList<>();
  private final Tensor[] inputs;
  private final Scratch[] scratch;
  private final boolean wakes;

  /** One step with its tensors. */
  private interface BoundStep {
    void run();
  }

  BoundPlan(Plan plan, GraphRunner runner) {
    this.plan = plan;
    this.runner = runner;
    Object[] arrays = new Object[plan.memory().slots().size()];
    for (int i = 0; i < arrays.length; i++) {
      MemoryPlan.Slot slot = plan.memory().slots().get(i);
      arrays[i] = slot.kind().allocate(slot.length());
    }
    this.values = new Tensor[plan.values().size()];
    for (int i = 0; i < values.length; i++) {
      Plan.PlannedValue value = plan.values().get(i);
      if (value.constant() != null) {
        values[i] = value.constant();
      } else if (value.slot() >= 0 && value.type() != null) {
        values[i] =
            Tensor.over(
                value.layout().stored(value.type().dtype()),
                value.type().shape(),
                arrays[value.slot()]);
      }
    }
    int parts = 1;
    for (Plan.Step step : plan.steps()) {
      parts = Math.max(parts, step instanceof Plan.KernelStep kernel ? kernel.parts() : 1);
    }
    this.scratch = new Scratch[parts];
    for (int i = 0; i < parts; i++) {
      scratch[i] = new Scratch(plan.scratchFloats(), plan.scratchInts(), plan.scratchBytes());
    }
    this.steps = new BoundStep[plan.steps().size()];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = bind(plan.steps().get(i));
    }
    this.wakes = Work.isWorthWaking(sharedNanos(plan) / SHARE_OF_WAKING, runner.pool().threads());
    this.inputs = new Tensor[plan.inputs().size()];
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = Objects.requireNonNull(values[plan.inputs().get(i)]);
    }
  }

  /** Estimated time of the steps that threads may share, if they are awake. */
  private static double sharedNanos(Plan plan) {
    double sum = 0;
    for (Plan.Step step : plan.steps()) {
      if (step instanceof Plan.KernelStep kernel && Work.isWorthSharing(kernel.nanos())) {
        sum += kernel.nanos();
      }
    }
    return sum;
  }

  /** By comparisons: the first switch over classes takes the JVM ten milliseconds. */
  private BoundStep bind(Plan.Step step) {
    if (step instanceof Plan.ChainStep chain) {
      return bind(chain);
    }
    return step instanceof Plan.KernelStep kernel
        ? bind(kernel)
        : new BoundNode((Plan.NodeStep) step);
  }

  private BoundStep bind(Plan.KernelStep step) {
    WorkerPool pool = runner.pool();
    Kernel kernel = step.kernel().bind(pool);
    kernels.add(kernel);
    @Nullable Tensor[] in = tensors(step.inputs());
    @Nullable Tensor[] out = tensors(step.outputs());
    for (int input : step.inputs()) {
      if (input >= 0 && plan.values().get(input).type() == null) {
        throw new IllegalStateException("step " + step.label() + " has an unplanned input");
      }
    }
    if (step.parts() == 1) {
      Scratch own = scratch[0];
      return new WholeKernel(kernel, in, out, own);
    }
    int parts = step.parts();
    Workers.Task task = (part, count) -> kernel.run(in, out, scratch[part], part, count);
    double nanos = step.nanos();
    return () -> pool.run(task, parts, nanos);
  }

  private BoundStep bind(Plan.ChainStep step) {
    Kernel kernel = step.kernel().bind(runner.pool());
    kernels.add(kernel);
    @Nullable Tensor[] in = tensors(step.inputs());
    @Nullable Tensor[] out = tensors(step.outputs());
    return new WholeKernel(kernel, in, out, scratch[0]);
  }

  /** A kernel that runs in one part. */
  private static final class WholeKernel implements BoundStep {
    private final Kernel kernel;
    private final @Nullable Tensor[] in;
    private final @Nullable Tensor[] out;
    private final Scratch scratch;

    WholeKernel(Kernel kernel, @Nullable Tensor[] in, @Nullable Tensor[] out, Scratch scratch) {
      this.kernel = kernel;
      this.in = in;
      this.out = out;
      this.scratch = scratch;
    }

    @Override
    public void run() {
      kernel.run(in, out, scratch, 0, 1);
    }
  }

  private @Nullable Tensor[] tensors(List<Integer> numbers) {
    @Nullable Tensor[] tensors = new Tensor[numbers.size()];
    for (int i = 0; i < tensors.length; i++) {
      int number = numbers.get(i);
      tensors[i] = number < 0 ? null : values[number];
    }
    return tensors;
  }

  /** Runs all steps on what the input tensors hold. */
  public void run() {
    if (wakes) {
      runner.pool().wake();
    }
    for (BoundStep step : steps) {
      step.run();
    }
  }

  /** Input {@code index}, to be filled before {@link #run}; its contents survive a run. */
  public Tensor input(int index) {
    return inputs[index];
  }

  /** Output {@code index}, as the last {@link #run} left it. */
  public Tensor output(int index) {
    Tensor output = values[plan.outputs().get(index)];
    if (output == null) {
      throw new IllegalStateException("the plan has not run yet");
    }
    return output;
  }

  /** Bytes of the arrays, the scratch memory, and what kernels keep outside the heap. */
  public long byteSize() {
    long bytes = plan.memory().byteSize();
    for (Kernel kernel : kernels) {
      bytes += kernel.boundBytes();
    }
    for (Scratch each : scratch) {
      bytes += each.byteSize();
    }
    return bytes;
  }

  /** A node on its reference, or with a kernel that is chosen when its shapes are known. */
  private final class BoundNode implements BoundStep {
    private final Plan.NodeStep step;
    private @Nullable List<Optional<TensorType>> lastTypes;
    private @Nullable Kernel lateKernel;
    private @Nullable List<TensorType> lateOutputs;
    private @Nullable Scratch lateScratch;

    BoundNode(Plan.NodeStep step) {
      this.step = step;
    }

    @Override
    public void run() {
      if (step.late() && runLateKernel()) {
        return;
      }
      Node node = step.node();
      List<@Nullable Tensor> arguments = new ArrayList<>(step.inputs().size());
      for (int input : step.inputs()) {
        arguments.add(input < 0 ? null : values[input]);
      }
      Interpreter.Evaluation evaluation =
          new Interpreter.Evaluation(node, arguments, runner) {
            @Override
            protected Tensor allocate(int index, DType dtype, Shape shape) {
              Tensor planned = planned(index);
              return planned != null && planned.dtype() == dtype && planned.shape().equals(shape)
                  ? planned
                  : Tensor.zeros(dtype, shape);
            }
          };
      evaluation.eval();
      List<@Nullable Tensor> results = evaluation.outputs();
      for (int i = 0; i < results.size(); i++) {
        int number = step.outputs().get(i);
        Tensor result = results.get(i);
        if (number >= 0 && result != null) {
          Tensor planned = planned(i);
          if (planned == null) {
            values[number] = result;
          } else if (planned != result) {
            planned.copyFrom(result);
          }
        }
      }
    }

    /** The planned tensor of an output, if its type was known beforehand. */
    private @Nullable Tensor planned(int output) {
      int number = output < step.outputs().size() ? step.outputs().get(output) : -1;
      return number >= 0 && plan.values().get(number).slot() >= 0 ? values[number] : null;
    }

    private boolean runLateKernel() {
      List<Optional<TensorType>> types = new ArrayList<>(step.inputs().size());
      for (int input : step.inputs()) {
        Tensor value = input < 0 ? null : values[input];
        types.add(
            value == null
                ? Optional.empty()
                : Optional.of(TensorType.of(value.dtype(), value.shape())));
      }
      if (!types.equals(lastTypes)) {
        lastTypes = types;
        prepareLate(types);
      }
      if (lateKernel == null || lateOutputs == null || lateScratch == null) {
        return false;
      }
      @Nullable Tensor[] out = new Tensor[step.outputs().size()];
      for (int i = 0; i < out.length; i++) {
        if (step.outputs().get(i) >= 0) {
          Tensor planned = planned(i);
          TensorType type = lateOutputs.get(i);
          out[i] = planned != null ? planned : Tensor.zeros(type.dtype(), type.shape());
          values[step.outputs().get(i)] = out[i];
        }
      }
      lateKernel.run(tensors(step.inputs()), out, lateScratch, 0, 1);
      return true;
    }

    private void prepareLate(List<Optional<TensorType>> types) {
      lateKernel = null;
      Node node = step.node();
      if (!node.operator().subgraphs().isEmpty()) {
        return;
      }
      // What the inputs hold may differ at the next run, so only true constants decide shapes.
      List<TensorType> outputs =
          TypeInference.inferNode(node, types, index -> step.constants().get(index));
      for (TensorType output : outputs) {
        if (!output.isStatic() || output.dtype() == DType.STRING) {
          return;
        }
      }
      KernelRequest request =
          new KernelRequest(
              node,
              types,
              outputs,
              step.constants(),
              Layout.ROW_MAJOR,
              new PackedWeights(List.of()));
      for (KernelTable.Candidate candidate : runner.table().candidates(request)) {
        if (candidate.refusal().isEmpty() && candidate.layout() == Layout.ROW_MAJOR) {
          try {
            Kernel kernel = runner.table().make(candidate, request);
            lateKernel = kernel;
            lateOutputs = outputs;
            lateScratch =
                new Scratch(kernel.scratchFloats(), kernel.scratchInts(), kernel.scratchBytes());
            return;
          } catch (KernelUnavailableException unavailable) {
            // It is in the log; the next candidate gives the same answer.
          }
        }
      }
    }
  }
}
