package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import java.util.List;

/**
 * The mean of the elements under each window. Input {@code [N, C, spatial…]} of a float type. ONNX:
 * AveragePool-22.
 *
 * @param countIncludePad whether padding counts as zeros in the mean; what {@link Window#ceilMode}
 *     adds beyond it never does
 */
public record AveragePool(Window window, boolean countIncludePad) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("AveragePool", 22)
          .compatibleSince(19)
          .decoder(new FrequentDecoder("AveragePool"))
          .build();

  static Operator decode(ImportContext context) {
    return new AveragePool(
        Window.decode(context.attributes()),
        context.attributes().getBoolean("count_include_pad", false));
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return window.encode().putUnless(false, "count_include_pad", countIncludePad).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(!window.dilations().isEmpty() ? 19 : window.ceilMode() ? 10 : 7);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(Pooling.infer(context, window));
  }

  @Override
  public void eval(EvalContext context) {
    Pooling.pool(
        context,
        window,
        (x, base, offsets, geometry, position) -> {
          double sum = 0;
          int inside = 0;
          for (int offset : offsets) {
            if (offset >= 0) {
              sum += x[base + offset];
              inside++;
            }
          }
          return sum / (countIncludePad ? geometry.countWithinPadding(position) : inside);
        });
  }
}
