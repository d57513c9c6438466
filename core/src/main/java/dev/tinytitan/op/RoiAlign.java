package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * Regions of an image brought to one size by sampling between pixels. Inputs: X {@code [N, C, H,
 * W]}, regions {@code [count, 4]} (x and y of two corners), the batch index of each (int64).
 * Result: {@code [count, C, height, width]}. ONNX: RoiAlign-22.
 *
 * @param mode how the samples of a bin become one
 * @param halfPixel whether coordinates are shifted by half a pixel (since opset 16)
 * @param samplingRatio samples of a bin along each axis; 0 for as many as the bin has pixels
 * @param spatialScale what region coordinates are multiplied with
 */
public record RoiAlign(
    Mode mode, boolean halfPixel, int height, int width, int samplingRatio, float spatialScale)
    implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("RoiAlign", 22).compatibleSince(16).inputs(3).decoder(RoiAlign::decode).build();

  /** How the samples of a bin become one. */
  public enum Mode {
    /** Their mean. */
    AVG,
    /** The greatest weighted pixel among all samples, as ONNX's reference has it. */
    MAX
  }

  /** Checks that sizes are positive. */
  public RoiAlign {
    if (height < 1 || width < 1 || samplingRatio < 0) {
      throw Shapes.badAttribute(
          "output_height, output_width or sampling_ratio",
          height + ", " + width + ", " + samplingRatio);
    }
  }

  private static RoiAlign decode(ImportContext context) {
    Attributes attributes = context.attributes();
    String absent = context.opset() < 16 ? "output_half_pixel" : "half_pixel";
    String coordinates = attributes.getText("coordinate_transformation_mode", absent);
    if (!coordinates.equals("half_pixel") && !coordinates.equals("output_half_pixel")) {
      throw Shapes.badAttribute("coordinate_transformation_mode", coordinates);
    }
    return new RoiAlign(
        Labels.attribute(context, "mode", Mode.AVG),
        coordinates.equals("half_pixel"),
        attributes.getInt("output_height", 1),
        attributes.getInt("output_width", 1),
        attributes.getInt("sampling_ratio", 0),
        attributes.getFloat("spatial_scale", 1));
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(
            "half_pixel",
            "coordinate_transformation_mode",
            halfPixel ? "half_pixel" : "output_half_pixel")
        .putUnless("avg", "mode", Labels.of(mode))
        .putUnless(1, "output_height", height)
        .putUnless(1, "output_width", width)
        .putUnless(0, "sampling_ratio", samplingRatio)
        .putUnless(1f, "spatial_scale", spatialScale)
        .build();
  }

  @Override
  public void export(ExportContext context) {
    if (!halfPixel && context.opset() < 16) {
      context.attributes(attributes().without("coordinate_transformation_mode"));
      context.requireOpset(10);
    } else {
      context.attributes(attributes());
      context.requireOpset(16);
    }
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(0);
    Dim channels = x.hasRank() ? x.dim(1) : Dim.UNKNOWN;
    return List.of(
        x.withDims(
            List.of(
                regionCount(context.input(1), context.input(2)),
                channels,
                Dim.of(height),
                Dim.of(width))));
  }

  private static Dim regionCount(TensorType regions, TensorType batchIndices) {
    Dim fromRegions = regions.hasRank() ? regions.dim(0) : Dim.UNKNOWN;
    return batchIndices.hasRank() ? Dims.same(fromRegions, batchIndices.dim(0)) : fromRegions;
  }

  /** One axis of a bin grid: where the region starts, and its samples. */
  private record BinAxis(double start, double binSize, int samples) {
    double place(int bin, int sample) {
      return start + bin * binSize + (sample + 0.5) * binSize / samples;
    }
  }

  private BinAxis axis(double from, double to, int bins) {
    double offset = halfPixel ? 0.5 : 0;
    double start = from * spatialScale - offset;
    double length = to * spatialScale - offset - start;
    if (!halfPixel) {
      length = Math.max(length, 1);
    }
    int samples = samplingRatio > 0 ? samplingRatio : (int) Math.ceil(length / bins);
    return new BinAxis(start, length / bins, samples);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor regions = context.input(1);
    Tensor batchIndices = context.input(2);
    int count = batchIndices.size();
    if (x.shape().rank() != 4 || !regions.shape().equals(Shape.of(count, 4))) {
      throw new ShapeMismatchException(
          "Regions of shape "
              + regions.shape()
              + " with "
              + count
              + " batch indices do not fit an image of shape "
              + x.shape()
              + ".");
    }
    int channels = x.shape().dim(1);
    Tensor y = context.output(0, x.dtype(), Shape.of(count, channels, height, width));
    for (int i = 0; i < count; i++) {
      int batch = Indices.position(batchIndices, i, x.shape().dim(0));
      BinAxis columns = axis(regions.getDouble(4 * i), regions.getDouble(4 * i + 2), width);
      BinAxis rows = axis(regions.getDouble(4 * i + 1), regions.getDouble(4 * i + 3), height);
      for (int channel = 0; channel < channels; channel++) {
        int plane = (batch * channels + channel) * x.shape().sizeBetween(2, 4);
        for (int bin = 0; bin < height * width; bin++) {
          double value = bin(x, plane, rows, bin / width, columns, bin % width);
          y.setDouble((i * channels + channel) * height * width + bin, value);
        }
      }
    }
  }

  private double bin(Tensor x, int plane, BinAxis rows, int row, BinAxis columns, int column) {
    double sum = 0;
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < rows.samples(); i++) {
      for (int j = 0; j < columns.samples(); j++) {
        double[] parts = parts(x, plane, rows.place(row, i), columns.place(column, j));
        for (double part : parts) {
          sum += part;
          max = Math.max(max, part);
        }
      }
    }
    long samples = (long) rows.samples() * columns.samples();
    if (samples <= 0) {
      return 0;
    }
    return mode == Mode.AVG ? sum / samples : max;
  }

  /** The four pixels around a place, each by its bilinear weight. */
  private static double[] parts(Tensor x, int plane, double row, double column) {
    int height = x.shape().dim(2);
    int width = x.shape().dim(3);
    if (!(row >= -1 && row <= height && column >= -1 && column <= width)) {
      return new double[4];
    }
    double y = Math.clamp(row, 0.0, Math.max(0, height - 1.0));
    double z = Math.clamp(column, 0.0, Math.max(0, width - 1.0));
    int top = (int) y;
    int left = (int) z;
    int bottom = Math.min(top + 1, height - 1);
    int right = Math.min(left + 1, width - 1);
    double down = y - top;
    double along = z - left;
    return new double[] {
      (1 - down) * (1 - along) * x.getDouble(plane + top * width + left),
      (1 - down) * along * x.getDouble(plane + top * width + right),
      down * (1 - along) * x.getDouble(plane + bottom * width + left),
      down * along * x.getDouble(plane + bottom * width + right)
    };
  }
}
