package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Regions of an image brought to one size by the greatest pixel of each bin, 0 where a bin is
 * empty. Inputs: X {@code [N, C, H, W]}, regions {@code [count, 5]}: batch index, x and y of two
 * corners. Result: {@code [count, C, height, width]}. ONNX: MaxRoiPool-22.
 *
 * @param spatialScale what region coordinates are multiplied with
 */
public record MaxRoiPool(int height, int width, float spatialScale) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("MaxRoiPool", 22)
          .compatibleSince(1)
          .inputs(2)
          .decoder(MaxRoiPool::decode)
          .build();

  private static MaxRoiPool decode(ImportContext context) {
    int[] pooled = context.attributes().getInts("pooled_shape").orElse(new int[0]);
    if (pooled.length != 2 || pooled[0] < 1 || pooled[1] < 1) {
      throw Shapes.badAttribute("pooled_shape", Arrays.toString(pooled));
    }
    return new MaxRoiPool(pooled[0], pooled[1], context.attributes().getFloat("spatial_scale", 1));
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .put("pooled_shape", List.of(height, width))
        .putUnless(1f, "spatial_scale", spatialScale)
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(0);
    TensorType regions = context.input(1);
    return List.of(
        x.withDims(
            List.of(
                regions.hasRank() ? regions.dim(0) : Dim.UNKNOWN,
                x.hasRank() ? x.dim(1) : Dim.UNKNOWN,
                Dim.of(height),
                Dim.of(width))));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor regions = context.input(1);
    if (x.shape().rank() != 4 || regions.shape().rank() != 2 || regions.shape().dim(1) != 5) {
      throw new ShapeMismatchException(
          "Regions of shape "
              + regions.shape()
              + " do not fit an image of shape "
              + x.shape()
              + "; they should be [count, 5].");
    }
    int count = regions.shape().dim(0);
    int channels = x.shape().dim(1);
    Tensor y = context.output(0, x.dtype(), Shape.of(count, channels, height, width));
    for (int i = 0; i < count; i++) {
      int batch = Indices.position(regions, 5 * i, x.shape().dim(0));
      int left = scaled(regions, 5 * i + 1);
      int top = scaled(regions, 5 * i + 2);
      int wide = Math.max(scaled(regions, 5 * i + 3) - left + 1, 1);
      int high = Math.max(scaled(regions, 5 * i + 4) - top + 1, 1);
      for (int channel = 0; channel < channels; channel++) {
        int plane = batch * channels + channel;
        for (int bin = 0; bin < height * width; bin++) {
          int row = bin / width;
          int column = bin % width;
          double max =
              max(
                  x,
                  plane,
                  start(top, high, row, height, x.shape().dim(2)),
                  end(top, high, row, height, x.shape().dim(2)),
                  start(left, wide, column, width, x.shape().dim(3)),
                  end(left, wide, column, width, x.shape().dim(3)));
          y.setDouble((i * channels + channel) * height * width + bin, max);
        }
      }
    }
  }

  private int scaled(Tensor regions, int index) {
    return Math.round(regions.getFloat(index) * spatialScale);
  }

  private static int start(int first, int extent, int bin, int bins, int limit) {
    return (int) Math.clamp(first + (long) Math.floor((double) bin * extent / bins), 0L, limit);
  }

  private static int end(int first, int extent, int bin, int bins, int limit) {
    return (int) Math.clamp(first + (long) Math.ceil((bin + 1.0) * extent / bins), 0L, limit);
  }

  private static double max(Tensor x, int plane, int top, int bottom, int left, int right) {
    double max = Double.NEGATIVE_INFINITY;
    int rows = x.shape().dim(2);
    int columns = x.shape().dim(3);
    for (int i = top; i < bottom; i++) {
      for (int j = left; j < right; j++) {
        max = Math.max(max, x.getDouble((plane * rows + i) * columns + j));
      }
    }
    return top >= bottom || left >= right ? 0 : max;
  }
}
