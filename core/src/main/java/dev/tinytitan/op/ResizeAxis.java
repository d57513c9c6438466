package dev.tinytitan.op;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How the places of a resized axis are made from places of the input: for each, the places to read
 * and their weights. Immutable. Follows the ONNX reference implementation of Resize-19.
 */
public final class ResizeAxis {
  private final int inputLength;
  private final int[] @Nullable [] positions;
  private final double[][] weights;

  private ResizeAxis(int inputLength, int[] @Nullable [] positions, double[][] weights) {
    this.inputLength = inputLength;
    this.positions = positions;
    this.weights = weights;
  }

  /** The length of the axis in the input. */
  public int inputLength() {
    return inputLength;
  }

  /** The length of the axis in the result. */
  public int outputLength() {
    return weights.length;
  }

  /** True if a place of the result lies outside the input and takes the extrapolation value. */
  public boolean isOutside(int place) {
    return positions[place] == null;
  }

  /** The places of the input that make up a place of the result. */
  public int[] positions(int place) {
    int[] row = positions[place];
    return row == null ? new int[0] : row.clone();
  }

  /** The weights of {@link #positions}; they sum to 1. */
  public double[] weights(int place) {
    return weights[place].clone();
  }

  /** For each place of the result, the first place that it is made from; 0 outside the input. */
  int[] nearest() {
    int[] nearest = new int[outputLength()];
    for (int i = 0; i < nearest.length; i++) {
      int[] row = positions[i];
      nearest[i] = row == null ? 0 : row[0];
    }
    return nearest;
  }

  /** True if every place of the result is the same place of the input. */
  public boolean isIdentity() {
    if (inputLength != outputLength()) {
      return false;
    }
    for (int i = 0; i < inputLength; i++) {
      int[] row = positions[i];
      if (row == null || row.length != 1 || row[0] != i) {
        return false;
      }
    }
    return true;
  }

  /**
   * The lengths and the factor of one axis.
   *
   * @param scale result length to input length, before rounding
   * @param exact whether {@code scale} is just the quotient of the lengths
   * @param roiStart where the region of interest starts, as a part of the input
   * @param roiEnd where it ends
   */
  record Extent(
      int input, int output, double scale, boolean exact, double roiStart, double roiEnd) {

    /** The result's length before rounding. */
    double scaledLength() {
      return exact ? output : scale * input;
    }

    /** A distance of the result in the input. */
    double back(double distance) {
      // The quotient of the lengths is often no number of the machine: multiply first. A given
      // scale
      // is a float32, mostly not quite the number that was meant: 3 / 0.6 is 5 in float32, as the
      // ONNX reference has it, and 4.9999998 in float64, whose floor is another element.
      return exact ? distance * input / output : (float) (distance / scale);
    }
  }

  /** The map of an axis under a resize's rules. */
  static ResizeAxis of(Resize resize, Extent extent) {
    int[] @Nullable [] positions = new int[extent.output()][];
    double[][] weights = new double[extent.output()][];
    for (int i = 0; i < extent.output(); i++) {
      double at = original(resize.coordinates(), extent, i);
      if (resize.coordinates() == Resize.Coordinates.TF_CROP_AND_RESIZE
          && !(at >= 0 && at <= extent.input() - 1)) {
        weights[i] = new double[0];
      } else if (resize.mode() == Resize.Mode.NEAREST) {
        int nearest =
            (int) Math.clamp(nearest(resize.nearestMode(), at), 0.0, extent.input() - 1.0);
        positions[i] = new int[] {nearest};
        weights[i] = new double[] {1};
      } else {
        taps(resize, extent, at, positions, weights, i);
      }
    }
    return new ResizeAxis(extent.input(), positions, weights);
  }

  /** Where a place of the result lies in the input. */
  private static double original(Resize.Coordinates coordinates, Extent extent, int at) {
    double last = extent.input() - 1;
    double scaled = extent.scaledLength();
    return switch (coordinates) {
      case HALF_PIXEL -> extent.back(at + 0.5) - 0.5;
      case HALF_PIXEL_SYMMETRIC -> {
        double adjustment = extent.output() / scaled;
        yield extent.input() / 2.0 * (1 - adjustment) + extent.back(at + 0.5) - 0.5;
      }
      case PYTORCH_HALF_PIXEL -> extent.output() > 1 ? extent.back(at + 0.5) - 0.5 : 0;
      case ALIGN_CORNERS -> scaled == 1 ? 0 : at * last / (scaled - 1);
      case ASYMMETRIC -> extent.back(at);
      case TF_HALF_PIXEL_FOR_NN -> extent.back(at + 0.5);
      case TF_CROP_AND_RESIZE -> {
        double width = (extent.roiEnd() - extent.roiStart()) * last;
        yield extent.roiStart() * last + (scaled == 1 ? width / 2 : at * width / (scaled - 1));
      }
    };
  }

  private static double nearest(Resize.NearestMode mode, double at) {
    return switch (mode) {
      case ROUND_PREFER_FLOOR -> Math.ceil(at - 0.5);
      case ROUND_PREFER_CEIL -> Math.floor(at + 0.5);
      case FLOOR -> Math.floor(at);
      case CEIL -> Math.ceil(at);
    };
  }

  /** Writes the places and weights of a linear or cubic filter around {@code at}. */
  private static void taps(
      Resize resize,
      Extent extent,
      double at,
      int[] @Nullable [] positions,
      double[][] weights,
      int place) {
    boolean cubic = resize.mode() == Resize.Mode.CUBIC;
    double squeeze = resize.antialias() ? Math.min(extent.scale(), 1) : 1;
    int first = (int) Math.floor((cubic ? -2 : -1) / squeeze) + 1;
    double base = Math.ceil(at) - 1;
    double ratio = at - base;
    int count = 2 - 2 * first;
    int[] reads = new int[count];
    double[] values = new double[count];
    int kept = 0;
    double sum = 0;
    for (int i = 0; i < count; i++) {
      double position = base + first + i;
      double distance = Math.abs(first + i - ratio) * squeeze;
      double weight = cubic ? cubic(distance, resize.cubicCoeffA()) : Math.max(0, 1 - distance);
      boolean outside = position < 0 || position > extent.input() - 1;
      if (weight == 0 || (outside && resize.excludeOutside())) {
        continue;
      }
      reads[kept] = (int) Math.clamp(position, 0.0, extent.input() - 1.0);
      values[kept++] = weight;
      sum += weight;
    }
    for (int i = 0; i < kept; i++) {
      values[i] /= sum;
    }
    positions[place] = Arrays.copyOf(reads, kept);
    weights[place] = Arrays.copyOf(values, kept);
  }

  /** Keys' cubic convolution kernel. */
  static double cubic(double distance, double a) {
    double x = distance;
    if (x <= 1) {
      return ((a + 2) * x - (a + 3)) * x * x + 1;
    }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  }
}
