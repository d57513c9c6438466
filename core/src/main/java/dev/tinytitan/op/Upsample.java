package dev.tinytitan.op;

import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.OpSpec;
import java.util.List;

/**
 * The name of {@link Resize} in opsets 7 to 9: ONNX Upsample-9, deprecated since 10. It divides
 * coordinates by the scale and rounds down.
 */
final class Upsample {
  static final OpSpec SPEC =
      OpSpec.onnx("Upsample", 9).compatibleSince(7).inputs(1, 2).decoder(Upsample::decode).build();

  private Upsample() {}

  private static Resize decode(ImportContext context) {
    context.attributeToInput("scales", 1);
    context.setInputs(List.of(context.input(0), "", context.input(1)));
    return Resize.of(
        Labels.attribute(context, "mode", Resize.Mode.NEAREST),
        Resize.Coordinates.ASYMMETRIC,
        Resize.NearestMode.FLOOR);
  }
}
