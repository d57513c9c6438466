package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** A window function made of cosines; its length is an integer scalar. */
public interface CosineWindow extends Operator {

  /** The result's type. */
  DType outputDType();

  /** Whether the window is one period of a longer signal, and not symmetric. */
  boolean periodic();

  /** The window's value, given how far into it in radians, of a whole turn. */
  double at(double angle);

  /** Makes a window from its attributes. */
  @FunctionalInterface
  interface Factory {
    /** The window with these attributes. */
    CosineWindow make(DType outputDType, boolean periodic);
  }

  /** The specification of a window. */
  static OpSpec spec(String name, Factory factory) {
    return OpSpec.onnx(name, 17)
        .decoder(context ->
            factory.make(
                ElementTypes.get(context.attributes(), "output_datatype", DType.FLOAT32),
                context.attributes().getBoolean("periodic", true)))
        .build();
  }

  @Override
  default Attributes attributes() {
    return Attributes.builder()
        .putUnless(DType.FLOAT32.onnxNumber(), "output_datatype", outputDType().onnxNumber())
        .putUnless(true, "periodic", periodic())
        .build();
  }

  @Override
  default List<TensorType> infer(InferenceContext context) {
    Optional<Tensor> size = context.constant(0);
    return List.of(
        new TensorType(
            outputDType(), List.of(size.isPresent() ? Dim.of(length(size.get())) : Dim.UNKNOWN)));
  }

  @Override
  default void eval(EvalContext context) {
    int length = length(context.input(0));
    Tensor y = context.output(0, outputDType(), Shape.of(length));
    // A symmetric window of one element has no turn: its one value is that of a periodic one.
    int turn = periodic() || length == 1 ? length : length - 1;
    for (int i = 0; i < length; i++) {
      y.setDouble(i, at(2 * Math.PI * i / turn));
    }
  }

  private static int length(Tensor size) {
    return Math.toIntExact(size.getLong(0));
  }
}
