package dev.tinytitan.kernel;

import dev.tinytitan.op.IntegerAveragePool;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Average pooling of 8-bit integers that lie as floats, in the order of additions of numerics. */
final class IntegerAverageKernel implements Kernel {
  private final IntegerAveragePool operator;
  private final int batch;
  private final int channels;
  private final int imageSize;

  /** For each position, the places inside that it sees, and how many elements count. */
  private final int[][] taps;

  private final int[] counts;

  IntegerAverageKernel(KernelRequest request) {
    Shape shape = request.inputShape(0);
    this.operator = request.operator(IntegerAveragePool.class);
    WindowGeometry geometry = operator.window().geometry(shape);
    this.batch = shape.dim(0);
    this.channels = shape.dim(1);
    this.imageSize = geometry.inputSize() * channels;
    this.taps = new int[geometry.outputSize()][];
    this.counts = new int[taps.length];
    int[] offsets = new int[Math.max(1, geometry.kernelSize())];
    for (int position = 0; position < taps.length; position++) {
      geometry.inputOffsets(position, offsets);
      taps[position] =
          Arrays.stream(offsets).filter(offset -> offset >= 0).map(o -> o * channels).toArray();
      counts[position] =
          operator.countIncludePad()
              ? geometry.countWithinPadding(position)
              : taps[position].length;
    }
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    return request.inputShape(0).rank() < 3 || request.inputShape(0).size() == 0
        ? Optional.of("no spatial axes or no elements")
        : Optional.empty();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    float zero = operator.xZeroPoint();
    float scale = operator.xScale();
    int to = 0;
    for (int image = 0; image < batch; image++) {
      for (int position = 0; position < taps.length; position++) {
        Arrays.fill(y, to, to + channels, 0f);
        for (int tap : taps[position]) {
          int from = image * imageSize + tap;
          for (int c = 0; c < channels; c++) {
            y[to + c] += (x[from + c] - zero) * scale;
          }
        }
        for (int c = to; c < to + channels; c++) {
          float steps = y[c] / counts[position] / operator.yScale();
          y[c] = operator.output().round(steps + operator.output().zeroPoint());
        }
        to += channels;
      }
    }
  }
}
