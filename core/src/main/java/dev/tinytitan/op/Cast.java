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

/**
 * Elements converted to another numeric type or bool. To floating point: rounded to nearest, ties
 * to even. From floating point to integers: cut towards zero; what does not fit, which ONNX leaves
 * open, keeps its low bits, and NaN becomes 0. Between integers: the low bits. To bool: whether not
 * zero. ONNX: Cast-25.
 *
 * @param to the element type of the result
 * @param saturate whether values beyond the range of a float8 type become its largest finite value,
 *     and not infinity or NaN
 * @param roundMode how a float8e8m0 is chosen: {@code up}, {@code down} or {@code nearest}
 */
public record Cast(DType to, boolean saturate, String roundMode) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Cast", 25).compatibleSince(6).decoder(Cast::decode).build();

  private static Operator decode(ImportContext context) {
    DType to = ElementTypes.optional(context.attributes(), "to");
    if (to == null) {
      throw Shapes.badAttribute("to", 0);
    }
    return of(context, to);
  }

  /** The operator for a target type; reads the other attributes and refuses what is not done. */
  static Cast of(ImportContext context, DType to) {
    boolean fromNumber =
        context.inputType(0).map(TensorType::dtype).map(Cast::isNumber).orElse(true);
    if (!isNumber(to) || !fromNumber) {
      throw context.unsupported("only numbers and bools are cast, not strings or complex numbers");
    }
    String roundMode = context.attributes().getText("round_mode", "up");
    if (!List.of("up", "down", "nearest").contains(roundMode)) {
      throw Shapes.badAttribute("round_mode", roundMode);
    }
    return new Cast(to, context.attributes().getBoolean("saturate", true), roundMode);
  }

  private static boolean isNumber(DType dtype) {
    return dtype.isFloat() || dtype.isInteger() || dtype == DType.BOOL;
  }

  /** A cast with ONNX's defaults. */
  public Cast(DType to) {
    this(to, true, "up");
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .put("to", to.onnxNumber())
        .putUnless(true, "saturate", saturate)
        .putUnless("up", "round_mode", roundMode)
        .build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(Math.max(6, ElementTypes.oldestOpset(to)));
    context
        .constant(0)
        .ifPresent(tensor -> context.requireOpset(ElementTypes.oldestOpset(tensor.dtype())));
    context.requireOpset(roundMode.equals("up") ? (saturate ? 6 : 19) : 24);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(context.input(0).withDType(to));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor y = context.output(0, to, x.shape());
    for (int i = 0; i < x.size(); i++) {
      convert(x, y, i);
    }
  }

  private void convert(Tensor x, Tensor y, int i) {
    if (to == DType.BOOL) {
      y.setBoolean(i, x.getBoolean(i));
    } else if (to == DType.FLOAT8E8M0) {
      y.setRawBits(i, NarrowFloat.encodeE8M0(x.getFloat(i), saturate, roundMode));
    } else if (to.isFloat() && to.isStorageOnly()) {
      y.setRawBits(i, NarrowFloat.encode(to, x.getFloat(i), saturate));
    } else if (to.isFloat()) {
      if (x.dtype().isFloat() || x.dtype() == DType.UINT64) {
        y.setDouble(i, x.getDouble(i));
      } else {
        y.setLong(i, x.getLong(i));
      }
    } else if (to == DType.UINT64 && x.dtype().isFloat()) {
      double value = x.getDouble(i);
      double half = 0x1p63;
      y.setLong(i, value >= half ? (long) (value - half) + Long.MIN_VALUE : (long) value);
    } else {
      y.setLong(i, x.getLong(i));
    }
  }

  @Override
  public void gradient(GradientContext context) {
    TensorType from = context.type(context.input(0));
    if (from.dtype().isFloat() && to.isFloat()) {
      context.give(0, context.add(new Cast(from.dtype()), context.gradient(0)));
    }
  }
}
