package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.OpSpec;

/**
 * Simple recurrence (Elman 1990): {@code h = f(W x + R h + b)}. Inputs, outputs and layouts as
 * {@link RecurrentOperator} says. ONNX: RNN-22.
 */
public record RNN(Recurrence recurrence) implements RecurrentOperator {
  private static final RecurrentActivation.Kind DEFAULT = RecurrentActivation.Kind.TANH;

  static final OpSpec SPEC =
      OpSpec.onnx("RNN", 22)
          .compatibleSince(14)
          .inputs(3, 6)
          .outputs(0, 2)
          .decoder(context -> new RNN(Recurrence.decode(context.attributes(), DEFAULT)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return recurrence.encode(DEFAULT).build();
  }

  @Override
  public int gates() {
    return 1;
  }

  @Override
  public Cell cell(EvalContext context, RecurrentWeights weights, int direction) {
    RecurrentActivation f = recurrence.activation(direction, 0);
    return (gates, h, c) -> {
      for (int i = 0; i < h.length; i++) {
        gates[i] = f.apply(recurrence.clip(gates[i] + weights.weighState(0, i, h)));
      }
      System.arraycopy(gates, 0, h, 0, h.length);
    };
  }
}
