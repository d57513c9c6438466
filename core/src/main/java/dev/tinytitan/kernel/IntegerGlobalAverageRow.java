package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.IntegerGlobalAveragePool;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The mean of each channel of an 8-bit feature map, its sums exact. */
final class IntegerGlobalAverageRow implements KernelRow {
  /** So many elements of 8 bits add up exactly in float32. */
  private static final int MOST_PLACES = 1 << 16;

  private final VectorOperations operations;

  IntegerGlobalAverageRow(VectorOperations operations) {
    this.operations = operations;
  }

  @Override
  public String name() {
    return "integer-global-average-in-floats";
  }

  @Override
  public Class<? extends Operator> operator() {
    return IntegerGlobalAveragePool.class;
  }

  @Override
  public Set<Layout> layouts() {
    return EnumSet.of(Layout.WIDE_CHANNELS_LAST);
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    Shape shape = request.inputShape(0);
    if (shape.rank() < 3 || shape.size() == 0) {
      return Optional.of("no spatial axes or no elements");
    }
    return shape.sizeBetween(2, shape.rank()) <= MOST_PLACES
        ? Optional.empty()
        : Optional.of("more than " + MOST_PLACES + " places");
  }

  @Override
  public double cost(KernelRequest request) {
    return Work.ofElements(request.inputShape(0).size(), 0.1);
  }

  @Override
  public Kernel make(KernelRequest request) {
    return new Average(operations, request);
  }

  private static final class Average implements Kernel {
    private final WindowOperations windows;
    private final IntegerOperations integers;
    private final IntegerEpilogue epilogue;
    private final int batch;
    private final int channels;
    private final int[] places;
    private final int[] start = {0};
    private final float[] one = {1};
    private final float zeroPoints;

    Average(VectorOperations operations, KernelRequest request) {
      IntegerGlobalAveragePool operator = request.operator(IntegerGlobalAveragePool.class);
      Shape shape = request.inputShape(0);
      this.windows = operations.windows();
      this.integers = operations.integers();
      this.batch = shape.dim(0);
      this.channels = shape.dim(1);
      this.places = new int[shape.sizeBetween(2, shape.rank())];
      Arrays.setAll(places, place -> place * channels);
      this.zeroPoints = (float) operator.xZeroPoint() * places.length;
      float[] multipliers = new float[channels];
      Arrays.fill(multipliers, operator.multiplier(places.length));
      this.epilogue = new IntegerEpilogue(operations, null, multipliers, operator.output());
    }

    @Override
    public void run(
        @Nullable Tensor[] inputs,
        @Nullable Tensor[] outputs,
        Scratch scratch,
        int part,
        int parts) {
      float[] x = Objects.requireNonNull(inputs[0]).floatArray();
      float[] y = Objects.requireNonNull(outputs[0]).floatArray();
      for (int image = 0; image < batch; image++) {
        int from = image * channels;
        windows.average(
            x, image * places.length * channels, start, places, one, channels, y, from, 0, 1);
      }
      int count = batch * channels;
      integers.dequantize(y, 0, zeroPoints, 1, y, 0, count);
      for (int image = 0; image < batch; image++) {
        epilogue.apply(y, image * channels, channels, 1, 0, channels, null, 0);
      }
    }
  }
}
