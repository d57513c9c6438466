package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Quantized;
import dev.tinytitan.op.Squeeze;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The second factor of an integer convolution or matrix product: integers of up to 8 bits with one
 * scale, or one for each output channel, and zero points alike.
 *
 * @param value the integers; of 8 bits, or constant
 * @param scales float32, one or one for each channel
 * @param zeroPoints the name of the zero points; empty if all are 0
 * @param channels the number of output channels; -1 if it is not known
 * @param shape what the integers are to be reshaped to; null if they are as the operator reads them
 */
record QuantizedWeights(
    String value, Tensor scales, String zeroPoints, int channels, @Nullable Shape shape) {
  /** How far the scale of an int32 bias may be from the product that it should be. */
  private static final float SCALE_TOLERANCE = 1e-5f;

  /**
   * The weights that a value is the dequantization of; empty if it is something else.
   *
   * @param channelAxis the axis along which scales may differ; -1 if they may not
   */
  static Optional<QuantizedWeights> of(Scope scope, String value, int channelAxis) {
    Node squeeze = scope.producer(value, Squeeze.class).orElse(null);
    Node node =
        scope
            .producer(squeeze == null ? value : squeeze.input(0), DequantizeLinear.class)
            .orElse(null);
    Shape shape = null;
    if (squeeze != null && node != null) {
      shape = behindChannels(scope, squeeze, node, channelAxis);
    }
    if (node == null || (squeeze != null && shape == null)) {
      return Optional.empty();
    }
    DequantizeLinear dequantize = (DequantizeLinear) node.operator();
    TensorType type = scope.type(node.input(0)).orElse(null);
    DType dtype = type == null ? null : type.dtype();
    Tensor scales = scope.constant(node.input(1)).orElse(null);
    Tensor zeros = scope.constant(node.input(2)).orElse(null);
    boolean eight = dtype == DType.INT8 || dtype == DType.UINT8;
    boolean packed = dtype != null && dtype.isInteger() && dtype.bits() < 8;
    if (!(eight || (packed && scope.constant(node.input(0)).isPresent()))
        || scales == null
        || scales.dtype() != DType.FLOAT32
        || scales.shape().rank() > 1
        || dequantize.blockSize() != 0
        || (node.hasInput(2) && zeros == null)) {
      return Optional.empty();
    }
    if (scales.size() != 1) {
      int rank = scope.rank(node.input(0));
      int axis = dequantize.axis() < 0 ? dequantize.axis() + rank : dequantize.axis();
      if (channelAxis < 0 || rank < 0 || axis != channelAxis) {
        return Optional.empty();
      }
    }
    boolean allZero = zeros == null || isZero(zeros);
    int channels =
        channelAxis >= 0 && type != null && type.isStatic() ? type.shape().dim(channelAxis) : -1;
    if (scales.size() != 1 && scales.size() != channels) {
      return Optional.empty();
    }
    return Optional.of(
        new QuantizedWeights(node.input(0), scales, allZero ? "" : node.input(2), channels, shape));
  }

  /** The shape of constant weights after dimensions behind the channels' are dropped; else null. */
  private static @Nullable Shape behindChannels(
      Scope scope, Node squeeze, Node dequantize, int channelAxis) {
    Tensor integers = scope.constant(dequantize.input(0)).orElse(null);
    Tensor axes = scope.constant(squeeze.input(1)).orElse(null);
    if (integers == null || axes == null) {
      return null;
    }
    List<Integer> dims = new ArrayList<>();
    int rank = integers.shape().rank();
    for (int i = 0; i < rank; i++) {
      int axis = i;
      boolean dropped =
          Arrays.stream(axes.toLongArray()).anyMatch(a -> a == axis || a + rank == axis);
      if (!dropped) {
        dims.add(integers.shape().dim(i));
      } else if (i <= channelAxis) {
        return null;
      }
    }
    return Shape.of(dims.stream().mapToInt(Integer::intValue).toArray());
  }

  /**
   * The inputs of the integer operator: both factors, the multipliers, the bias and the zero
   * points, trailing absent ones left out; null if the bias does not fit.
   *
   * @param bias the bias as the float operator reads it; empty if there is none
   */
  @Nullable List<String> inputs(
      Scope scope,
      GraphPatch.Builder patch,
      Node core,
      String x,
      QuantizationGrid xGrid,
      QuantizationGrid yGrid,
      String bias) {
    String biasName = "";
    if (!bias.isEmpty()) {
      Tensor integers = bias(scope, bias, xGrid.scale());
      if (integers == null) {
        return null;
      }
      biasName = scope.fresh(core.name() + "_bias");
      patch.initializer(biasName, integers);
    }
    float[] multipliers = new float[scales.size()];
    for (int c = 0; c < multipliers.length; c++) {
      multipliers[c] = Quantized.multiplier(xGrid.scale(), scales.getFloat(c), yGrid.scale());
    }
    String multiplierName = scope.fresh(core.name() + "_multipliers");
    patch.initializer(multiplierName, Tensor.of(multipliers));
    List<String> inputs =
        new ArrayList<>(List.of(x, eightBits(scope, patch, value, shape), multiplierName));
    if (!biasName.isEmpty() || !zeroPoints.isEmpty()) {
      inputs.add(biasName);
    }
    if (!zeroPoints.isEmpty()) {
      inputs.add(eightBits(scope, patch, zeroPoints, null));
    }
    return inputs;
  }

  /**
   * The inputs of a product with a float result that make up this factor: integers, scales and zero
   * points; the last of them empty if all are 0.
   */
  List<String> factor(Scope scope, GraphPatch.Builder patch, Node core) {
    String scaleName = scope.fresh(core.name() + "_scales");
    patch.initializer(scaleName, scales);
    return List.of(
        eightBits(scope, patch, value, shape),
        scaleName,
        zeroPoints.isEmpty() ? "" : eightBits(scope, patch, zeroPoints, null));
  }

  /** The same integers in 8 bits, which kernels read; packed ones are widened here, once. */
  private static String eightBits(
      Scope scope, GraphPatch.Builder patch, String value, @Nullable Shape shape) {
    Tensor packed = scope.constant(value).orElse(null);
    if (packed == null || (packed.dtype().bits() == 8 && shape == null)) {
      return value;
    }
    DType dtype = packed.dtype().isUnsigned() ? DType.UINT8 : DType.INT8;
    Tensor wide = Tensor.zeros(dtype, shape == null ? packed.shape() : shape);
    for (int i = 0; i < packed.size(); i++) {
      wide.setLong(i, packed.getLong(i));
    }
    String name = scope.fresh(value + "_widened");
    patch.initializer(name, wide);
    return name;
  }

  /** The bias in steps of the sums; null if it is not constant, no vector, or not whole steps. */
  private @Nullable Tensor bias(Scope scope, String bias, float xScale) {
    Node node = scope.producer(bias, DequantizeLinear.class).orElse(null);
    Tensor integers = node == null ? null : scope.constant(node.input(0)).orElse(null);
    Tensor own = node == null ? null : scope.constant(node.input(1)).orElse(null);
    Tensor floats = scope.constant(bias).orElse(null);
    if (node != null
        && integers != null
        && own != null
        && integers.dtype() == DType.INT32
        && isVector(integers.shape(), channels)
        && own.dtype() == DType.FLOAT32
        && (own.size() == 1 || own.size() == integers.size())
        && isZero(scope, node)) {
      boolean same = true;
      float[] values = new float[integers.size()];
      for (int c = 0; c < values.length; c++) {
        float ownScale = own.getFloat(own.size() == 1 ? 0 : c);
        float step = step(xScale, c);
        same &= Math.abs(ownScale - step) <= SCALE_TOLERANCE * step;
        values[c] = integers.getInt(c) * ownScale;
      }
      return same
          ? integers.reshape(Shape.of(integers.size()))
          : inSteps(Tensor.of(values), xScale);
    }
    return floats != null && floats.dtype() == DType.FLOAT32 && isVector(floats.shape(), channels)
        ? inSteps(floats, xScale)
        : null;
  }

  private float step(float xScale, int channel) {
    return xScale * scales.getFloat(scales.size() == 1 ? 0 : channel);
  }

  private @Nullable Tensor inSteps(Tensor floats, float xScale) {
    int[] steps = new int[floats.size()];
    for (int c = 0; c < steps.length; c++) {
      double rounded = Math.rint(floats.getFloat(c) / (double) step(xScale, c));
      if (!(Math.abs(rounded) <= Integer.MAX_VALUE)
          || (float) rounded * step(xScale, c) != floats.getFloat(c)) {
        return null;
      }
      steps[c] = (int) rounded;
    }
    return Tensor.of(steps);
  }

  private static boolean isZero(Scope scope, Node dequantize) {
    return !dequantize.hasInput(2)
        || (scope.constant(dequantize.input(2)).isPresent()
            && isZero(scope.constant(dequantize.input(2)).get()));
  }

  private static boolean isZero(Tensor tensor) {
    for (int i = 0; i < tensor.size(); i++) {
      if (tensor.getLong(i) != 0) {
        return false;
      }
    }
    return true;
  }

  /** True for one dimension of this size, with or without others of size 1 before it. */
  private static boolean isVector(Shape shape, int size) {
    return shape.rank() >= 1 && shape.size() == size && shape.dim(-1) == size;
  }
}
