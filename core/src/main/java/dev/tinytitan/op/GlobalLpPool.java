package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import java.util.List;

/**
 * The p-norm over all spatial axes: {@code [N, C, spatial…]} to {@code [N, C, 1…]}. ONNX:
 * GlobalLpPool-22.
 *
 * @param p the norm's order, at least 1
 */
public record GlobalLpPool(int p) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("GlobalLpPool", 22)
          .compatibleSince(2)
          .decoder(context -> new GlobalLpPool(context.attributes().getInt("p", 2)))
          .build();

  public GlobalLpPool {
    LpPool.requireOrder(p);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(2, "p", p).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return Pooling.inferGlobal(context.input(0));
  }

  @Override
  public void eval(EvalContext context) {
    Pooling.poolGlobally(
        context,
        (x, from, to) -> {
          double sum = 0;
          for (int i = from; i < to; i++) {
            sum += Math.pow(Math.abs(x[i]), p);
          }
          return Math.pow(sum, 1.0 / p);
        });
  }
}
