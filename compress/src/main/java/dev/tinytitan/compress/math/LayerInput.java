package dev.tinytitan.compress.math;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Window;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What a layer multiplies its weights by, as rows of numbers: for a product the vectors along the
 * last axis of its input, for a convolution the patch under its window at each position, group by
 * group (im2col, one row at a time). A row lies as the weights of one output channel do.
 *
 * @param window of a convolution; null for a product
 * @param kernel the window's size along each spatial axis; empty for a product
 * @param groups how many groups of output channels read rows of their own; 1 except for
 *     convolutions
 * @param width elements of a row
 */
public record LayerInput(@Nullable Window window, List<Integer> kernel, int groups, int width) {

  public LayerInput {
    kernel = List.copyOf(kernel);
  }

  /**
   * The rows of an operator.
   *
   * @param operator Conv, MatMul by a constant matrix on the right, or Gemm
   * @param weights the shape of its weights
   * @throws IllegalArgumentException for another operator
   */
  public static LayerInput of(Operator operator, Shape weights) {
    return switch (operator) {
      case Conv conv -> {
        List<Integer> kernel = IntStream.range(2, weights.rank()).mapToObj(weights::dim).toList();
        yield new LayerInput(
            conv.window(), kernel, conv.group(), weights.sizeBetween(1, weights.rank()));
      }
      case Gemm gemm -> new LayerInput(null, List.of(), 1, weights.dim(gemm.transB() ? 1 : 0));
      case MatMul product when weights.rank() == 2 ->
          new LayerInput(null, List.of(), 1, weights.dim(0));
      default -> throw new IllegalArgumentException("no layer with rows: " + operator);
    };
  }

  /** The rows of one input. */
  public Rows rows(Tensor x) {
    return new Rows(x);
  }

  /** The rows of one input tensor; not thread-safe. */
  public final class Rows {
    private final float[] elements;
    private final int channels;
    private final @Nullable WindowGeometry geometry;
    private final int count;

    private Rows(Tensor x) {
      this.elements = x.toFloatArray();
      if (window == null) {
        this.geometry = null;
        this.channels = 0;
        this.count = elements.length / width;
      } else {
        this.geometry = window.geometry(x.shape(), kernel);
        this.channels = x.shape().dim(1);
        this.count = Math.multiplyExact(x.shape().dim(0), geometry.outputSize());
      }
    }

    /** Rows of each group. */
    public int count() {
      return count;
    }

    /**
     * Copies one row.
     *
     * @param index 0 to {@link #count} - 1
     * @param group 0 to {@link #groups} - 1
     */
    public void copy(int index, int group, double[] into) {
      if (geometry == null) {
        for (int i = 0; i < width; i++) {
          into[i] = elements[index * width + i];
        }
        return;
      }
      int position = index % geometry.outputSize();
      int batch = index / geometry.outputSize();
      int perGroup = channels / groups;
      int plane = geometry.inputSize();
      int taps = geometry.kernelSize();
      for (int tap = 0; tap < taps; tap++) {
        int at = offset(geometry, position, tap);
        int from = (batch * channels + group * perGroup) * plane + at;
        for (int channel = 0; channel < perGroup; channel++) {
          into[channel * taps + tap] = at < 0 ? 0 : elements[from + channel * plane];
        }
      }
    }
  }

  /** Where a tap of the window at a position lies within a channel; -1 in the padding. */
  private static int offset(WindowGeometry geometry, int position, int tap) {
    int offset = 0;
    int stride = 1;
    for (int i = geometry.rank() - 1; i >= 0; i--) {
      WindowGeometry.Axis axis = geometry.axes().get(i);
      int at = axis.start(position % axis.output()) + tap % axis.kernel() * axis.dilation();
      if (at < 0 || at >= axis.input()) {
        return -1;
      }
      offset += at * stride;
      stride *= axis.input();
      position /= axis.output();
      tap /= axis.kernel();
    }
    return offset;
  }
}
