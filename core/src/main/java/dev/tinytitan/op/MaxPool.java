package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * The greatest element under each window; padding never wins and NaN always does; a window all in
 * the padding gives the dtype's least value and index -1. Input {@code [N, C, spatial…]} of a float
 * type, int8 or uint8. The optional second output, int64, tells for each maximum (the first of
 * equal ones) its index in the flattened input. ONNX: MaxPool-22.
 *
 * @param columnMajor whether those indices count the spatial axes with the first one moving fastest
 */
public record MaxPool(Window window, boolean columnMajor) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("MaxPool", 22)
          .compatibleSince(12)
          .outputs(1, 2)
          .decoder(new FrequentDecoder("MaxPool"))
          .build();

  static Operator decode(ImportContext context) {
    return new MaxPool(
        Window.decode(context.attributes()),
        context.attributes().getBoolean("storage_order", false));
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return window.encode().putUnless(false, "storage_order", columnMajor).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(window.ceilMode() || !window.dilations().isEmpty() ? 10 : 8);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType y = Pooling.infer(context, window);
    return List.of(y, y.withDType(DType.INT64));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    double lowest = x.dtype().isFloat() ? Double.NEGATIVE_INFINITY : x.dtype().minValue();
    Shape shape = window.geometry(x.shape()).outputShape(x.shape().dim(0), x.shape().dim(1));
    Tensor indices = context.wantsOutput(1) ? context.output(1, DType.INT64, shape) : null;
    int positions = shape.sizeBetween(2, shape.rank());
    Pooling.pool(
        context,
        window,
        (values, base, offsets, geometry, position) -> {
          int at = indexOfMax(values, base, offsets);
          if (indices != null) {
            int plane = base / geometry.inputSize();
            int spatial = columnMajor ? columnMajor(at, geometry) : at;
            indices.setLong(plane * positions + position, at < 0 ? -1 : base + (long) spatial);
          }
          return at < 0 ? lowest : values[base + at];
        });
  }

  /** Where the maximum lies, as an offset; -1 if the window is all padding. */
  private static int indexOfMax(double[] values, int base, int[] offsets) {
    int best = -1;
    for (int offset : offsets) {
      if (offset >= 0
          && (best < 0
              || values[base + offset] > values[base + best]
              || (Double.isNaN(values[base + offset]) && !Double.isNaN(values[base + best])))) {
        best = offset;
      }
    }
    return best;
  }

  private static int columnMajor(int rowMajor, WindowGeometry geometry) {
    int result = 0;
    int rest = rowMajor;
    int stride = geometry.inputSize();
    for (int i = geometry.rank() - 1; i >= 0; i--) {
      int size = geometry.axes().get(i).input();
      stride /= size;
      result += rest % size * stride;
      rest /= size;
    }
    return result;
  }
}
