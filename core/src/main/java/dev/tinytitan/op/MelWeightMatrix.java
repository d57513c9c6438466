package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
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

/**
 * A matrix that turns spectra into mel bands: triangles that are evenly spread on the mel scale.
 * Inputs, all scalars: the number of bands, the transform's length, the sample rate (integers), the
 * lowest and the highest frequency in hertz (floats). Output {@code [length / 2 + 1, bands]}. ONNX:
 * MelWeightMatrix-17.
 *
 * @param dtype the output's
 */
public record MelWeightMatrix(DType dtype) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("MelWeightMatrix", 17)
          .inputs(5)
          .decoder(context -> {
            int number = context.attributes().getInt("output_datatype", 1);
            return new MelWeightMatrix(
                DType.ofOnnxNumber(number)
                    .orElseThrow(() -> Shapes.badAttribute("output_datatype", number)));
          })
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(1, "output_datatype", dtype.onnxNumber()).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    Dim rows =
        context
            .constant(1)
            .map(length -> Dim.of(Math.toIntExact(length.getLong(0) / 2 + 1)))
            .orElse(Dim.UNKNOWN);
    Dim columns =
        context
            .constant(0)
            .map(bands -> Dim.of(Math.toIntExact(bands.getLong(0))))
            .orElse(Dim.UNKNOWN);
    return List.of(new TensorType(dtype, List.of(rows, columns)));
  }

  @Override
  public void eval(EvalContext context) {
    int bands = Math.toIntExact(context.input(0).getLong(0));
    int length = Math.toIntExact(context.input(1).getLong(0));
    long rate = context.input(2).getLong(0);
    if (bands < 1 || length < 1 || rate < 1) {
      throw new ShapeMismatchException(
          bands
              + " mel bands of a transform of length "
              + length
              + " at "
              + rate
              + " Hz are not possible.");
    }
    double low = mel(context.input(3).getDouble(0));
    double high = mel(context.input(4).getDouble(0));
    double step = (high - low) / (bands + 2);
    int[] edges = new int[bands + 2];
    for (int i = 0; i < edges.length; i++) {
      edges[i] = (int) Math.floor((length + 1) * hertz(low + i * step) / rate);
    }
    int rows = length / 2 + 1;
    Tensor y = Tensor.zeros(dtype, Shape.of(rows, bands));
    for (int band = 0; band < bands; band++) {
      int left = edges[band];
      int center = edges[band + 1];
      int right = edges[band + 2];
      for (int row = Math.max(left, 0); row <= Math.min(center, rows - 1); row++) {
        y.setDouble(
            row * bands + band, left == center ? 1 : (double) (row - left) / (center - left));
      }
      for (int row = Math.max(center, 0); row < Math.min(right, rows); row++) {
        y.setDouble(row * bands + band, (double) (right - row) / (right - center));
      }
    }
    context.setOutput(0, y);
  }

  /** Hertz to mel (O'Shaughnessy 1987). */
  private static double mel(double hertz) {
    return 2595 * Math.log10(1 + hertz / 700);
  }

  private static double hertz(double mel) {
    return 700 * (Math.pow(10, mel / 2595) - 1);
  }
}
