package dev.tinytitan.kernel;

import dev.tinytitan.op.Resize;
import dev.tinytitan.op.ResizeAxis;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Resizing of images whose channels are contiguous: each place of the result is a weighted sum of
 * few places of the input, all channels at once.
 */
final class FloatResizeKernel implements Kernel {
  private final ElementOperations operations;
  private final int batch;
  private final int channels;
  private final int inputSize;
  private final int places;
  private final int[] first;
  private final int[] sources;
  private final float[] weights;

  FloatResizeKernel(VectorOperations operations, KernelRequest request) {
    Shape shape = request.inputShape(0);
    List<ResizeAxis> axes = axes(request);
    this.operations = operations.elements();
    this.batch = shape.dim(0);
    this.channels = shape.dim(1);
    this.inputSize = shape.sizeBetween(2, shape.rank());
    int[][] at = {{0}};
    double[][] weight = {{1}};
    for (int axis = 2; axis < axes.size(); axis++) {
      ResizeAxis map = axes.get(axis);
      int length = map.outputLength();
      int[][] nextAt = new int[at.length * length][];
      double[][] nextWeight = new double[at.length * length][];
      for (int i = 0; i < at.length; i++) {
        for (int j = 0; j < length; j++) {
          combine(at[i], weight[i], map, j, nextAt, nextWeight, i * length + j);
        }
      }
      at = nextAt;
      weight = nextWeight;
    }
    this.places = at.length;
    this.first = new int[places + 1];
    for (int i = 0; i < places; i++) {
      first[i + 1] = first[i] + at[i].length;
    }
    this.sources = new int[first[places]];
    this.weights = new float[first[places]];
    for (int i = 0; i < places; i++) {
      for (int j = 0; j < at[i].length; j++) {
        sources[first[i] + j] = at[i][j];
        weights[first[i] + j] = (float) weight[i][j];
      }
    }
  }

  /** The places and weights of an outer place, each with those of place j of an inner axis. */
  private static void combine(
      int[] at,
      double[] weight,
      ResizeAxis map,
      int j,
      int[][] nextAt,
      double[][] nextWeight,
      int index) {
    int[] inner = map.positions(j);
    double[] innerWeight = map.weights(j);
    int[] places = new int[at.length * inner.length];
    double[] weights = new double[places.length];
    int count = 0;
    for (int k = 0; k < at.length; k++) {
      for (int l = 0; l < inner.length; l++) {
        double product = weight[k] * innerWeight[l];
        if (product != 0) {
          places[count] = at[k] * map.inputLength() + inner[l];
          weights[count++] = product;
        }
      }
    }
    nextAt[index] = Arrays.copyOf(places, count);
    nextWeight[index] = Arrays.copyOf(weights, count);
  }

  private static List<ResizeAxis> axes(KernelRequest request) {
    return request
        .operator(Resize.class)
        .maps(request.inputShape(0), Optional.empty(), given(request, 2), given(request, 3));
  }

  private static Optional<Tensor> given(KernelRequest request, int index) {
    return request.hasInput(index) && request.inputShape(index).size() > 0
        ? Optional.of(request.constant(index))
        : Optional.empty();
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    Resize resize = request.operator(Resize.class);
    if (resize.coordinates() == Resize.Coordinates.TF_CROP_AND_RESIZE) {
      return Optional.of("a region of interest");
    }
    for (int i = 2; i <= 3; i++) {
      if (request.hasInput(i) && !request.isConstant(i)) {
        return Optional.of("scales or sizes are not constant");
      }
    }
    Shape shape = request.inputShape(0);
    Shape output = request.outputShape(0);
    if (shape.rank() < 3 || shape.size() == 0 || output.size() == 0) {
      return Optional.of("no image");
    }
    List<ResizeAxis> axes = axes(request);
    return axes.get(0).isIdentity() && axes.get(1).isIdentity()
        ? Optional.empty()
        : Optional.of("batch or channels are resized");
  }

  private double nanos() {
    return Work.ofElements((double) batch * sources.length * channels, 0.2) + 10.0 * places;
  }

  @Override
  public boolean reads(int index) {
    return index == 0;
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, nanos(), places);
  }

  @Override
  public int scratchFloats() {
    return channels;
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    int from = Work.bound(places, 1, part, parts);
    int to = Work.bound(places, 1, part + 1, parts);
    for (int image = 0; image < batch; image++) {
      for (int place = from; place < to; place++) {
        resize(
            x,
            image * inputSize * channels,
            place,
            y,
            (image * places + place) * channels,
            scratch.floats());
      }
    }
  }

  private void resize(float[] x, int image, int place, float[] y, int target, float[] scratch) {
    int tap = first[place];
    int end = first[place + 1];
    int source = image + sources[tap] * channels;
    if (weights[tap] == 1 && end == tap + 1) {
      System.arraycopy(x, source, y, target, channels);
      return;
    }
    operations.combineWithScalar(PairFunction.MUL, x, source, weights[tap], y, target, channels);
    for (tap++; tap < end; tap++) {
      source = image + sources[tap] * channels;
      operations.combineWithScalar(PairFunction.MUL, x, source, weights[tap], scratch, 0, channels);
      operations.combine(PairFunction.ADD, y, target, scratch, 0, y, target, channels);
    }
  }
}
