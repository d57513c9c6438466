package dev.tinytitan.kernel;

import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.GroupNormalization;
import dev.tinytitan.op.InstanceNormalization;
import dev.tinytitan.op.RMSNormalization;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Normalizations of channels, each a plane of neighbours, by constant statistics or by those of
 * their image or group, and of rows by the root of their mean square; scales and biases constant.
 */
final class FloatNormalizationKernel implements Kernel {
  private final VectorOperations operations;
  private final Shape shape;

  /** How many runs of elements have statistics of their own. */
  private final int groups;

  private final float epsilon;
  private final boolean byRoot;
  private final boolean hasStatistics;
  private final float[] scale;
  private final float[] bias;

  FloatNormalizationKernel(VectorOperations operations, KernelRequest request) {
    this.operations = operations;
    this.shape = request.inputShape(0);
    float[] factors = request.constant(1).toFloatArray();
    float[] shifts = request.hasInput(2) ? request.constant(2).toFloatArray() : factors;
    this.byRoot = request.operator() instanceof RMSNormalization;
    this.hasStatistics = request.operator() instanceof BatchNormalization;
    switch (request.operator()) {
      case BatchNormalization batch -> {
        this.groups = 1;
        this.epsilon = 0;
        for (int c = 0; c < factors.length; c++) {
          double root = Math.sqrt(request.constant(4).getDouble(c) + batch.epsilon());
          double factor = factors[c] / root;
          factors[c] = (float) factor;
          shifts[c] = (float) (shifts[c] - request.constant(3).getDouble(c) * factor);
        }
      }
      case InstanceNormalization instance -> {
        this.groups = shape.dim(0) * shape.dim(1);
        this.epsilon = instance.epsilon();
      }
      case GroupNormalization group -> {
        this.groups = shape.dim(0) * group.groups();
        this.epsilon = group.epsilon();
      }
      default -> {
        RMSNormalization rows = request.operator(RMSNormalization.class);
        this.groups = shape.sizeBetween(0, Shapes.axis(rows.axis(), shape.rank()));
        this.epsilon = rows.epsilon();
      }
    }
    this.scale = factors;
    this.bias = shifts;
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    Shape shape = request.inputShape(0);
    for (int i = 1; i < request.inputs().size(); i++) {
      if (!request.isConstant(i)) {
        return Optional.of("scale, bias or statistics are not constant");
      }
    }
    if (shape.size() == 0 || shape.rank() < 2) {
      return Optional.of("no elements or no channels");
    }
    if (request.operator() instanceof RMSNormalization rows) {
      int axis = Shapes.axis(rows.axis(), shape.rank());
      return request.inputShape(1).size() == shape.sizeBetween(axis, shape.rank())
          ? Optional.empty()
          : Optional.of("the scale is broadcast");
    }
    boolean batch =
        request.operator() instanceof BatchNormalization each
            && (each.training() || request.outputs().size() > 1);
    return batch ? Optional.of("statistics are wanted") : Optional.empty();
  }

  @Override
  public boolean reads(int index) {
    return index == 0;
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    int length = shape.size() / groups;
    ElementOperations elements = operations.elements();
    if (byRoot) {
      for (int from = 0; from < shape.size(); from += length) {
        float squares = operations.rows().sumOfSquares(x, from, length) / length;
        float factor = (float) (1 / Math.sqrt(squares + epsilon));
        elements.combineWithScalar(PairFunction.MUL, x, from, factor, y, from, length);
        elements.combine(PairFunction.MUL, y, from, scale, 0, y, from, length);
      }
      return;
    }
    int channels = shape.dim(1);
    int plane = shape.sizeBetween(2, shape.rank());
    for (int from = 0; from < shape.size(); from += length) {
      float[] source = x;
      float factor = 1;
      if (!hasStatistics) {
        float mean = operations.rows().sum(x, from, length) / length;
        elements.combineWithScalar(PairFunction.SUB, x, from, mean, y, from, length);
        float variance = operations.rows().sumOfSquares(y, from, length) / length;
        factor = (float) (1 / Math.sqrt(variance + epsilon));
        source = y;
      }
      for (int at = from; at < from + length; at += plane) {
        int channel = at / plane % channels;
        elements.combineWithScalar(
            PairFunction.MUL, source, at, factor * scale[channel], y, at, plane);
        elements.combineWithScalar(PairFunction.ADD, y, at, bias[channel], y, at, plane);
      }
    }
  }
}
