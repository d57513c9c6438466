package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.ElementOperations;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.PairFunction;
import dev.tinytitan.kernel.RowOperations;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.VectorOperations;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.Reduction;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Sum or mean over axes that lie next to each other, or over all axes around one block of them
 * (such as all but the channels).
 */
final class SumKernel implements Kernel {
  private final RowOperations operations;
  private final ElementOperations elements;
  private final Extents extents;
  private final float factor;

  /**
   * The array as {@code [outer, lead, kept, tail]}: sums run over lead and tail.
   *
   * @param outer kept elements before all sums
   */
  private record Extents(int outer, int lead, int kept, int tail) {}

  SumKernel(VectorOperations operations, KernelRequest request) {
    this.operations = operations.rows();
    this.elements = operations.elements();
    this.extents = extents(request).orElseThrow();
    this.factor = request.operator() instanceof ReduceMean ? 1f / (extents.lead * extents.tail) : 1;
  }

  static Optional<String> refusal(KernelRequest request) {
    if (request.inputShape(0).size() == 0) {
      return Optional.of("nothing to compute");
    }
    if (request.hasInput(1) && !request.isConstant(1)) {
      return Optional.of("the axes are not constant");
    }
    return extents(request).isEmpty()
        ? Optional.of("the summed elements lie scattered")
        : Optional.empty();
  }

  private static Optional<Extents> extents(KernelRequest request) {
    Shape shape = request.inputShape(0);
    int rank = shape.rank();
    int[] axes = request.hasInput(1) ? request.constant(1).toIntArray() : new int[0];
    boolean[] summed = Shapes.axes(axes, rank);
    if (axes.length == 0) {
      Arrays.fill(summed, !request.operator(Reduction.class).noopWithEmptyAxes());
    }
    boolean channelsLast = request.layout().isChannelsLast() && rank >= 3;
    // Runs of neighbouring dimensions that are summed, or are not, in the order in which they lie.
    int[] sizes = new int[rank + 1];
    boolean[] kinds = new boolean[rank + 1];
    int runs = 0;
    for (int i = 0; i < rank; i++) {
      int axis = !channelsLast || i == 0 ? i : i == rank - 1 ? 1 : i + 1;
      if (shape.dim(axis) == 1) {
        continue;
      }
      if (runs > 0 && kinds[runs - 1] == summed[axis]) {
        sizes[runs - 1] *= shape.dim(axis);
      } else {
        kinds[runs] = summed[axis];
        sizes[runs++] = shape.dim(axis);
      }
    }
    if (channelsLast && !request.outputShape(0).equals(shape) && reordersOutput(request)) {
      return Optional.empty();
    }
    return extents(sizes, kinds, runs);
  }

  /** Whether an output of this layout would lie in another order than the kept elements. */
  private static boolean reordersOutput(KernelRequest request) {
    Shape output = request.outputShape(0);
    boolean oneChannel = output.rank() < 2 || output.dim(1) == 1;
    boolean onlyChannels = output.rank() >= 2 && output.size() == output.dim(1);
    return output.rank() != request.inputShape(0).rank()
        ? output.size() != request.inputShape(0).dim(1)
        : !oneChannel && !onlyChannels && output.size() != output.sizeBetween(0, 2);
  }

  private static Optional<Extents> extents(int[] sizes, boolean[] kinds, int runs) {
    int next = 0;
    int outer = 1;
    if (runs > 2 && !kinds[0]) {
      outer = sizes[next++];
    } else if (runs == 2 && !kinds[0]) {
      return Optional.of(new Extents(1, 1, sizes[0], sizes[1]));
    }
    int lead = next < runs && kinds[next] ? sizes[next++] : 1;
    int kept = next < runs && !kinds[next] ? sizes[next++] : 1;
    int tail = next < runs && kinds[next] ? sizes[next++] : 1;
    return next == runs ? Optional.of(new Extents(outer, lead, kept, tail)) : Optional.empty();
  }

  @Override
  public int parts(int threads) {
    double elements = (double) extents.outer * extents.lead * extents.kept * extents.tail;
    return Work.parts(threads, Work.ofElements(elements, 0.15), extents.outer);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Arrays32.of(inputs[0]);
    float[] y = Arrays32.of(outputs[0]);
    int kept = extents.kept;
    int to = Work.bound(extents.outer, 1, part + 1, parts);
    for (int outer = Work.bound(extents.outer, 1, part, parts); outer < to; outer++) {
      int target = outer * kept;
      int source = outer * extents.lead * kept * extents.tail;
      Arrays.fill(y, target, target + kept, 0f);
      for (int lead = 0; lead < extents.lead; lead++) {
        if (extents.tail == 1) {
          elements.combine(PairFunction.ADD, y, target, x, source, y, target, kept);
          source += kept;
        } else {
          for (int i = 0; i < kept; i++, source += extents.tail) {
            y[target + i] += operations.sum(x, source, extents.tail);
          }
        }
      }
      for (int i = target; factor != 1 && i < target + kept; i++) {
        y[i] *= factor;
      }
    }
  }
}
