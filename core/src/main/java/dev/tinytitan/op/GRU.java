package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.OpSpec;

/**
 * Gated recurrent unit (Cho et al. 2014, arXiv:1406.1078): gates update, reset and hidden, in this
 * order in the weights. Inputs, outputs and layouts as {@link RecurrentOperator} says. ONNX:
 * GRU-22.
 *
 * @param linearBeforeReset whether the state is weighed before the reset gate scales it, and not
 *     after
 */
public record GRU(Recurrence recurrence, boolean linearBeforeReset) implements RecurrentOperator {
  private static final RecurrentActivation.Kind[] DEFAULTS = {
    RecurrentActivation.Kind.SIGMOID, RecurrentActivation.Kind.TANH
  };
  private static final int UPDATE = 0;
  private static final int RESET = 1;
  private static final int HIDDEN = 2;

  static final OpSpec SPEC =
      OpSpec.onnx("GRU", 22)
          .compatibleSince(14)
          .inputs(3, 6)
          .outputs(0, 2)
          .decoder(context ->
              new GRU(
                  Recurrence.decode(context.attributes(), DEFAULTS),
                  context.attributes().getBoolean("linear_before_reset", false)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return recurrence
        .encode(DEFAULTS)
        .putUnless(false, "linear_before_reset", linearBeforeReset)
        .build();
  }

  @Override
  public int gates() {
    return 3;
  }

  @Override
  public Cell cell(EvalContext context, RecurrentWeights weights, int direction) {
    RecurrentActivation f = recurrence.activation(direction, 0);
    RecurrentActivation g = recurrence.activation(direction, 1);
    return (gates, h, c) -> {
      int n = h.length;
      double[] update = new double[n];
      double[] reset = new double[n];
      double[] scaled = new double[n];
      for (int i = 0; i < n; i++) {
        update[i] =
            f.apply(recurrence.clip(gates[UPDATE * n + i] + weights.weighState(UPDATE, i, h)));
        reset[i] = f.apply(recurrence.clip(gates[RESET * n + i] + weights.weighState(RESET, i, h)));
        scaled[i] = reset[i] * h[i];
      }
      double[] next = new double[n];
      for (int i = 0; i < n; i++) {
        double state =
            linearBeforeReset
                ? reset[i] * weights.weighState(HIDDEN, i, h)
                : weights.weighState(HIDDEN, i, scaled);
        double candidate = g.apply(recurrence.clip(gates[HIDDEN * n + i] + state));
        next[i] = (1 - update[i]) * candidate + update[i] * h[i];
      }
      System.arraycopy(next, 0, h, 0, n);
    };
  }
}
