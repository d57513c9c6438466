package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import java.util.List;

/**
 * The p-norm of the elements under each window. Input {@code [N, C, spatial…]} of a float type.
 * ONNX: LpPool-22.
 *
 * @param p the norm's order, at least 1
 */
public record LpPool(Window window, int p) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("LpPool", 22)
          .compatibleSince(18)
          .decoder(context ->
              new LpPool(Window.decode(context.attributes()), context.attributes().getInt("p", 2)))
          .build();

  public LpPool {
    requireOrder(p);
  }

  /** Checks a norm's order. */
  static void requireOrder(int p) {
    if (p < 1) {
      throw Shapes.badAttribute("p", p);
    }
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return window.encode().putUnless(2, "p", p).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(window.ceilMode() || !window.dilations().isEmpty() ? 18 : 2);
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
          for (int offset : offsets) {
            sum += offset < 0 ? 0 : Math.pow(Math.abs(x[base + offset]), p);
          }
          return Math.pow(sum, 1.0 / p);
        });
  }
}
