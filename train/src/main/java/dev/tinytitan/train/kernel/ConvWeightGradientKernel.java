package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.ChannelsLastWindows;
import dev.tinytitan.kernel.Finish;
import dev.tinytitan.kernel.GatheredRows;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.MatrixOperations;
import dev.tinytitan.kernel.PanelLayout;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.VectorOperations;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.ConvWeightGradient;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The gradient of a convolution's weights: the transposed matrix of windows times the output's
 * gradient, added up over the images. Rows of the product are the elements of a window, read where
 * they lie; nothing is copied but padded images. Channels are contiguous.
 */
final class ConvWeightGradientKernel implements Kernel {
  /** Positions that one product sums over at least, if images are small. */
  private static final int LEAST_DEPTH = 512;

  private final MatrixOperations operations;
  private final ConvolutionShape shape;
  private final ChannelsLastWindows windows;
  private final int imageStride;
  private final int chunk;
  private final GatheredRows rows;
  private final PanelLayout layout;
  private final GatheredRows lastRows;
  private final PanelLayout lastLayout;
  private final int columns;
  private final int tileFloats;
  private final float[] zeros;
  private final Finish finish;

  ConvWeightGradientKernel(VectorOperations operations, KernelRequest request) {
    this.operations = operations.matrices();
    this.shape = shape(request);
    this.windows = new ChannelsLastWindows(shape.geometry(), shape.channels());
    this.imageStride = windows.isPadded() ? windows.paddedSize() : shape.area() * shape.channels();
    this.chunk = Math.min(shape.batch(), (LEAST_DEPTH + shape.positions() - 1) / shape.positions());
    this.rows = rows(chunk);
    this.layout = this.operations.layout(chunk * shape.positions(), shape.groupFilters());
    int rest = shape.batch() % chunk;
    this.lastRows = rest == 0 ? rows : rows(rest);
    this.lastLayout =
        rest == 0 ? layout : this.operations.layout(rest * shape.positions(), shape.groupFilters());
    this.columns = layout.paddedColumns();
    this.tileFloats = this.operations.scratchFloats();
    this.zeros = new float[columns];
    this.finish = Finish.none(columns);
  }

  static ConvolutionShape shape(KernelRequest request) {
    ConvWeightGradient operator = request.operator(ConvWeightGradient.class);
    return ConvolutionShape.of(operator.conv(), request.inputShape(1), operator.shape());
  }

  static Optional<String> refusal(KernelRequest request) {
    return ConvolutionShape.refusal(
        request, request.inputShape(1), request.operator(ConvWeightGradient.class).shape());
  }

  /** Row {@code tap, channel} of the transposed windows of some images. */
  private GatheredRows rows(int images) {
    int channels = shape.groupChannels();
    int[] starts = new int[shape.filterSize()];
    Arrays.setAll(starts, row -> windows.taps()[row / channels] + row % channels);
    int positions = shape.positions();
    int[] steps = new int[images * positions];
    Arrays.setAll(steps, i -> i / positions * imageStride + windows.starts()[i % positions]);
    return new GatheredRows(starts, steps, 1);
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, shape.nanos(), units());
  }

  private int units() {
    return (shape.filterSize() + Images.ROW_MULTIPLE - 1) / Images.ROW_MULTIPLE;
  }

  // Scratch: tile, sums of a chunk, sums of all, packed gradients, padded images.

  private int sumsAt() {
    return tileFloats;
  }

  private int totalsAt() {
    return sumsAt() + shape.filterSize() * columns;
  }

  private int packedAt() {
    return totalsAt() + shape.filterSize() * columns;
  }

  private int imagesAt() {
    return packedAt() + layout.size();
  }

  @Override
  public int scratchFloats() {
    return imagesAt() + (windows.isPadded() ? chunk * imageStride : 0);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] dy = Arrays32.of(inputs[0]);
    float[] x = Arrays32.of(inputs[1]);
    float[] dw = Arrays32.of(outputs[0]);
    float[] memory = scratch.floats();
    int from = Work.bound(shape.filterSize(), Images.ROW_MULTIPLE, part, parts);
    int to = Work.bound(shape.filterSize(), Images.ROW_MULTIPLE, part + 1, parts);
    if (from == to) {
      return;
    }
    for (int group = 0; group < shape.group(); group++) {
      Arrays.fill(memory, totalsAt() + from * columns, totalsAt() + to * columns, 0f);
      for (int image = 0; image < shape.batch(); image += chunk) {
        int count = Math.min(chunk, shape.batch() - image);
        addImages(dy, x, group, image, count, scratch, from, to);
      }
      store(memory, dw, group, from, to);
    }
  }

  private void addImages(
      float[] dy, float[] x, int group, int image, int count, Scratch scratch, int from, int to) {
    float[] memory = scratch.floats();
    PanelLayout packing = count == chunk ? layout : lastLayout;
    int dyFrom = image * shape.positions() * shape.filters() + group * shape.groupFilters();
    float[] packed = memory;
    int packedFrom = packedAt();
    if (shape.filters() == packing.paddedColumns() && packing.panels() == 1) {
      // The gradient lies as the product wants it.
      packed = dy;
      packedFrom = dyFrom;
    } else {
      packing.pack(dy, dyFrom, shape.filters(), 1, 1, memory, packedFrom);
    }
    float[] source = x;
    int sourceFrom = image * imageStride;
    if (windows.isPadded()) {
      source = memory;
      sourceFrom = imagesAt();
      for (int i = 0; i < count; i++) {
        windows.pad(
            x,
            (image + i) * shape.area() * shape.channels(),
            memory,
            sourceFrom + i * imageStride,
            0,
            0,
            shape.positions());
      }
    }
    operations.multiply(
        count == chunk ? rows : lastRows,
        source,
        sourceFrom + group * shape.groupChannels(),
        packing,
        packed,
        packedFrom,
        zeros,
        finish,
        memory,
        sumsAt(),
        columns,
        from,
        to,
        0,
        packing.panels(),
        scratch);
    int sums = sumsAt();
    int totals = totalsAt();
    for (int i = from * columns; i < to * columns; i++) {
      memory[totals + i] += memory[sums + i];
    }
  }

  /** Sums {@code [tap, channel][filter]} to weights {@code [filter][tap, channel]}. */
  private void store(float[] memory, float[] dw, int group, int from, int to) {
    for (int filter = 0; filter < shape.groupFilters(); filter++) {
      int target = (group * shape.groupFilters() + filter) * shape.filterSize();
      int source = totalsAt() + filter;
      for (int row = from; row < to; row++) {
        dw[target + row] = memory[source + row * columns];
      }
    }
  }
}
