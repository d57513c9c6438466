package dev.tinytitan.op;

import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Any element-wise function of an 8-bit tensor, from a table. Inputs: x (int8 or uint8) and the
 * table, 256 elements of the output's dtype: element {@code x & 0xFF} is the result of x, so that
 * the bits of x are the index whether it is signed or not. Internal.
 *
 * <p>Besides activations this requantizes from one scale to another: Concat of inputs with
 * differing scales is a lookup on each of those, then the plain Concat.
 */
public record IntegerLookup() implements Operator {
  static final OpSpec SPEC = OpSpec.internal("IntegerLookup").inputs(2).tolerance(0, 0).build();

  /** A real function of a real number. */
  @FunctionalInterface
  public interface FloatFunction {
    /** The function on one float32 number. */
    float apply(float x);
  }

  /**
   * The table of {@code quantize(function(dequantize(x)))}.
   *
   * @param xType int8 or uint8
   * @param function identity for mere requantization
   */
  public static Tensor table(
      DType xType,
      float xScale,
      int xZeroPoint,
      FloatFunction function,
      float yScale,
      QuantizedOutput output) {
    Tensor table = Tensor.zeros(output.dtype(), Shape.of(256));
    for (int x = (int) xType.minValue(); x <= xType.maxValue(); x++) {
      float real = (x - xZeroPoint) * xScale;
      table.setLong(x & 0xFF, output.quantize(function.apply(real), yScale));
    }
    return table;
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(context.input(0).withDType(context.input(1).dtype()));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor table = context.input(1);
    Tensor y = context.output(0, table.dtype(), x.shape());
    for (int i = 0; i < x.size(); i++) {
      y.copyElement(i, table, x.getInt(i) & 0xFF);
    }
  }
}
