package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.GlobalMaxPool;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Maximum and average under windows, or of whole images, vectorized over the channels. */
final class FloatPoolKernel implements Kernel {
  private final WindowOperations operations;
  private final ChannelsLastWindows windows;
  private final int batch;
  private final int channels;
  private final int imageSize;
  private final int positions;
  private final int taps;
  private final boolean maximum;
  private final float[] factors;

  FloatPoolKernel(VectorOperations operations, KernelRequest request) {
    Shape shape = request.inputShape(0);
    WindowGeometry geometry = geometry(request.operator(), shape);
    this.operations = operations.windows();
    this.batch = shape.dim(0);
    this.channels = shape.dim(1);
    this.windows = new ChannelsLastWindows(geometry, channels);
    this.imageSize = geometry.inputSize() * channels;
    this.positions = geometry.outputSize();
    this.taps = geometry.kernelSize();
    this.maximum =
        request.operator() instanceof MaxPool || request.operator() instanceof GlobalMaxPool;
    this.factors = maximum ? new float[0] : factors(request.operator(), geometry);
  }

  private static WindowGeometry geometry(Operator operator, Shape shape) {
    if (operator instanceof MaxPool pool) {
      return pool.window().geometry(shape);
    }
    if (operator instanceof AveragePool pool) {
      return pool.window().geometry(shape);
    }
    List<WindowGeometry.Axis> axes = new ArrayList<>();
    for (int i = 2; i < shape.rank(); i++) {
      axes.add(new WindowGeometry.Axis(shape.dim(i), shape.dim(i), 1, 1, 0, 0, 1));
    }
    return new WindowGeometry(axes);
  }

  /** One over the number of elements that count under each window. */
  private static float[] factors(Operator operator, WindowGeometry geometry) {
    float[] factors = new float[geometry.outputSize()];
    boolean countsPadding = operator instanceof AveragePool pool && pool.countIncludePad();
    int[] offsets = new int[Math.max(1, geometry.kernelSize())];
    for (int position = 0; position < factors.length; position++) {
      int count = 0;
      if (countsPadding) {
        count = geometry.countWithinPadding(position);
      } else {
        geometry.inputOffsets(position, offsets);
        for (int offset : offsets) {
          count += offset >= 0 ? 1 : 0;
        }
      }
      factors[position] = 1f / count;
    }
    return factors;
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    if (request.node().outputs().size() > 1 && !request.node().output(1).isEmpty()) {
      return Optional.of("indices are wanted");
    }
    int rank = request.inputShape(0).rank() - 2;
    if (rank < 1 || rank > ChannelsLastWindows.MAX_RANK) {
      return Optional.of(rank + " spatial axes");
    }
    return request.outputShape(0).size() == 0 || request.inputShape(0).size() == 0
        ? Optional.of("nothing to compute")
        : Optional.empty();
  }

  /** Estimated nanoseconds. */
  static double cost(KernelRequest request) {
    WindowGeometry geometry = geometry(request.operator(), request.inputShape(0));
    return Work.ofElements((double) request.outputShape(0).size() * geometry.kernelSize(), 0.1);
  }

  @Override
  public int parts(int threads) {
    double nanos = Work.ofElements((double) batch * positions * taps * channels, 0.1);
    return Work.parts(threads, nanos, positions);
  }

  @Override
  public int scratchFloats() {
    return windows.paddedSize();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    int from = Work.bound(positions, 1, part, parts);
    int to = Work.bound(positions, 1, part + 1, parts);
    if (from == to) {
      return;
    }
    for (int image = 0; image < batch; image++) {
      float[] source = x;
      int sourceOffset = image * imageSize;
      if (windows.isPadded()) {
        float padding = maximum ? Float.NEGATIVE_INFINITY : 0;
        windows.pad(x, sourceOffset, scratch.floats(), 0, padding, from, to);
        source = scratch.floats();
        sourceOffset = 0;
      }
      int target = image * positions * channels;
      if (maximum) {
        operations.maximum(
            source, sourceOffset, windows.starts(), windows.taps(), channels, y, target, from, to);
      } else {
        operations.average(
            source,
            sourceOffset,
            windows.starts(),
            windows.taps(),
            factors,
            channels,
            y,
            target,
            from,
            to);
      }
    }
  }
}
