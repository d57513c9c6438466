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
 * Quantizes float32 to uint8 by the range of its elements, widened to hold 0; gives the elements,
 * the scale and the zero point. Where all elements are 0, the scale, which ONNX leaves open, is 1.
 * ONNX: DynamicQuantizeLinear-11.
 */
public record DynamicQuantizeLinear() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("DynamicQuantizeLinear", 11)
          .outputs(3, 3)
          .decoder(context -> new DynamicQuantizeLinear())
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(
        context.input(0).withDType(DType.UINT8),
        TensorType.of(DType.FLOAT32),
        TensorType.of(DType.UINT8));
  }

  /**
   * One scale and zero point for all elements of a tensor.
   *
   * @param scale how much one step is, above 0
   * @param zeroPoint the step that means 0, from 0 to 255
   */
  public record Parameters(float scale, int zeroPoint) {
    /** The parameters under which the range of {@code x}, widened to hold 0, has 255 steps. */
    public static Parameters of(Tensor x) {
      float least = 0;
      float greatest = 0;
      for (int i = 0; i < x.size(); i++) {
        least = Math.min(least, x.getFloat(i));
        greatest = Math.max(greatest, x.getFloat(i));
      }
      return of(least, greatest);
    }

    /** The parameters for elements from {@code least} (at most 0) to {@code greatest}. */
    public static Parameters of(float least, float greatest) {
      float scale = scale(least, greatest);
      return new Parameters(scale, zeroPoint(least, scale));
    }

    /** The scale for elements from {@code least} (at most 0) to {@code greatest} (at least 0). */
    public static float scale(float least, float greatest) {
      float range = (greatest - least) / 255;
      return range == 0 ? 1 : range;
    }

    /** The step, from 0 to 255, that stands for 0. */
    public static int zeroPoint(float least, float scale) {
      return (int) Math.rint(Math.max(0, Math.min(255, -least / scale)));
    }

    /** The step, from 0 to 255, for a number. */
    public int quantize(float x) {
      return (int) Math.max(0, Math.min(255, Math.rint(x / scale) + zeroPoint));
    }
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Parameters parameters = Parameters.of(x);
    Tensor y = context.output(0, DType.UINT8, x.shape());
    for (int i = 0; i < x.size(); i++) {
      y.setLong(i, parameters.quantize(x.getFloat(i)));
    }
    context.output(1, DType.FLOAT32, Shape.scalar()).setFloat(0, parameters.scale());
    context.output(2, DType.UINT8, Shape.scalar()).setLong(0, parameters.zeroPoint());
  }
}
