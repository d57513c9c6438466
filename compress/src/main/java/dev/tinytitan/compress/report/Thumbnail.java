package dev.tinytitan.compress.report;

import dev.tinytitan.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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

  /**
   * The picture of a tensor whose last three dimensions are channels (1 or 3), height and width, or
   * whose last two are height and width; all before them must be 1. The least element becomes
   * black, the greatest white.
   *
   * @return empty if the tensor has no such shape
   */
  public static Optional<Thumbnail> of(Tensor tensor) {
    int rank = tensor.shape().rank();
    if (rank < 2) {
      return Optional.empty();
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
