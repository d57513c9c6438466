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
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code (x - zeroPoint) * scale}, the difference exact and the product in float32, with one scale
 * for all, one per index along an axis, or one per block. ONNX: DequantizeLinear-25.
 *
 * @param axis the axis of the scales where there are several
 * @param blockSize elements along the axis that share a scale; 0 if not in blocks
 * @param outputDType the result's type; null for the scale's
 */
public record DequantizeLinear(int axis, int blockSize, @Nullable DType outputDType)
    implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("DequantizeLinear", 25)
          .compatibleSince(10)
          .inputs(2, 3)
          .decoder(new FrequentDecoder("DequantizeLinear"))
          .build();

  static Operator decode(ImportContext context) {
    return new DequantizeLinear(
        context.attributes().getInt("axis", 1),
        context.attributes().getInt("block_size", 0),
        ElementTypes.optional(context.attributes(), "output_dtype"));
  }

  /** Along an axis (or of the whole tensor, if there is one scale), all else default. */
  public DequantizeLinear(int axis) {
    this(axis, 0, null);
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
        .putUnless(0, "output_dtype", outputDType == null ? 0 : outputDType.onnxNumber())
        .build();
  }

  @Override
  public void export(ExportContext context) {
    int typed = context.constant(0).isPresent() ? 0 : 2;
    int opset = QuantizationOpset.of(context, blockSize, typed, null);
    if (outputDType != null) {
      opset = Math.max(opset, 23);
    }
    context.requireOpset(opset);
    // Opset 10 knows no axis; it then means nothing, for there is one scale.
    boolean axisKnown = Math.max(opset, context.opset()) >= 13;
    context.attributes(axisKnown ? attributes() : attributes().without("axis"));
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(context.input(0).withDType(resultType(context.input(1).dtype())));
  }

  private DType resultType(DType scale) {
    return outputDType == null ? scale : outputDType;
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor scale = context.input(1);
    Tensor zeroPoint = context.hasInput(2) ? context.input(2) : null;
    Tensor y = context.output(0, resultType(scale.dtype()), x.shape());
    QuantizationScheme scheme = new QuantizationScheme(x.shape(), scale.shape(), axis, blockSize);
    for (int i = 0; i < x.size(); i++) {
      int s = scheme.scaleIndex(i);
      float difference;
      if (x.dtype().isFloat()) {
        difference = x.getFloat(i);
      } else {
        long zero =
            zeroPoint == null
                ? 0
                : zeroPoint.getLong(QuantizationScheme.zeroPointIndex(zeroPoint, s));
        difference = (float) (x.getLong(i) - zero);
      }
      y.setFloat(i, difference * scale.getFloat(s));
    }
  }

  /** Straight through: the integers carry the gradient of the numbers that they stand for. */
  @Override
  public void gradient(GradientContext context) {
    context.give(0, context.gradient(0));
  }
}
