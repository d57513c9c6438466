package dev.tinytitan.op;

import dev.tinytitan.ir.OpSpec;

/** The name of {@link ScatterElements} in opsets 9 and 10: ONNX Scatter-9, deprecated since 11. */
final class Scatter {
  static final OpSpec SPEC =
      OpSpec.onnx("Scatter", 9)
          .inputs(3)
          .decoder(context ->
              new ScatterElements(context.attributes().getInt("axis", 0), ScatterReduction.NONE))
          .build();

  private Scatter() {}
}
