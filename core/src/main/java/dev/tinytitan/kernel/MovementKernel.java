package dev.tinytitan.kernel;

import dev.tinytitan.op.MovementGradient;
import dev.tinytitan.op.Pad;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Any operator that only moves elements, by constant places: slices, pads, tiles, blocks of depth
 * to space, triangles. Where each element comes from is asked of the operator's own reference, when
 * the kernel is made, and kept as runs of neighbours.
 */
final class MovementKernel implements Kernel {
  /** Larger results are not worth the memory of asking. */
  private static final int MOST_ELEMENTS = 1 << 22;

  /** Runs shorter than this on average are moved element by element. */
  private static final int SHORT_RUN = 4;

  private static final double NANOS_EACH = 0.6;

  /** For each run: where it goes, where it comes from (-1: filled), how long it is. */
  private final int[] runs;

  /** Where each element comes from, if runs are short; else empty. */
  private final int[] origins;

  private final @Nullable Tensor fill;
  private final int size;

  MovementKernel(KernelRequest request) {
    int[] from = origins(request);
    this.size = from.length;
    int[] found = runs(from);
    boolean isShort = size < SHORT_RUN * (found.length / 3);
    this.origins = isShort ? from : new int[0];
    this.runs = isShort ? new int[0] : found;
    boolean pads = request.operator() instanceof Pad && request.hasInput(2);
    this.fill = pads ? request.constant(2) : null;
  }

  /** For each place of the result's array, the place of the input's; -1 for what is filled in. */
  private static int[] origins(KernelRequest request) {
    Shape input = request.inputShape(0);
    Shape output = request.outputShape(0);
    List<@Nullable Tensor> others = new ArrayList<>();
    for (int i = 1; i < request.inputs().size(); i++) {
      others.add(request.hasInput(i) ? request.constant(i) : null);
    }
    if (request.operator() instanceof Pad && others.size() > 1) {
      others.set(1, null);
    }
    int[] logical = new MovementGradient(request.operator(), input, 0, 1).origins(others);
    if (!request.layout().isChannelsLast()) {
      return logical;
    }
    int[] sources = places(input, request.layout());
    int[] targets = places(output, request.layout());
    int[] stored = new int[logical.length];
    for (int i = 0; i < stored.length; i++) {
      stored[targets[i]] = logical[i] < 0 ? -1 : sources[logical[i]];
    }
    return stored;
  }

  /** For each element, counted row-major, where it lies. */
  private static int[] places(Shape shape, Layout layout) {
    int[] strides = Addressing.strides(shape, layout);
    int[] places = new int[shape.size()];
    int[] counter = new int[shape.rank()];
    int at = 0;
    for (int i = 0; i < places.length; i++) {
      places[i] = at;
      for (int axis = shape.rank() - 1; axis >= 0; axis--) {
        at += strides[axis];
        if (++counter[axis] < shape.dim(axis)) {
          break;
        }
        at -= strides[axis] * shape.dim(axis);
        counter[axis] = 0;
      }
    }
    return places;
  }

  private static int[] runs(int[] origins) {
    int[] runs = new int[16];
    int count = 0;
    for (int i = 0; i < origins.length; ) {
      int end = i + 1;
      int step = origins[i] < 0 ? 0 : 1;
      while (end < origins.length && origins[end] == origins[end - 1] + step) {
        end++;
      }
      if (count + 3 > runs.length) {
        runs = Arrays.copyOf(runs, 2 * runs.length);
      }
      runs[count] = i;
      runs[count + 1] = origins[i];
      runs[count + 2] = end - i;
      count += 3;
      i = end;
    }
    return Arrays.copyOf(runs, count);
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    for (int i = 1; i < request.inputs().size(); i++) {
      if (request.hasInput(i) && !request.isConstant(i)) {
        return Optional.of("where elements go is not constant");
      }
    }
    DType dtype = request.outputDType(0);
    if (request.inputs().get(0).isEmpty() || request.inputDType(0) != dtype) {
      return Optional.of("the dtype changes");
    }
    if (request.outputs().size() > 1 || dtype == DType.STRING || dtype == DType.COMPLEX128) {
      return Optional.of("several outputs, or elements without an array of numbers");
    }
    return Math.max(request.outputShape(0).size(), request.inputShape(0).size()) > MOST_ELEMENTS
        ? Optional.of("more than " + MOST_ELEMENTS + " elements")
        : CopyKernel.refusal(request);
  }

  /** Estimated nanoseconds. */
  static double cost(KernelRequest request) {
    return Work.ofElements(request.outputShape(0).size(), NANOS_EACH);
  }

  @Override
  public boolean reads(int index) {
    return index == 0;
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    Tensor input = Objects.requireNonNull(inputs[0]);
    Tensor output = Objects.requireNonNull(outputs[0]);
    Object x = Objects.requireNonNull(input.array());
    Object y = Objects.requireNonNull(output.array());
    for (int i = 0; i < runs.length; i += 3) {
      if (runs[i + 1] >= 0) {
        System.arraycopy(x, runs[i + 1], y, runs[i], runs[i + 2]);
      } else {
        for (int at = runs[i]; at < runs[i] + runs[i + 2]; at++) {
          fill(output, at);
        }
      }
    }
    if (origins.length > 0) {
      gather(x, output, y);
    }
  }

  private void gather(Object x, Tensor output, Object y) {
    for (int i = 0; i < origins.length; i++) {
      int from = origins[i];
      if (from < 0) {
        fill(output, i);
      } else if (x instanceof float[] floats) {
        ((float[]) y)[i] = floats[from];
      } else if (x instanceof byte[] bytes) {
        ((byte[]) y)[i] = bytes[from];
      } else {
        System.arraycopy(x, from, y, i, 1);
      }
    }
  }

  private void fill(Tensor output, int index) {
    if (fill == null) {
      output.setLong(index, 0);
    } else if (output.dtype().isFloat() && output.dtype() != fill.dtype()) {
      output.setFloat(index, (float) fill.getLong(0));
    } else {
      output.copyElement(index, fill, 0);
    }
  }
}
