package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Short-time Fourier transform: the transforms of frames that overlap. Inputs: the signal {@code
 * [batch, length, 1]}, or {@code [batch, length, 2]} for complex numbers; by how many samples a
 * frame follows the one before (an integer scalar); optionally a window that frames are multiplied
 * by; optionally the frames' length (an integer scalar; that of the window if left out). Output
 * {@code [batch, frames, frequencies, 2]}. ONNX: STFT-17.
 *
 * @param oneSided whether only the first {@code length / 2 + 1} frequencies are given
 */
public record STFT(boolean oneSided) implements Operator {
  private static final int STEP = 1;
  private static final int WINDOW = 2;
  private static final int FRAME_LENGTH = 3;

  static final OpSpec SPEC =
      OpSpec.onnx("STFT", 17)
          .inputs(2, 4)
          .tolerance(1e-4, 1e-5)
          .decoder(context -> new STFT(context.attributes().getBoolean("onesided", true)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(true, "onesided", oneSided).build();
  }

  private static int requirePositive(String name, long value) {
    if (value < 1 || value > Integer.MAX_VALUE) {
      throw new ShapeMismatchException("A " + name + " of " + value + " is not possible.");
    }
    return (int) value;
  }

  private int frequencies(int length) {
    return oneSided ? length / 2 + 1 : length;
  }

  private static int frames(int signal, int length, int step) {
    if (length > signal) {
      throw new ShapeMismatchException(
          "A frame of " + length + " samples is longer than the signal of " + signal + ".");
    }
    return (signal - length) / step + 1;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(0);
    Integer length =
        context
            .constant(FRAME_LENGTH)
            .map(tensor -> requirePositive("frame length", tensor.getLong(0)))
            .orElse(context.hasInput(FRAME_LENGTH) ? null : windowLength(context));
    Dim batch = x.hasRank() ? x.dim(0) : Dim.UNKNOWN;
    Dim signal = x.hasRank() ? x.dim(1) : Dim.UNKNOWN;
    Dim frames = Dim.UNKNOWN;
    if (length != null && signal.isFixed() && context.constant(STEP).isPresent()) {
      int step = requirePositive("frame step", context.constant(STEP).get().getLong(0));
      frames = Dim.of(frames(signal.size(), length, step));
    }
    Dim frequencies = length == null ? Dim.UNKNOWN : Dim.of(frequencies(length));
    return List.of(x.withDims(List.of(batch, frames, frequencies, Dim.of(2))));
  }

  private static @Nullable Integer windowLength(InferenceContext context) {
    if (!context.hasInput(WINDOW)) {
      return null;
    }
    TensorType window = context.input(WINDOW);
    boolean known = window.hasRank() && window.rank() == 1 && window.dim(0).isFixed();
    return known ? Integer.valueOf(window.dim(0).size()) : null;
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape signal = x.shape();
    if (signal.rank() != 3 || signal.dim(2) < 1 || signal.dim(2) > 2) {
      throw new ShapeMismatchException(
          "A signal of shape " + signal + " is given where [batch, length, 1 or 2] is needed.");
    }
    double[] window = context.hasInput(WINDOW) ? context.input(WINDOW).toDoubleArray() : null;
    if (window == null && !context.hasInput(FRAME_LENGTH)) {
      throw new ShapeMismatchException("Neither a window nor a frame length is given.");
    }
    int length =
        requirePositive(
            "frame length",
            context.hasInput(FRAME_LENGTH)
                ? context.input(FRAME_LENGTH).getLong(0)
                : context.input(WINDOW).size());
    if (window != null && window.length != length) {
      throw new ShapeMismatchException(
          "A window of " + window.length + " does not fit frames of " + length + " samples.");
    }
    int step = requirePositive("frame step", context.input(STEP).getLong(0));
    int frames = frames(signal.dim(1), length, step);
    int frequencies = frequencies(length);
    int parts = signal.dim(2);
    double[] values = x.toDoubleArray();
    Shape shape = Shape.of(signal.dim(0), frames, frequencies, 2);
    double[] y = new double[shape.size()];
    for (int row = 0; row < signal.dim(0) * frames; row++) {
      int start = row / frames * signal.dim(1) + row % frames * step;
      FourierTransform.Line line = FourierTransform.Line.zeros(length);
      for (int i = 0; i < length; i++) {
        double weight = window == null ? 1 : window[i];
        line.real()[i] = weight * values[(start + i) * parts];
        line.imaginary()[i] = parts == 2 ? weight * values[(start + i) * parts + 1] : 0;
      }
      FourierTransform.Line result = FourierTransform.transform(line, false);
      for (int k = 0; k < frequencies; k++) {
        y[2 * (row * frequencies + k)] = result.real()[k];
        y[2 * (row * frequencies + k) + 1] = result.imaginary()[k];
      }
    }
    Elements.store(y, context.output(0, x.dtype(), shape));
  }

  @Override
  public void gradient(GradientContext context) {
    if (context.constant(STEP).isEmpty()) {
      context.refuse("its step is not constant");
      return;
    }
    int step = context.constant(STEP).get().getInt(0);
    Shape signal = context.shape(context.input(0));
    int batch = signal.dim(0);
    int parts = signal.dim(2);
    int frames = context.shape(context.output(0)).dim(1);
    int length = frameLength(context);
    String whole = FourierGradient.adjoint(context, context.gradient(0), 2, length, false);
    String framed = FourierGradient.resized(context, whole, 3, parts);
    Tensor places = FourierGradient.places(frames, length, step);
    if (context.hasInput(WINDOW)) {
      if (context.wants(WINDOW)) {
        String seen =
            context.add(
                new Gather(1),
                context.input(0),
                context.constant(places.reshape(Shape.of(frames, length))));
        String product = Gradients.product(context, framed, seen);
        String sum = Gradients.sum(context, product, 0, 1, 3);
        context.give(WINDOW, Gradients.reshaped(context, sum, Shape.of(length)));
      }
      String window = Gradients.reshaped(context, context.input(WINDOW), Shape.of(1, 1, length, 1));
      framed = Gradients.product(context, framed, window);
    }
    if (!context.wants(0)) {
      return;
    }
    // Frames overlap: what they say of a sample is added up.
    Shape rows = Shape.of(batch, frames * length, parts);
    Tensor indices = Tensor.zeros(DType.INT64, rows);
    for (int i = 0; i < rows.size(); i++) {
      indices.setLong(i, places.getLong(i / parts % (frames * length)));
    }
    context.give(
        0,
        context.add(
            new ScatterElements(1, ScatterReduction.ADD),
            context.constant(Tensor.zeros(context.type(framed).dtype(), signal)),
            context.constant(indices),
            Gradients.reshaped(context, framed, rows)));
  }

  private static int frameLength(GradientContext context) {
    return context
        .constant(FRAME_LENGTH)
        .map(tensor -> requirePositive("frame length", tensor.getLong(0)))
        .orElseGet(() -> context.shape(context.input(WINDOW)).dim(0));
  }
}
