package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.tensor.Shape;

/**
 * Long short-term memory (Hochreiter and Schmidhuber 1997; with peepholes Gers et al. 2002): gates
 * input, output, forget and cell, in this order in the weights. Inputs, outputs and layouts as
 * {@link RecurrentOperator} says; input 6 is the initial cell state and output 2 the last one, both
 * shaped like the hidden state; input 7 holds the peephole weights {@code [directions, 3 * hidden]}
 * of the input, output and forget gates. The clip bounds what goes into the gates, not the cell
 * state. ONNX: LSTM-22.
 *
 * @param inputForget whether the forget gate is one less the input gate
 */
public record LSTM(Recurrence recurrence, boolean inputForget) implements RecurrentOperator {
  private static final RecurrentActivation.Kind[] DEFAULTS = {
    RecurrentActivation.Kind.SIGMOID, RecurrentActivation.Kind.TANH, RecurrentActivation.Kind.TANH
  };
  private static final int INPUT = 0;
  private static final int OUTPUT = 1;
  private static final int FORGET = 2;
  private static final int CELL = 3;
  private static final int PEEPHOLES = 7;

  static final OpSpec SPEC =
      OpSpec.onnx("LSTM", 22)
          .compatibleSince(14)
          .inputs(3, 8)
          .outputs(0, 3)
          .decoder(context ->
              new LSTM(
                  Recurrence.decode(context.attributes(), DEFAULTS),
                  context.attributes().getBoolean("input_forget", false)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return recurrence.encode(DEFAULTS).putUnless(false, "input_forget", inputForget).build();
  }

  @Override
  public int gates() {
    return 4;
  }

  @Override
  public boolean hasCellState() {
    return true;
  }

  @Override
  public Cell cell(EvalContext context, RecurrentWeights weights, int direction) {
    RecurrentActivation f = recurrence.activation(direction, 0);
    RecurrentActivation g = recurrence.activation(direction, 1);
    RecurrentActivation out = recurrence.activation(direction, 2);
    int n = weights.hidden();
    double[] peephole =
        RecurrentWeights.slice(
            context, PEEPHOLES, direction, Shape.of(recurrence.direction().count(), 3 * n));
    return (gates, h, c) -> {
      double[] next = new double[n];
      for (int i = 0; i < n; i++) {
        double in =
            gates[INPUT * n + i] + weights.weighState(INPUT, i, h) + peephole[INPUT * n + i] * c[i];
        double input = f.apply(recurrence.clip(in));
        double keep =
            gates[FORGET * n + i]
                + weights.weighState(FORGET, i, h)
                + peephole[FORGET * n + i] * c[i];
        double forget = inputForget ? 1 - input : f.apply(recurrence.clip(keep));
        double candidate =
            g.apply(recurrence.clip(gates[CELL * n + i] + weights.weighState(CELL, i, h)));
        c[i] = forget * c[i] + input * candidate;
        double show =
            gates[OUTPUT * n + i]
                + weights.weighState(OUTPUT, i, h)
                + peephole[OUTPUT * n + i] * c[i];
        next[i] = f.apply(recurrence.clip(show)) * out.apply(c[i]);
      }
      System.arraycopy(next, 0, h, 0, n);
    };
  }
}
