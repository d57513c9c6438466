package dev.tinytitan.kernel;

import dev.tinytitan.op.Activation;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Transposed convolution: a product gives what each input place adds to the whole window around it,
 * and the windows are added up where they lie. Channels are contiguous; no groups.
 */
final class FloatConvTransposeKernel implements Kernel {
  /** Input places whose windows are made at once. */
  private static final int BLOCK = 48;

  private final VectorOperations operations;
  private final WindowGeometry geometry;
  private final int batch;
  private final int channels;
  private final int filters;
  private final int taps;
  private final int places;
  private final int outputs;
  private final PanelLayout layout;
  private final float[] weights;
  private final float[] bias;
  private final BlockedProduct product;
  private final int tileFloats;
  private final int[] targets;

  FloatConvTransposeKernel(VectorOperations operations, KernelRequest request) {
    Shape x = request.inputShape(0);
    Shape w = request.inputShape(1);
    this.operations = operations;
    this.geometry = request.operator(ConvTranspose.class).geometry(x, w);
    this.batch = x.dim(0);
    this.channels = x.dim(1);
    this.filters = w.dim(1);
    this.taps = geometry.kernelSize();
    this.places = geometry.outputSize();
    this.outputs = geometry.inputSize();
    this.layout = operations.matrices().layout(channels, taps * filters);
    this.weights =
        request
            .packed()
            .get(
                request.constant(1),
                "transposed panels " + layout.panelWidth(),
                float[].class,
                () -> pack(request.constant(1).toFloatArray()));
    this.bias = request.hasInput(2) ? request.constant(2).toFloatArray() : new float[filters];
    this.product =
        new BlockedProduct(
            operations.matrices(),
            GatheredRows.of(places, channels, channels),
            layout,
            new float[layout.paddedColumns()],
            FloatEpilogue.of(operations.elements(), Activation.NONE));
    this.tileFloats = operations.matrices().scratchFloats();
    this.targets = new int[places * taps];
    int[] offsets = new int[taps];
    for (int place = 0; place < places; place++) {
      geometry.inputOffsets(place, offsets);
      System.arraycopy(offsets, 0, targets, place * taps, taps);
    }
  }

  /** From {@code [channel, filter, tap]} to panels of {@code [channel][tap, filter]}. */
  private float[] pack(float[] from) {
    float[] matrix = new float[from.length];
    for (int channel = 0; channel < channels; channel++) {
      for (int filter = 0; filter < filters; filter++) {
        for (int tap = 0; tap < taps; tap++) {
          matrix[(channel * taps + tap) * filters + filter] =
              from[(channel * filters + filter) * taps + tap];
        }
      }
    }
    float[] packed = new float[layout.size()];
    layout.pack(matrix, 0, taps * filters, 1, 1, packed, 0);
    return packed;
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    if (request.inputDType(1) != DType.FLOAT32
        || !request.isConstant(1)
        || (request.hasInput(2) && !request.isConstant(2))) {
      return Optional.of("weights or bias are not constant float32");
    }
    if (request.operator(ConvTranspose.class).group() != 1) {
      return Optional.of("groups");
    }
    return request.inputShape(0).rank() < 3
            || request.inputShape(0).size() == 0
            || request.inputShape(1).size() == 0
            || request.outputShape(0).size() == 0
        ? Optional.of("nothing to compute")
        : Optional.empty();
  }

  @Override
  public boolean reads(int index) {
    return index == 0;
  }

  @Override
  public int scratchFloats() {
    return tileFloats + BLOCK * taps * filters;
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] results, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(results[0]).floatArray();
    float[] memory = scratch.floats();
    int width = taps * filters;
    for (int image = 0; image < batch; image++) {
      int target = image * outputs * filters;
      for (int i = 0; i < outputs; i++) {
        System.arraycopy(bias, 0, y, target + i * filters, filters);
      }
      for (int place = 0; place < places; place += BLOCK) {
        int count = Math.min(BLOCK, places - place);
        product.run(
            x,
            (image * places + place) * channels,
            weights,
            0,
            memory,
            tileFloats,
            width,
            null,
            0,
            0,
            count,
            0,
            layout.panels(),
            scratch);
        for (int i = 0; i < count; i++) {
          addWindow(memory, tileFloats + i * width, y, target, (place + i) * taps);
        }
      }
    }
  }

  private void addWindow(float[] windows, int from, float[] y, int target, int first) {
    for (int tap = 0; tap < taps; tap++) {
      int offset = targets[first + tap];
      if (offset >= 0 && filters == 1) {
        y[target + offset] += windows[from + tap];
      } else if (offset >= 0) {
        int at = target + offset * filters;
        operations
            .elements()
            .combine(PairFunction.ADD, y, at, windows, from + tap * filters, y, at, filters);
      }
    }
  }
}
