package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.op.DifferentiableFunction;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.UnaryGradient;
import dev.tinytitan.tensor.Tensor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The gradient of a function of each element. */
final class UnaryGradientKernel implements Kernel {
  private static final int UNIT = 64;

  private final DifferentiableFunction function;
  private final int size;

  UnaryGradientKernel(KernelRequest request) {
    this.function = request.operator(UnaryGradient.class).function();
    this.size = request.outputShape(0).size();
  }

  static Optional<String> refusal(KernelRequest request) {
    boolean bothVary = !request.isConstant(0) && !request.isConstant(1);
    return bothVary && request.inputShape(0).equals(request.inputShape(1))
        ? Optional.empty()
        : Optional.of("the inputs differ in shape or layout");
  }

  static double cost(KernelRequest request) {
    boolean fast = request.operator(UnaryGradient.class).function() instanceof Relu;
    return Work.ofElements(request.outputShape(0).size(), fast ? 0.15 : 4);
  }

  @Override
  public int parts(int threads) {
    double nanos = function instanceof Relu ? 0.15 : 4;
    return Work.parts(threads, Work.ofElements(size, nanos), (size + UNIT - 1) / UNIT);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    float[] x = Arrays32.of(inputs[1]);
    float[] dx = Arrays32.of(outputs[0]);
    int from = Work.bound(size, UNIT, part, parts);
    int to = Work.bound(size, UNIT, part + 1, parts);
    if (function instanceof Relu) {
      passPositive(dy, x, dx, from, to);
      return;
    }
    for (int i = from; i < to; i++) {
      dx[i] = (float) (dy[i] * function.derivative(x[i]));
    }
  }

  /** Without a branch, so that the JVM's compiler vectorizes it: the factor is exactly 0 or 1. */
  private static void passPositive(float[] dy, float[] x, float[] dx, int from, int to) {
    for (int i = from; i < to; i++) {
      dx[i] = dy[i] * (Math.max(0f, Math.min(x[i], Float.MIN_NORMAL)) * 0x1p126f);
    }
  }
}
