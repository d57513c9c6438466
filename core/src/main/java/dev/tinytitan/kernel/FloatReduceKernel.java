package dev.tinytitan.kernel;

import dev.tinytitan.op.ReduceL1;
import dev.tinytitan.op.ReduceL2;
import dev.tinytitan.op.ReduceLogSum;
import dev.tinytitan.op.ReduceLogSumExp;
import dev.tinytitan.op.ReduceMax;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.ReduceMin;
import dev.tinytitan.op.ReduceProd;
import dev.tinytitan.op.ReduceSumSquare;
import dev.tinytitan.op.Reduction;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reductions along any axes. The elements are walked in the order in which they lie: a run of them
 * either falls into one number of the result, or is added to as many neighbours of it, and both are
 * loops over vectors. The logarithm of a sum of exponentials takes two walks, one for the maximum.
 */
final class FloatReduceKernel implements Kernel {
  /** Elements that are prepared at a time. */
  private static final int CHUNK = 256;

  private static final ElementFunction EXP = ElementFunction.of(ElementFunction.Kind.EXP);
  private static final ElementFunction ABS = ElementFunction.of(ElementFunction.Kind.ABS);
  private static final ElementFunction SQRT = ElementFunction.of(ElementFunction.Kind.SQRT);

  private final VectorOperations operations;
  private final Reduction operator;
  private final StridedLoop loop;
  private final int results;
  private final int each;

  FloatReduceKernel(VectorOperations operations, KernelRequest request) {
    this.operations = operations;
    this.operator = request.operator(Reduction.class);
    Shape shape = request.inputShape(0);
    boolean[] reduced = reduced(request);
    int[] kept = shape.toArray();
    for (int i = 0; i < kept.length; i++) {
      kept[i] = reduced[i] ? 1 : kept[i];
    }
    int[] to = Addressing.broadcast(Shape.of(kept), Shape.of(kept).strides(), shape);
    this.loop = new StridedLoop(shape.toArray(), to, shape.strides());
    this.results = request.outputShape(0).size();
    int count = 1;
    for (int i = 0; i < kept.length; i++) {
      count *= reduced[i] ? shape.dim(i) : 1;
    }
    this.each = count;
  }

  private static boolean[] reduced(KernelRequest request) {
    int rank = request.inputShape(0).rank();
    int[] axes = request.hasInput(1) ? request.constant(1).toIntArray() : new int[0];
    if (axes.length > 0) {
      return Shapes.axes(axes, rank);
    }
    boolean[] all = new boolean[rank];
    Arrays.fill(all, true);
    return all;
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    if (request.hasInput(1) && !request.isConstant(1)) {
      return Optional.of("the axes are not constant");
    }
    boolean none = !request.hasInput(1) || request.inputShape(1).size() == 0;
    return none && request.operator(Reduction.class).noopWithEmptyAxes()
        ? Optional.of("nothing is reduced")
        : Optional.empty();
  }

  @Override
  public boolean reads(int index) {
    return index == 0;
  }

  @Override
  public int scratchFloats() {
    return CHUNK + (operator instanceof ReduceLogSumExp ? results : 0);
  }

  private PairFunction function() {
    return switch (operator) {
      case ReduceMax max -> PairFunction.MAX;
      case ReduceMin min -> PairFunction.MIN;
      case ReduceProd product -> PairFunction.MUL;
      default -> PairFunction.ADD;
    };
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    float[] memory = scratch.floats();
    if (operator instanceof ReduceLogSumExp) {
      Arrays.fill(memory, CHUNK, CHUNK + results, Float.NEGATIVE_INFINITY);
      walk(x, memory, CHUNK, PairFunction.MAX, memory, false);
    }
    PairFunction function = function();
    float neutral =
        switch (function) {
          case MAX -> Float.NEGATIVE_INFINITY;
          case MIN -> Float.POSITIVE_INFINITY;
          case MUL -> 1;
          default -> 0;
        };
    Arrays.fill(y, 0, results, neutral);
    walk(x, y, 0, function, memory, true);
    finish(y, memory);
  }

  private void walk(
      float[] x, float[] y, int yFrom, PairFunction function, float[] memory, boolean prepares) {
    int step = loop.stride(0);
    for (int i = 0; i < loop.count(); i++) {
      for (int at = 0; at < loop.length(); at += CHUNK) {
        int count = Math.min(CHUNK, loop.length() - at);
        int from = loop.offsets(1)[i] + at;
        int to = loop.offsets(0)[i] + at * step;
        float[] source = prepares && prepare(x, from, memory, to, step, count) ? memory : x;
        int sourceFrom = source == x ? from : 0;
        if (step == 0) {
          y[yFrom + to] = function.apply(y[yFrom + to], all(source, sourceFrom, count, function));
        } else {
          operations
              .elements()
              .combine(function, y, yFrom + to, source, sourceFrom, y, yFrom + to, count);
        }
      }
    }
  }

  /** What is reduced, if it is not the elements themselves, into the first floats of memory. */
  private boolean prepare(float[] x, int from, float[] memory, int to, int step, int count) {
    ElementOperations elements = operations.elements();
    switch (operator) {
      case ReduceL1 magnitudes -> elements.map(ABS, x, from, memory, 0, count);
      case ReduceL2 root -> elements.combine(PairFunction.MUL, x, from, x, from, memory, 0, count);
      case ReduceSumSquare squares ->
          elements.combine(PairFunction.MUL, x, from, x, from, memory, 0, count);
      case ReduceLogSumExp exponentials -> {
        if (step == 0) {
          elements.combineWithScalar(
              PairFunction.SUB, x, from, memory[CHUNK + to], memory, 0, count);
        } else {
          elements.combine(PairFunction.SUB, x, from, memory, CHUNK + to, memory, 0, count);
        }
        elements.map(EXP, memory, 0, memory, 0, count);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private float all(float[] x, int from, int count, PairFunction function) {
    return switch (function) {
      case ADD -> operations.rows().sum(x, from, count);
      case MAX -> operations.rows().maximum(x, from, count);
      default -> {
        float result = x[from];
        for (int i = from + 1; i < from + count; i++) {
          result = function.apply(result, x[i]);
        }
        yield result;
      }
    };
  }

  private void finish(float[] y, float[] memory) {
    ElementOperations elements = operations.elements();
    switch (operator) {
      case ReduceMean mean ->
          elements.combineWithScalar(PairFunction.DIV, y, 0, each, y, 0, results);
      case ReduceL2 root -> elements.map(SQRT, y, 0, y, 0, results);
      case ReduceLogSum logarithm -> {
        for (int i = 0; i < results; i++) {
          y[i] = (float) Math.log(y[i]);
        }
      }
      case ReduceLogSumExp logarithm -> {
        for (int i = 0; i < results; i++) {
          float max = memory[CHUNK + i];
          y[i] = Float.isInfinite(max) ? max : max + (float) Math.log(y[i]);
        }
      }
      default -> {}
    }
  }
}
