package dev.tinytitan.op;

import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import java.util.List;
import java.util.Optional;

/**
 * {@link Cast} to the element type of a second input, which is what it becomes on import. ONNX:
 * CastLike-25.
 */
final class CastLike {
  static final OpSpec SPEC =
      OpSpec.onnx("CastLike", 25).compatibleSince(15).inputs(2).decoder(CastLike::decode).build();

  private CastLike() {}

  private static Operator decode(ImportContext context) {
    Optional<DType> to = context.inputType(1).map(TensorType::dtype);
    if (to.isEmpty()) {
      throw context.unsupported("the element type of its second input cannot be told");
    }
    context.setInputs(List.of(context.input(0)));
    return Cast.of(context, to.get());
  }
}
