package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A tensor made larger at its borders, or cut there where a pad is negative. Inputs: data, pads
 * (int64: all begins, then all ends), the constant (optional: 0), axes that the pads are for
 * (optional: all). ONNX: Pad-25; before opset 11 pads and constant were attributes.
 */
public record Pad(Mode mode) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Pad", 25).compatibleSince(18).inputs(2, 4).decoder(Pad::decode).build();

  /** Where the elements beyond the border come from. */
  public enum Mode {
    /** All the same. */
    CONSTANT,
    /** Mirrored at the border element, which is not repeated. */
    REFLECT,
    /** The border element. */
    EDGE,
    /** From the other end. */
    WRAP
  }

  private static Pad decode(ImportContext context) {
    if (context.opset() < 11) {
      context.attributeToInput("pads", 1);
      float value = context.attributes().getFloat("value", 0);
      if (value != 0) {
        Tensor constant =
            Tensor.zeros(
                context.inputType(0).map(TensorType::dtype).orElse(DType.FLOAT32), Shape.scalar());
        constant.setFloat(0, value);
        context.setInput(2, context.addConstant("value", constant));
      }
    }
    return new Pad(Labels.attribute(context, "mode", Mode.CONSTANT));
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless("constant", "mode", Labels.of(mode)).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    if (mode == Mode.WRAP) {
      context.requireOpset(19);
    } else if (context.node().hasInput(3)) {
      context.requireOpset(18);
    }
    context.inputWasAttributeUntil(11, 1, "pads", false);
    if (context.node().hasInput(2)) {
      context.inputWasAttributeUntil(11, 2, "value", true);
    }
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (!input.hasRank()) {
      return List.of(TensorType.unknown(input.dtype()));
    }
    Optional<Tensor> pads = context.constant(1);
    Optional<Tensor> axes = context.constant(3);
    if (pads.isEmpty() || (context.hasInput(3) && axes.isEmpty())) {
      return List.of(TensorType.ofRank(input.dtype(), input.rank()));
    }
    long[][] perAxis = perAxis(pads.get(), axes, input.rank());
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < input.rank(); i++) {
      dims.add(Dims.plus(input.dim(i), Math.addExact(perAxis[i][0], perAxis[i][1])));
    }
    return List.of(input.withDims(dims));
  }

  /** Begin and end for each dimension. */
  private static long[][] perAxis(Tensor pads, Optional<Tensor> axes, int rank) {
    int[] named = axes.map(Indices::saturated).orElse(null);
    int count = named == null ? rank : named.length;
    if (pads.size() != 2 * count) {
      throw new ShapeMismatchException(
          pads.size() + " pads were given for " + count + " axes; there should be two for each.");
    }
    if (named != null) {
      Shapes.axes(named, rank);
    }
    long[][] perAxis = new long[rank][2];
    for (int i = 0; i < count; i++) {
      int axis = named == null ? i : Shapes.axis(named[i], rank);
      perAxis[axis][0] = pads.getLong(i);
      perAxis[axis][1] = pads.getLong(count + i);
    }
    return perAxis;
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    int rank = x.shape().rank();
    long[][] pads =
        perAxis(
            context.input(1),
            context.hasInput(3) ? Optional.of(context.input(3)) : Optional.empty(),
            rank);
    long[] dims = new long[rank];
    for (int i = 0; i < rank; i++) {
      dims[i] = Math.addExact(x.shape().dim(i), Math.addExact(pads[i][0], pads[i][1]));
    }
    Shape shape = Shape.of(dims);
    Tensor constant = Tensor.zeros(x.dtype(), Shape.scalar());
    if (context.hasInput(2)) {
      Indices.requireOne(context.input(2), "constant_value");
      constant.copyElement(0, context.input(2), 0);
    }
    Tensor y = context.output(0, x.dtype(), shape);
    if (y.size() == 0) {
      return;
    }
    // For each position along each dimension, where it comes from: -1 for the constant.
    int[][] sources = new int[rank][];
    for (int i = 0; i < rank; i++) {
      sources[i] = sources(x.shape().dim(i), pads[i][0], pads[i][1], shape.dim(i));
    }
    int[] strides = x.shape().strides();
    int[] counter = new int[rank];
    for (int at = 0; at < y.size(); at++) {
      int from = 0;
      for (int i = 0; i < rank && from >= 0; i++) {
        int source = sources[i][counter[i]];
        from = source < 0 ? -1 : from + source * strides[i];
      }
      if (from < 0) {
        y.copyElement(at, constant, 0);
      } else {
        y.copyElement(at, x, from);
      }
      for (int i = rank - 1; i >= 0 && ++counter[i] == shape.dim(i); i--) {
        counter[i] = 0;
      }
    }
  }

  private int[] sources(int size, long begin, long end, int padded) {
    int[] sources = new int[padded];
    if (mode == Mode.CONSTANT) {
      for (int i = 0; i < padded; i++) {
        long source = i - begin;
        sources[i] = source >= 0 && source < size ? (int) source : -1;
      }
      return sources;
    }
    // Negative pads cut first; what is left is mirrored, continued or wrapped.
    long first = Math.max(0, -begin);
    long left = size - first - Math.max(0, -end);
    if (left <= 0) {
      throw new ShapeMismatchException(
          "Nothing is left of a dimension of "
              + size
              + " to pad in mode '"
              + Labels.of(mode)
              + "'.");
    }
    for (int i = 0; i < padded; i++) {
      long offset = i - Math.max(0, begin);
      long source =
          switch (mode) {
            case EDGE -> Math.clamp(offset, 0, left - 1);
            case WRAP -> Math.floorMod(offset, left);
            case REFLECT -> {
              long period = Math.max(1, 2 * (left - 1));
              long phase = Math.floorMod(offset, period);
              yield Math.min(phase, period - phase);
            }
            case CONSTANT -> throw new AssertionError();
          };
      sources[i] = (int) (first + source);
    }
    return sources;
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveMoved(context);
  }
}
