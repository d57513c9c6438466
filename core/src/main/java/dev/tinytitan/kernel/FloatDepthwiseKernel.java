package dev.tinytitan.kernel;

import dev.tinytitan.op.FusedConv;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Depthwise convolution of one shape. */
final class FloatDepthwiseKernel implements Kernel {
  /** Floats of the result that one block writes before its epilogue: within the L1 cache. */
  private static final int BLOCK_FLOATS = 4096;

  private final WindowOperations operations;
  private final ConvolutionNode node;
  private final ChannelsLastWindows windows;
  private final float[] weights;
  private final float[] bias;
  private final Epilogue epilogue;
  private final float low;
  private final float high;
  private final boolean isClipped;
  private final float padding;
  private final boolean hasResidual;

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
    this.padding = padding;
    this.hasResidual = request.operator() instanceof FusedConv && request.hasInput(3);
    this.windows = new ChannelsLastWindows(node.geometry(), node.channels());
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
    // Cutting to a range is done where the sums are, and saves a pass over them.
    this.isClipped =
        !hasResidual && epilogue instanceof FloatEpilogue simple && simple.isOnlyClip();
    this.low = isClipped ? ((FloatEpilogue) epilogue).low() : Float.NEGATIVE_INFINITY;
    this.high = isClipped ? ((FloatEpilogue) epilogue).high() : Float.POSITIVE_INFINITY;
  }

  private float[] tapsFirst(float[] from) {
    float[] to = new float[from.length];
    for (int channel = 0; channel < node.channels(); channel++) {
      for (int tap = 0; tap < node.taps(); tap++) {
        to[tap * node.channels() + channel] = from[channel * node.taps() + tap];
      }
    }
    return to;
  }

  @Override
  public boolean reads(int index) {
    return index == 0 || (index == 3 && hasResidual);
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, Work.ofProducts(2 * node.products()), node.positions());
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
    Tensor residualTensor = hasResidual ? inputs[3] : null;
    float[] residual = residualTensor == null ? null : residualTensor.floatArray();
    int channels = node.channels();
    int from = Work.bound(node.positions(), 1, part, parts);
    int to = Work.bound(node.positions(), 1, part + 1, parts);
    if (from == to) {
      return;
    }
    int block = Math.max(8, BLOCK_FLOATS / channels);
    for (int image = 0; image < node.input().dim(0); image++) {
      float[] source = x;
      int sourceOffset = image * node.geometry().inputSize() * channels;
      if (windows.isPadded()) {
        windows.pad(x, sourceOffset, scratch.floats(), 0, padding, from, to);
        source = scratch.floats();
        sourceOffset = 0;
      }
      int target = image * node.positions() * channels;
      for (int position = from; position < to; position += block) {
        int end = Math.min(to, position + block);
        operations.depthwise(
            source,
            sourceOffset,
            windows.starts(),
            windows.taps(),
            weights,
            bias,
            low,
            high,
            channels,
            y,
            target,
            position,
            end);
        if (isClipped) {
          continue;
        }
        int first = target + position * channels;
        epilogue.apply(y, first, channels, end - position, 0, channels, residual, first);
      }
    }
  }
}
