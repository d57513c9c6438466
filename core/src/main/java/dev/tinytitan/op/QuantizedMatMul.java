package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A matrix product of a float activation, quantized on the way, by an 8-bit matrix: what the
 * sequence DynamicQuantizeLinear, MatMulInteger, Cast, Mul (by the product of both scales), Add (of
 * a bias) computes, step for step: {@code float32(exact int32 sum) · (x scale · w scale) + bias},
 * each operation rounded to float32. Internal.
 *
 * <p>Inputs: x float32 {@code [..., k]} of at least one dimension; w int8 or uint8 {@code [k, n]};
 * the scale of w, float32, one element or {@code [n]}; optionally the zero point of w, of its type,
 * one element or {@code [n]}; optionally a bias, float32 {@code [n]}; optionally a residual of the
 * output's shape, which is added behind the bias. Output float32 {@code [..., n]}. One scale and
 * zero point of x hold for the whole tensor: those that calibration gave, or those that are found
 * for each x, as DynamicQuantizeLinear-11 says.
 *
 * @param activation what is applied at the end
 * @param calibrated scale and zero point of x; null if they are found for each x
 */
public record QuantizedMatMul(
    Activation activation, DynamicQuantizeLinear.@Nullable Parameters calibrated)
    implements Operator {
  /** The residual's place among the inputs. */
  public static final int RESIDUAL = 5;

  static final OpSpec SPEC =
      OpSpec.internal("QuantizedMatMul").inputs(3, 6).tolerance(1e-6, 1e-6).build();

  /** A product that finds scale and zero point for each x. */
  public QuantizedMatMul(Activation activation) {
    this(activation, null);
  }

  /** The same product with an activation at the end. */
  public QuantizedMatMul withActivation(Activation last) {
    return new QuantizedMatMul(last, calibrated);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes.Builder attributes =
        Attributes.builder().putUnless("None", "activation", activation.toString());
    if (calibrated != null) {
      attributes.put("scale", calibrated.scale()).put("zero_point", calibrated.zeroPoint());
    }
    return attributes.build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(0);
    TensorType w = context.input(1);
    if (!x.hasRank() || !w.hasRank()) {
      return List.of(TensorType.unknown(DType.FLOAT32));
    }
    if (x.rank() < 1 || w.rank() != 2 || !fit(x.dim(-1), w.dim(0))) {
      throw new ShapeMismatchException("Cannot multiply " + x + " by " + w + ".");
    }
    List<Dim> dims = new ArrayList<>(x.knownDims());
    dims.set(dims.size() - 1, w.dim(1));
    return List.of(new TensorType(DType.FLOAT32, dims));
  }

  private static boolean fit(Dim left, Dim right) {
    return !left.isFixed() || !right.isFixed() || left.size() == right.size();
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor w = context.input(1);
    Tensor scale = context.input(2);
    Tensor zero = context.hasInput(3) ? context.input(3) : null;
    Tensor bias = context.hasInput(4) ? context.input(4) : null;
    DynamicQuantizeLinear.Parameters parameters =
        calibrated == null ? DynamicQuantizeLinear.Parameters.of(x) : calibrated;
    int depth = w.shape().dim(0);
    int columns = w.shape().dim(1);
    if (x.shape().dim(-1) != depth) {
      throw new ShapeMismatchException("Cannot multiply " + x.shape() + " by " + w.shape() + ".");
    }
    Tensor residual = context.hasInput(RESIDUAL) ? context.input(RESIDUAL) : null;
    if (residual != null && !residual.shape().equals(x.shape().withDim(-1, columns))) {
      throw new ShapeMismatchException(
          "A residual of shape "
              + residual.shape()
              + " does not fit rows of "
              + columns
              + " columns.");
    }
    int rows = x.shape().sizeBetween(0, x.shape().rank() - 1);
    Tensor y = context.output(0, DType.FLOAT32, x.shape().withDim(-1, columns));
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        int wZero = zero == null ? 0 : zero.getInt(zero.size() == 1 ? 0 : column);
        int sum = 0;
        for (int i = 0; i < depth; i++) {
          int step = parameters.quantize(x.getFloat(row * depth + i)) - parameters.zeroPoint();
          sum += step * (w.getInt(i * columns + column) - wZero);
        }
        float wScale = scale.getFloat(scale.size() == 1 ? 0 : column);
        float product = (float) sum * (parameters.scale() * wScale);
        float biased = bias == null ? product : product + bias.getFloat(column);
        int at = row * columns + column;
        float result = residual == null ? biased : biased + residual.getFloat(at);
        y.setFloat(at, activation.apply(result));
      }
    }
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    long bytes = Operator.bytesMoved(inputs, outputs);
    TensorType w = inputs.get(1);
    boolean known = w != null && w.isStatic() && outputs.get(0).isStatic();
    return new Cost(known ? (long) outputs.get(0).shape().size() * w.shape().dim(0) : 0, bytes);
  }
}
