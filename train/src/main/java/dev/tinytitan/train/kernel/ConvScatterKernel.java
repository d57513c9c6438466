package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.ElementOperations;
import dev.tinytitan.kernel.Finish;
import dev.tinytitan.kernel.GatheredRows;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.MatrixOperations;
import dev.tinytitan.kernel.PairFunction;
import dev.tinytitan.kernel.PanelLayout;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.VectorOperations;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.ConvInputGradient;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of the input of any convolution: a product gives what each position adds to the
 * window under it, and the windows are added up where they lie. Channels are contiguous.
 */
final class ConvScatterKernel implements Kernel {
  /** Positions whose windows are made at once. */
  private static final int BLOCK = 48;

  private final MatrixOperations operations;
  private final ElementOperations elements;
  private final ConvolutionShape shape;
  private final PanelLayout layout;
  private final GatheredRows rows;
  private final int[] targets;
  private final float[] zeros;
  private final Finish finish;
  private final int tileFloats;

  ConvScatterKernel(VectorOperations operations, KernelRequest request) {
    this.operations = operations.matrices();
    this.elements = operations.elements();
    this.shape = ConvInputGradientKernel.shape(request);
    this.layout = this.operations.layout(shape.groupFilters(), shape.filterSize());
    int[] starts = new int[shape.positions()];
    Arrays.setAll(starts, position -> position * shape.filters());
    this.rows = new GatheredRows(starts, new int[] {0}, shape.groupFilters());
    this.zeros = new float[layout.paddedColumns()];
    this.finish = Finish.none(layout.paddedColumns());
    this.tileFloats = this.operations.scratchFloats();
    int taps = shape.taps();
    this.targets = new int[shape.positions() * taps];
    int[] offsets = new int[taps];
    for (int position = 0; position < shape.positions(); position++) {
      shape.geometry().inputOffsets(position, offsets);
      System.arraycopy(offsets, 0, targets, position * taps, taps);
    }
  }

  static Optional<String> refusal(KernelRequest request) {
    return ConvolutionShape.refusal(
        request, request.operator(ConvInputGradient.class).shape(), request.inputShape(1));
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, 1.5 * shape.nanos(), shape.batch());
  }

  @Override
  public int scratchFloats() {
    return windowsAt() + BLOCK * shape.filterSize();
  }

  private int windowsAt() {
    return tileFloats + shape.group() * layout.size();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    float[] w = Arrays32.of(inputs[1]);
    float[] dx = Arrays32.of(outputs[0]);
    float[] memory = scratch.floats();
    for (int group = 0; group < shape.group(); group++) {
      int from = group * shape.groupFilters() * shape.filterSize();
      int to = tileFloats + group * layout.size();
      layout.pack(w, from, shape.filterSize(), 1, 1, memory, to);
    }
    int image = Work.bound(shape.batch(), 1, part, parts);
    int last = Work.bound(shape.batch(), 1, part + 1, parts);
    int imageSize = shape.area() * shape.channels();
    Arrays.fill(dx, image * imageSize, last * imageSize, 0f);
    for (; image < last; image++) {
      int source = image * shape.positions() * shape.filters();
      for (int group = 0; group < shape.group(); group++) {
        for (int position = 0; position < shape.positions(); position += BLOCK) {
          int end = Math.min(shape.positions(), position + BLOCK);
          operations.multiply(
              rows,
              dy,
              source + group * shape.groupFilters(),
              layout,
              memory,
              tileFloats + group * layout.size(),
              zeros,
              finish,
              memory,
              windowsAt() - position * shape.filterSize(),
              shape.filterSize(),
              position,
              end,
              0,
              layout.panels(),
              scratch);
          int target = image * imageSize + group * shape.groupChannels();
          addWindows(memory, position, end, dx, target);
        }
      }
    }
  }

  private void addWindows(float[] memory, int from, int to, float[] dx, int target) {
    int channels = shape.groupChannels();
    int source = windowsAt();
    for (int i = from * shape.taps(); i < to * shape.taps(); i++, source += channels) {
      if (targets[i] >= 0) {
        int at = target + targets[i] * shape.channels();
        elements.combine(PairFunction.ADD, dx, at, memory, source, dx, at, channels);
      }
    }
  }
}
