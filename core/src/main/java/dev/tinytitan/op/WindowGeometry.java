package dev.tinytitan.op;

import dev.tinytitan.tensor.Shape;
import java.util.List;

/**
 * A window on an input of known size: what every convolution and pooling computes with. Immutable.
 *
 * @param axes one for each spatial axis, outermost first
 */
public record WindowGeometry(List<Axis> axes) {

  /**
   * A window along one axis. Element {@code k} of the window at output {@code o} lies at input
   * {@code o * stride - padBegin + k * dilation}.
   *
   * @param input elements of the input
   * @param kernel elements of the window
   * @param output positions of the window
   */
  public record Axis(
      int input, int kernel, int stride, int dilation, int padBegin, int padEnd, int output) {

    /** Where the window at output {@code position} begins; negative inside the padding. */
    public int start(int position) {
      return position * stride - padBegin;
    }

    /** How many of the window's elements lie inside the input with its padding. */
    private int withinPadding(int position) {
      int room = input + padEnd - start(position);
      return Math.min(kernel, (room + dilation - 1) / dilation);
    }
  }

  public WindowGeometry {
    axes = List.copyOf(axes);
  }

  /** The number of spatial axes. */
  public int rank() {
    return axes.size();
  }

  /** Elements of the window: the product over all axes. */
  public int kernelSize() {
    int size = 1;
    for (Axis axis : axes) {
      size = Math.multiplyExact(size, axis.kernel());
    }
    return size;
  }

  /** Spatial elements of the input. */
  public int inputSize() {
    int size = 1;
    for (Axis axis : axes) {
      size = Math.multiplyExact(size, axis.input());
    }
    return size;
  }

  /** Positions of the window. */
  public int outputSize() {
    int size = 1;
    for (Axis axis : axes) {
      size = Math.multiplyExact(size, axis.output());
    }
    return size;
  }

  /** The shape of an output of this many channels. */
  public Shape outputShape(int batch, int channels) {
    int[] dims = new int[rank() + 2];
    dims[0] = batch;
    dims[1] = channels;
    for (int i = 0; i < rank(); i++) {
      dims[i + 2] = axes.get(i).output();
    }
    return Shape.of(dims);
  }

  /**
   * Where the window's elements lie.
   *
   * @param position the output position, counted row-major
   * @param offsets receives for each element of the window, row-major, its flat index among the
   *     input's spatial elements, or -1 for one in the padding
   */
  public void inputOffsets(int position, int[] offsets) {
    int rest = outputSize();
    int count = 1;
    offsets[0] = 0;
    for (Axis axis : axes) {
      rest /= axis.output();
      int start = axis.start(position / rest % axis.output());
      // Each offset so far becomes `kernel` offsets; backwards, so that none is lost.
      for (int i = count - 1; i >= 0; i--) {
        int outer = offsets[i];
        for (int k = axis.kernel() - 1; k >= 0; k--) {
          int at = start + k * axis.dilation();
          boolean inside = outer >= 0 && at >= 0 && at < axis.input();
          offsets[i * axis.kernel() + k] = inside ? outer * axis.input() + at : -1;
        }
      }
      count *= axis.kernel();
    }
  }

  /** How many of the window's elements lie inside the input or its padding. */
  public int countWithinPadding(int position) {
    int rest = outputSize();
    int count = 1;
    for (Axis axis : axes) {
      rest /= axis.output();
      count *= axis.withinPadding(position / rest % axis.output());
    }
    return count;
  }
}
