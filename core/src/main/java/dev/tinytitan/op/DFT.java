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
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Discrete Fourier transform along one axis. Inputs: a float tensor whose last dimension is 1 for
 * real numbers or 2 for real and imaginary parts; optionally the transform's length (an integer
 * scalar), to which the axis is cut or filled up with zeros; optionally the axis (an integer
 * scalar, -2 if left out). The output's last dimension is 2. ONNX: DFT-20; before, the axis was an
 * attribute.
 *
 * @param inverse whether the inverse is computed, divided by the length
 * @param oneSided whether only the first {@code length / 2 + 1} numbers, which say all about real
 *     input, are given; with {@code inverse} they are what is read, and the output is real
 */
public record DFT(boolean inverse, boolean oneSided) implements Operator {
  private static final int LENGTH = 1;
  private static final int AXIS = 2;

  static final OpSpec SPEC =
      OpSpec.onnx("DFT", 20).inputs(1, 3).tolerance(1e-4, 1e-5).decoder(DFT::decode).build();

  private static DFT decode(ImportContext context) {
    if (context.opset() < 20) {
      int axis = context.attributes().getInt("axis", 1);
      context.setInput(AXIS, context.addConstant("axis", Tensor.scalar((long) axis)));
    }
    return new DFT(
        context.attributes().getBoolean("inverse", false),
        context.attributes().getBoolean("onesided", false));
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(false, "inverse", inverse)
        .putUnless(false, "onesided", oneSided)
        .build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(context.node().hasInput(AXIS) ? 17 : 20);
    if (context.node().hasInput(AXIS)) {
      context.inputWasAttributeUntil(20, AXIS, "axis", true);
    }
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(0);
    if (!x.hasRank()) {
      return List.of(x);
    }
    requireRank(x.rank());
    List<Dim> dims = new ArrayList<>(x.knownDims());
    dims.set(dims.size() - 1, Dim.of(inverse && oneSided ? 1 : 2));
    Optional<Tensor> axis = context.constant(AXIS);
    Optional<Tensor> length = context.constant(LENGTH);
    if (context.hasInput(AXIS) && axis.isEmpty()) {
      for (int i = 0; i < dims.size() - 1; i++) {
        dims.set(i, Dim.UNKNOWN);
      }
      return List.of(x.withDims(dims));
    }
    int at = axis(axis.map(tensor -> tensor.getInt(0)).orElse(-2), x.rank());
    Dim size = dims.get(at);
    if (context.hasInput(LENGTH)) {
      dims.set(
          at,
          length
              .map(tensor -> Dim.of(outputSize(requireLength(tensor.getLong(0)))))
              .orElse(Dim.UNKNOWN));
    } else if (inverse && oneSided) {
      dims.set(at, size.isFixed() ? Dim.of(fullSize(size.size())) : Dim.UNKNOWN);
    } else if (oneSided) {
      dims.set(at, size.isFixed() ? Dim.of(outputSize(size.size())) : Dim.UNKNOWN);
    }
    return List.of(x.withDims(dims));
  }

  private static int requireLength(long length) {
    if (length < 1 || length > Integer.MAX_VALUE) {
      throw new ShapeMismatchException("A transform of length " + length + " is not possible.");
    }
    return (int) length;
  }

  /** How many numbers of a transform of this length are given. */
  private int outputSize(int length) {
    return oneSided && !inverse ? length / 2 + 1 : length;
  }

  /** The length of a transform of which one side is given. */
  private static int fullSize(int side) {
    return Math.max(2 * (side - 1), 1);
  }

  private static void requireRank(int rank) {
    if (rank < 2) {
      throw new ShapeMismatchException(
          "A Fourier transform needs a signal and a last dimension of 1 or 2.");
    }
  }

  private static int axis(int axis, int rank) {
    int positive = Shapes.axis(axis, rank);
    if (positive == rank - 1) {
      throw new ShapeMismatchException(
          "Axis " + axis + " holds real and imaginary parts and cannot be transformed.");
    }
    return positive;
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    requireRank(x.shape().rank());
    int parts = x.shape().dim(-1);
    if (parts != 1 && parts != 2) {
      throw new ShapeMismatchException(
          "The last dimension of " + x.shape() + " is neither 1 nor 2.");
    }
    int axis = axis(context.hasInput(AXIS) ? context.input(AXIS).getInt(0) : -2, x.shape().rank());
    int given = x.shape().dim(axis);
    int length =
        context.hasInput(LENGTH)
            ? requireLength(context.input(LENGTH).getLong(0))
            : inverse && oneSided ? fullSize(given) : given;
    int size = outputSize(length);
    int outputParts = inverse && oneSided ? 1 : 2;
    Shape shape = x.shape().withDim(axis, size).withDim(-1, outputParts);
    double[] values = x.toDoubleArray();
    double[] y = new double[shape.size()];
    // Complex elements between neighbours along the axis.
    int stride = x.shape().sizeBetween(axis + 1, x.shape().rank() - 1);
    int lines = x.shape().sizeBetween(0, axis) * stride;
    for (int i = 0; i < lines; i++) {
      int from = i / stride * given * stride + i % stride;
      int to = i / stride * size * stride + i % stride;
      FourierTransform.Line line = FourierTransform.Line.zeros(length);
      for (int j = 0; j < Math.min(given, length); j++) {
        int at = (from + j * stride) * parts;
        line.real()[j] = values[at];
        line.imaginary()[j] = parts == 2 ? values[at + 1] : 0;
      }
      if (inverse && oneSided) {
        mirror(line);
      }
      FourierTransform.Line result = FourierTransform.transform(line, inverse);
      for (int j = 0; j < size; j++) {
        int at = (to + j * stride) * outputParts;
        y[at] = result.real()[j];
        if (outputParts == 2) {
          y[at + 1] = result.imaginary()[j];
        }
      }
    }
    Elements.store(y, context.output(0, x.dtype(), shape));
  }

  /** Fills in the other side, which for a real signal is the conjugate of the first. */
  private static void mirror(FourierTransform.Line line) {
    for (int j = line.length() / 2 + 1; j < line.length(); j++) {
      line.real()[j] = line.real()[line.length() - j];
      line.imaginary()[j] = -line.imaginary()[line.length() - j];
    }
  }

  @Override
  public void gradient(GradientContext context) {
    boolean known =
        (!context.hasInput(AXIS) || context.constant(AXIS).isPresent())
            && (!context.hasInput(LENGTH) || context.constant(LENGTH).isPresent());
    if (!known) {
      context.refuse("its axis or its length is not constant");
      return;
    }
    Shape x = context.shape(context.input(0));
    int axis = axis(context.constant(AXIS).map(each -> each.getInt(0)).orElse(-2), x.rank());
    int given = x.dim(axis);
    int length =
        context
            .constant(LENGTH)
            .map(each -> requireLength(each.getLong(0)))
            .orElse(inverse && oneSided ? fullSize(given) : given);
    String gradient = FourierGradient.adjoint(context, context.gradient(0), axis, length, inverse);
    if (inverse && oneSided) {
      String side = FourierGradient.resized(context, gradient, axis, length / 2 + 1);
      gradient = FourierGradient.doubled(context, side, axis, length);
    }
    gradient = FourierGradient.resized(context, gradient, axis, given);
    context.give(0, FourierGradient.resized(context, gradient, x.rank() - 1, x.dim(-1)));
  }
}
