package dev.tinytitan.compress.report;

import dev.tinytitan.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.imageio.ImageIO;

/**
 * A small picture inside a page. Immutable.
 *
 * @param dataUri the picture as PNG, in the form that pages take
 */
public record Thumbnail(String dataUri) {
  private static final int MOST_PIXELS = 512;
  private static final int CURVE_PIXELS = 160;
  private static final int FEWEST_POINTS = 16;

  /** One for each curve that is drawn at most, as in the charts. */
  private static final int[] CURVE_COLOURS = {0xff0b7a75, 0xffc27a12, 0xff8a94a3};

  /**
   * The picture of a tensor whose last three dimensions are channels (1 or 3), height and width, or
   * whose last two are height and width; all before them must be 1. The least element becomes
   * black, the greatest white. Signals, [1, channels, length] and [1, length], become curves: of
   * the first three channels that vary, each with a scale of its own.
   *
   * @return empty if the tensor has no such shape
   */
  public static Optional<Thumbnail> of(Tensor tensor) {
    int rank = tensor.shape().rank();
    if (rank < 2) {
      return Optional.empty();
    }
    int length = tensor.shape().dim(rank - 1);
    boolean isSignal =
        tensor.dtype().isFloat()
            && rank <= 3
            && tensor.shape().dim(0) == 1
            && length >= FEWEST_POINTS
            && (rank == 2 || length >= 2 * tensor.shape().dim(1));
    if (isSignal) {
      return Optional.of(curves(tensor, rank == 2 ? 1 : tensor.shape().dim(1), length));
    }
    int height = tensor.shape().dim(rank - 2);
    int width = tensor.shape().dim(rank - 1);
    int channels = height * width == 0 ? 0 : tensor.size() / (height * width);
    boolean isImage =
        (channels == 1 || (channels == 3 && tensor.shape().dim(rank - 3) == 3))
            && Math.max(width, height) <= MOST_PIXELS
            && Math.min(width, height) > 1;
    return isImage ? Optional.of(of(tensor, channels, height, width)) : Optional.empty();
  }

  private static Thumbnail of(Tensor tensor, int channels, int height, int width) {
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < tensor.size(); i++) {
      least = Math.min(least, tensor.getDouble(i));
      greatest = Math.max(greatest, tensor.getDouble(i));
    }
    double scale = greatest > least ? 255 / (greatest - least) : 0;
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    int plane = height * width;
    for (int i = 0; i < plane; i++) {
      int colour = 0;
      for (int channel = 0; channel < 3; channel++) {
        double value = tensor.getDouble(channels == 3 ? channel * plane + i : i);
        colour = colour << 8 | (int) Math.round((value - least) * scale);
      }
      image.setRGB(i % width, i / width, colour);
    }
    return of(image);
  }

  private static Thumbnail curves(Tensor signal, int channels, int length) {
    BufferedImage image =
        new BufferedImage(CURVE_PIXELS, CURVE_PIXELS, BufferedImage.TYPE_INT_ARGB);
    int drawn = 0;
    for (int channel = 0; channel < channels && drawn < CURVE_COLOURS.length; channel++) {
      double[] points = new double[length];
      for (int i = 0; i < length; i++) {
        points[i] = signal.getDouble(channel * length + i);
      }
      drawn += draw(image, points, CURVE_COLOURS[drawn]) ? 1 : 0;
    }
    return of(image);
  }

  /** Draws a curve, column by column; false if it is flat. */
  private static boolean draw(BufferedImage image, double[] points, int colour) {
    double least = Arrays.stream(points).min().orElse(0);
    double greatest = Arrays.stream(points).max().orElse(0);
    if (!(greatest > least)) {
      return false;
    }
    double scale = (CURVE_PIXELS - 4) / (greatest - least);
    double step = (points.length - 1.0) / CURVE_PIXELS;
    for (int column = 0; column < CURVE_PIXELS; column++) {
      double low = Math.min(at(points, column * step), at(points, (column + 1) * step));
      double high = Math.max(at(points, column * step), at(points, (column + 1) * step));
      for (int i = (int) Math.ceil(column * step); i < (column + 1) * step; i++) {
        low = Math.min(low, points[i]);
        high = Math.max(high, points[i]);
      }
      int top = 1 + (int) Math.round((greatest - high) * scale);
      int bottom = 2 + (int) Math.round((greatest - low) * scale);
      for (int row = top; row <= bottom; row++) {
        image.setRGB(column, row, colour);
      }
    }
    return true;
  }

  /** Between two points, what lies between. */
  private static double at(double[] points, double place) {
    int left = (int) Math.min(place, points.length - 2.0);
    return points[left] + (place - left) * (points[left + 1] - points[left]);
  }

  private static Thumbnail of(BufferedImage image) {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    try {
      ImageIO.write(image, "png", png);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return new Thumbnail(
        "data:image/png;base64," + Base64.getEncoder().encodeToString(png.toByteArray()));
  }
}
