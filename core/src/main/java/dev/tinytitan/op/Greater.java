package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** Whether elements of the first input are greater, with broadcasting. ONNX: Greater-13. */
public record Greater() implements Comparison {
  static final OpSpec SPEC =
      OpSpec.onnx("Greater", 13)
          .compatibleSince(7)
          .inputs(2)
          .decoder(context -> new Greater())
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public boolean holds(double a, double b) {
    return a > b;
  }
}
