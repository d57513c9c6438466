package dev.tinytitan.kernel;

import dev.tinytitan.op.FusedConv;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Convolution of one shape with contiguous places, in groups or not: the sums of a filter gather
 * multiples of what each weight sees at all positions. Its loops run over positions, which is best
 * where there are many of them and few channels.
 */
final class PlanarConvKernel implements Kernel {
  /** Filters that share a copy of what some weights see. */
  private static final int FILTERS = 32;

  /** Finishes the sums of a filter at some places, in place. */
  @FunctionalInterface
  interface Finish {
    /**
     * Finishes sums.
     *
     * @param residual what is added, in the same places; null if nothing
     */
    void apply(float[] y, int from, int count, int filter, float @Nullable [] residual);
  }

  private final ConvolutionNode node;
  private final ChannelPlanes planes;

  // Asking the geometry walks a list, which allocates an iterator.
  private final int inputPlaces;
  private final int outputPlaces;

  private final float[] weights;
  private final float[] bias;
  private final Finish finish;
  private final float padding;
  private final boolean hasResidual;

  /**
   * @param values the weights as the node has them, as floats
   * @param bias one for each filter
   * @param padding what lies around the image
   */
  PlanarConvKernel(
      KernelRequest request, Supplier<float[]> values, float[] bias, Finish finish, float padding) {
    this.node = ConvolutionNode.of(request);
    this.planes = new ChannelPlanes(node.geometry());
    this.inputPlaces = node.geometry().inputSize();
    this.outputPlaces = node.positions();
    this.weights = request.packed().get(request.constant(1), "plain floats", float[].class, values);
    this.bias = bias;
    this.finish = finish;
    this.padding = padding;
    this.hasResidual = request.operator() instanceof FusedConv && request.hasInput(3);
  }

  /** Estimated nanoseconds. */
  static double nanos(ConvolutionNode node) {
    ChannelPlanes planes = new ChannelPlanes(node.geometry());
    int depth = node.groupChannels() * node.taps();
    int filters = Math.min(FILTERS, node.groupFilters());
    double chunks = (double) node.input().dim(0) * node.filters() / filters;
    double copied = planes.isDirect() ? 0 : (double) node.channels() * planes.channelSize();
    return chunks * RowSums.nanos(filters, depth, planes.positions())
        + Work.ofElements(node.input().dim(0) * copied, node.geometry().axes().get(0).stride());
  }

  @Override
  public boolean reads(int index) {
    return index == 0 || (index == 3 && hasResidual);
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, nanos(node), node.filters());
  }

  @Override
  public int scratchFloats() {
    return planes.isDirect() ? 0 : Math.multiplyExact(node.channels(), planes.channelSize());
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    Tensor residualTensor = hasResidual ? inputs[3] : null;
    float[] residual = residualTensor == null ? null : residualTensor.floatArray();
    int from = Work.bound(node.filters(), 1, part, parts);
    int to = Work.bound(node.filters(), 1, part + 1, parts);
    if (from == to) {
      return;
    }
    int channelFrom = from / node.groupFilters() * node.groupChannels();
    int channelTo = ((to - 1) / node.groupFilters() + 1) * node.groupChannels();
    for (int image = 0; image < node.input().dim(0); image++) {
      int imageFrom = image * node.channels() * inputPlaces;
      float[] seen = planes.isDirect() ? x : scratch.floats();
      int seenFrom = planes.isDirect() ? imageFrom : 0;
      for (int channel = channelFrom; !planes.isDirect() && channel < channelTo; channel++) {
        int target = channel * planes.channelSize();
        planes.split(x, imageFrom + channel * inputPlaces, seen, target, padding);
      }
      int filterFrom = from;
      while (filterFrom < to) {
        int group = filterFrom / node.groupFilters();
        int groupEnd = Math.min(to, (group + 1) * node.groupFilters());
        int filterTo = Math.min(groupEnd, filterFrom + FILTERS);
        int first = seenFrom + group * node.groupChannels() * planes.channelSize();
        for (int position = 0; position < planes.positions(); position += Scratch.ROW_LENGTH) {
          int end = Math.min(planes.positions(), position + Scratch.ROW_LENGTH);
          float[][] memory = scratch.rows(RowSums.TERMS + FILTERS);
          addUp(seen, first + position, end - position, filterFrom, filterTo, memory);
          store(memory, position, end, filterFrom, filterTo, y, image, residual);
        }
        filterFrom = filterTo;
      }
    }
  }

  private void addUp(
      float[] seen, int seenFrom, int count, int filterFrom, int filterTo, float[][] memory) {
    int[] taps = planes.taps();
    int depth = node.groupChannels() * taps.length;
    for (int filter = filterFrom; filter < filterTo; filter++) {
      float[] sums = memory[RowSums.TERMS + filter - filterFrom];
      float start = bias[filter];
      for (int i = 0; i < count; i++) {
        sums[i] = start;
      }
    }
    int channel = seenFrom;
    int tap = 0;
    for (int k = 0; k < depth; ) {
      int terms = RowSums.terms(depth - k);
      for (int i = 0; i < terms; i++) {
        System.arraycopy(seen, channel + taps[tap], memory[i], 0, count);
        if (++tap == taps.length) {
          tap = 0;
          channel += planes.channelSize();
        }
      }
      for (int filter = filterFrom; filter < filterTo; filter++) {
        float[] sums = memory[RowSums.TERMS + filter - filterFrom];
        RowSums.add(weights, filter * depth + k, terms, memory, sums, count);
      }
      k += terms;
    }
  }

  private void store(
      float[][] memory,
      int position,
      int end,
      int filterFrom,
      int filterTo,
      float[] y,
      int image,
      float @Nullable [] residual) {
    int begin = planes.element(position);
    int count = planes.element(end) - begin;
    for (int filter = filterFrom; filter < filterTo; filter++) {
      int target = (image * node.filters() + filter) * outputPlaces;
      planes.gather(memory[RowSums.TERMS + filter - filterFrom], position, end, y, target);
      finish.apply(y, target + begin, count, filter, residual);
    }
  }
}
