package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.NarrowFloat;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code saturate(round(x / scale) + zeroPoint)}, halves rounded to even, with one scale for all,
 * one per index along an axis, or one per block. NaN, of which ONNX says nothing, becomes the least
 * value of an integer type, as on every engine. ONNX: QuantizeLinear-25.
 *
 * @param axis the axis of the scales where there are several
 * @param blockSize elements along the axis that share a scale; 0 if not in blocks
 * @param saturate whether values beyond a float8 type's range become its largest value
 * @param outputDType the result's type where there is no zero point; null for uint8
 * @param precision the type in which the division is done; null for the scale's
 */
public record QuantizeLinear(
    int axis,
    int blockSize,
    boolean saturate,
    @Nullable DType outputDType,
    @Nullable DType precision)
    implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("QuantizeLinear", 25)
          .compatibleSince(10)
          .inputs(2, 3)
          .decoder(new FrequentDecoder("QuantizeLinear"))
          .build();

  static Operator decode(ImportContext context) {
    Attributes attributes = context.attributes();
    return new QuantizeLinear(
        attributes.getInt("axis", 1),
        attributes.getInt("block_size", 0),
        attributes.getBoolean("saturate", true),
        ElementTypes.optional(attributes, "output_dtype"),
        ElementTypes.optional(attributes, "precision"));
  }

  /**
   * Quantization along an axis (or of the whole tensor, if there is one scale), all else default.
   */
  public QuantizeLinear(int axis) {
    this(axis, 0, true, null, null);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(1, "axis", axis)
        .putUnless(0, "block_size", blockSize)
        .putUnless(true, "saturate", saturate)
        .putUnless(0, "output_dtype", outputDType == null ? 0 : outputDType.onnxNumber())
        .putUnless(0, "precision", precision == null ? 0 : precision.onnxNumber())
        .build();
  }

  @Override
  public void export(ExportContext context) {
    int opset = QuantizationOpset.of(context, blockSize, 2, outputDType);
    if (!saturate) {
      opset = Math.max(opset, 19);
    }
    if (outputDType != null) {
      opset = Math.max(opset, 21);
    }
    if (precision != null) {
      opset = Math.max(opset, 23);
    }
    context.requireOpset(opset);
    // Opset 10 knows no axis; it then means nothing, for there is one scale.
    boolean axisKnown = Math.max(opset, context.opset()) >= 13;
    context.attributes(axisKnown ? attributes() : attributes().without("axis"));
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    DType zeroPoint = context.hasInput(2) ? context.input(2).dtype() : null;
    return List.of(context.input(0).withDType(resultType(zeroPoint)));
  }

  private DType resultType(@Nullable DType zeroPoint) {
    if (zeroPoint != null) {
      return zeroPoint;
    }
    return outputDType == null ? DType.UINT8 : outputDType;
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor scale = context.input(1);
    Tensor zeroPoint = context.hasInput(2) ? context.input(2) : null;
    DType dtype = resultType(zeroPoint == null ? null : zeroPoint.dtype());
    Tensor y = context.output(0, dtype, x.shape());
    QuantizationScheme scheme = new QuantizationScheme(x.shape(), scale.shape(), axis, blockSize);
    for (int i = 0; i < x.size(); i++) {
      int s = scheme.scaleIndex(i);
      double quotient =
          ElementTypes.round(x.getDouble(i) / scale.getDouble(s), divisionType(scale.dtype()));
      if (dtype.isFloat()) {
        y.setRawBits(i, NarrowFloat.encode(dtype, (float) quotient, saturate));
      } else {
        long zero =
            zeroPoint == null
                ? 0
                : zeroPoint.getLong(QuantizationScheme.zeroPointIndex(zeroPoint, s));
        double rounded = Double.isNaN(quotient) ? dtype.minValue() : Math.rint(quotient) + zero;
        y.setLong(
            i, (long) Math.clamp(rounded, (double) dtype.minValue(), (double) dtype.maxValue()));
      }
    }
  }

  private DType divisionType(DType scale) {
    if (precision != null) {
      return precision;
    }
    return scale.isStorageOnly() ? DType.FLOAT32 : scale;
  }

  /**
   * Straight through (Bengio, Léonard and Courville 2013): the gradient that the integers carry
   * goes on to the numbers that were rounded, and not to those that were cut. Scale and zero point
   * get none.
   */
  @Override
  public void gradient(GradientContext context) {
    String x = context.input(0);
    String codes = context.output(0);
    DType stored = context.type(codes).dtype();
    DequantizeLinear back = new DequantizeLinear(axis, blockSize, null);
    String value =
        context.hasInput(2)
            ? context.add(back, codes, context.input(1), context.input(2))
            : context.add(back, codes, context.input(1));
    String number = context.add(new Cast(context.type(x).dtype()), codes);
    String above =
        context.add(
            new And(),
            context.add(new Equal(), number, context.scalar((double) stored.maxValue(), x)),
            context.add(new Greater(), x, value));
    String below =
        context.add(
            new And(),
            context.add(new Equal(), number, context.scalar((double) stored.minValue(), x)),
            context.add(new Less(), x, value));
    String cut = context.add(new Or(), above, below);
    String gradient = context.gradient(0);
    context.give(0, context.add(new Where(), cut, context.scalar(0, gradient), gradient));
  }
}
