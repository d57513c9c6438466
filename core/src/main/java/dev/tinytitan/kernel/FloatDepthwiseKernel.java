package dev.tinytitan.kernel;

import dev.tinytitan.op.FusedConv;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Depthwise convolution of one shape. Windows of 3×3 that move by one take whole lines of the
 * image; all others go by groups of positions that see the same taps.
 */
final class FloatDepthwiseKernel implements Kernel {
  /** Floats of the result that one block writes before its epilogue: within the L1 cache. */
  private static final int BLOCK_FLOATS = 4096;

  /** Positions that see the same taps, and what the inner loop needs for them. */
  // Never compared; arrays so that loops read them without a call.
  @SuppressWarnings("ArrayRecordComponent")
  private record Piece(WindowGroup group, float[] weights, float[] bias, Finish finish) {}

  private final WindowOperations operations;
  private final ConvolutionNode node;
  private final int channels;
  private final float[] weights;
  private final float[] bias;
  private final Epilogue epilogue;
  private final Finish finish;
  private final boolean isFused;
  private final boolean hasResidual;
  private final List<Piece> pieces;

  /** Null if whole lines are not taken. */
  private final @Nullable LineOperations lines;

  /** A line of padding where whole lines are taken; else empty. */
  private final float[] paddingLine;

  FloatDepthwiseKernel(VectorOperations operations, KernelRequest request) {
    this(
        operations,
        request,
        ConvolutionNode.of(request),
        () -> request.constant(1).toFloatArray(),
        ConvolutionNode.of(request).bias(request),
        FloatEpilogue.of(operations.elements(), ConvolutionNode.of(request).then()),
        0);
  }

  /**
   * The general form.
   *
   * @param values the weights as the node has them, as floats
   * @param bias what the sums over a whole window start from
   * @param padding what lies around the image
   */
  FloatDepthwiseKernel(
      VectorOperations operations,
      KernelRequest request,
      ConvolutionNode node,
      Supplier<float[]> values,
      float[] bias,
      Epilogue epilogue,
      float padding) {
    this.operations = operations.windows();
    this.node = node;
    this.channels = node.channels();
    this.hasResidual = request.operator() instanceof FusedConv && request.hasInput(3);
    this.weights =
        request
            .packed()
            .get(
                request.constant(1),
                "depthwise taps first",
                float[].class,
                () -> tapsFirst(values.get()));
    this.bias = bias;
    this.epilogue = epilogue;
    Optional<Finish> fused = hasResidual ? Optional.empty() : epilogue.finish(channels);
    this.isFused = fused.isPresent();
    this.finish = fused.orElseGet(() -> Finish.none(channels));
    this.lines = lines(operations.windows());
    this.paddingLine = lines != null ? new float[columns() * channels] : new float[0];
    Arrays.fill(paddingLine, padding);
    this.pieces = lines != null ? List.of() : pieces(padding);
  }

  /** Estimated nanoseconds. */
  static double nanos(WindowOperations operations, ConvolutionNode node) {
    int positions = node.input().dim(0) * node.positions();
    return operations.nanos(positions, node.taps(), node.channels());
  }

  /** Where windows of 3×3 move by one over whole vectors of channels: loops over lines. */
  private @Nullable LineOperations lines(WindowOperations windows) {
    List<WindowGeometry.Axis> axes = node.geometry().axes();
    for (WindowGeometry.Axis axis : axes) {
      if (axis.kernel() != 3
          || axis.stride() != 1
          || axis.dilation() != 1
          || axis.padBegin() != 1
          || axis.padEnd() != 1) {
        return null;
      }
    }
    return axes.size() == 2 && channels % windows.lanes() == 0
        ? windows.lines().orElse(null)
        : null;
  }

  /** Places of a line. */
  private int columns() {
    List<WindowGeometry.Axis> axes = node.geometry().axes();
    return axes.get(axes.size() - 1).output();
  }

  private List<Piece> pieces(float padding) {
    // Several positions at once where the channels of one do not fill a vector.
    int count = isFused ? Math.max(1, operations.lanes() / channels) : 1;
    List<Piece> all = new ArrayList<>();
    for (WindowGroup each : WindowGroup.of(node.geometry(), channels)) {
      float[] starts = startingFrom(each, padding);
      for (WindowGroup group : count == 1 ? List.of(each) : each.joined(count)) {
        int times = group.width() / channels;
        all.add(
            new Piece(
                group,
                Finish.repeat(weights, channels, times),
                Finish.repeat(starts, channels, times),
                finish.repeated(times)));
      }
    }
    return all;
  }

  /** What sums start from where a window reaches out of the image: the bias and what lies there. */
  private float[] startingFrom(WindowGroup group, float padding) {
    float[] starts = bias.clone();
    int seen = 0;
    for (int tap = 0; tap < node.taps() && padding != 0; tap++) {
      if (seen < group.weightRows().length && group.weightRows()[seen] == tap) {
        seen++;
        continue;
      }
      for (int channel = 0; channel < channels; channel++) {
        starts[channel] += padding * weights[tap * channels + channel];
      }
    }
    return starts;
  }

  private float[] tapsFirst(float[] from) {
    float[] to = new float[from.length];
    for (int channel = 0; channel < channels; channel++) {
      for (int tap = 0; tap < node.taps(); tap++) {
        to[tap * channels + channel] = from[channel * node.taps() + tap];
      }
    }
    return to;
  }

  @Override
  public boolean reads(int index) {
    return index == 0 || (index == 3 && hasResidual);
  }

  /** Positions that are never torn apart. */
  private int unit() {
    return lines != null ? columns() : 1;
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, Work.ofProducts(2 * node.products()), node.positions() / unit());
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    Tensor residualTensor = hasResidual ? inputs[3] : null;
    float[] residual = residualTensor == null ? null : residualTensor.floatArray();
    int from = Work.bound(node.positions(), unit(), part, parts);
    int to = Work.bound(node.positions(), unit(), part + 1, parts);
    int block = isFused ? Math.max(1, to - from) : unit() * Math.max(1, blockUnits());
    for (int image = 0; image < node.input().dim(0); image++) {
      int source = image * node.geometry().inputSize() * channels;
      int target = image * node.positions() * channels;
      for (int position = from; position < to; position += block) {
        int end = Math.min(to, position + block);
        compute(x, source, y, target, position, end, scratch);
        if (!isFused) {
          int first = target + position * channels;
          epilogue.apply(y, first, channels, end - position, 0, channels, residual, first);
        }
      }
    }
  }

  private int blockUnits() {
    return BLOCK_FLOATS / channels / unit();
  }

  private void compute(
      float[] x, int xOffset, float[] y, int yOffset, int from, int to, Scratch scratch) {
    if (lines != null) {
      int columns = columns();
      lines.depthwise3x3(
          x,
          xOffset,
          paddingLine,
          node.positions() / columns,
          columns,
          channels,
          weights,
          bias,
          finish,
          y,
          yOffset,
          from / columns,
          to / columns);
      return;
    }
    for (int i = 0; i < pieces.size(); i++) {
      Piece piece = pieces.get(i);
      WindowGroup group = piece.group();
      int first = group.firstAt(from * channels);
      int last = group.firstAt(to * channels);
      operations.depthwise(
          x,
          xOffset,
          group,
          piece.weights(),
          piece.bias(),
          piece.finish(),
          y,
          yOffset,
          first,
          last,
          scratch);
    }
  }
}
