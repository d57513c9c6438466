package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;

/** Reads images (PNG, JPEG, GIF, BMP: what ImageIO knows) into tensors. */
public final class Images {
  private static final long MAX_PIXELS = 64L << 20;

  private Images() {}

  /**
   * Reads an image and brings it to a shape: resized with a triangle filter (bilinear, and
   * averaging where it becomes smaller; aspect ratio not kept), transparency ignored, orientation
   * as stored.
   *
   * @return float32 [channels, height, width], values from 0 to {@link ImageLayout#maximum()}
   * @throws BadDataException if the file cannot be read, or has over 64 million pixels
   */
  public static Tensor read(Path file, ImageLayout layout) {
    BufferedImage image = using(file, reader -> reader.read(0));
    float[][] planes = planes(image, layout.channels());
    int size = layout.height() * layout.width();
    float[] values = new float[planes.length * size];
    float scale = layout.maximum() / 255f;
    for (int channel = 0; channel < planes.length; channel++) {
      float[] plane =
          Resize.triangle(
              planes[channel],
              image.getHeight(),
              image.getWidth(),
              layout.height(),
              layout.width());
      for (int i = 0; i < size; i++) {
        values[channel * size + i] = plane[i] * scale;
      }
    }
    return Tensor.of(values, layout.channels(), layout.height(), layout.width());
  }

  /** The image's own size, with three channels from 0 to 255. */
  static ImageLayout layoutOf(Path file) {
    return using(
        file,
        reader -> {
          int height = reader.getHeight(0);
          int width = reader.getWidth(0);
          try {
            return ImageLayout.of(3, height, width);
          } catch (IllegalArgumentException e) {
            throw new BadDataException(file + ": " + e.getMessage() + " is too large", e);
          }
        });
  }

  /** What is done with an image's reader. */
  private interface Use<T> {
    T apply(ImageReader reader) throws IOException;
  }

  private static <T> T using(Path file, Use<T> use) {
    try (FileImageInputStream in = new FileImageInputStream(file.toFile())) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new BadDataException(file + " is not an image of a known format");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        long pixels = (long) reader.getWidth(0) * reader.getHeight(0);
        if (pixels > MAX_PIXELS) {
          throw new BadDataException(file + " has " + pixels + " pixels, over 64 million");
        }
        return use.apply(reader);
      } finally {
        reader.dispose();
      }
    } catch (IOException e) {
      throw BadDataException.unreadable(file.toString(), e);
    } catch (BadDataException e) {
      throw e;
    } catch (RuntimeException e) {
      // ImageIO's readers throw many kinds on damaged files.
      throw new BadDataException(file + " is a damaged image: " + e, e);
    }
  }

  /** One array for each channel, row-major, values from 0 to 255. */
  private static float[][] planes(BufferedImage image, int channels) {
    int width = image.getWidth();
    int height = image.getHeight();
    float[][] planes = new float[channels][width * height];
    Raster grey = isGrey(image) ? image.getRaster() : null;
    float greyScale = grey == null ? 0 : 255f / ((1 << grey.getSampleModel().getSampleSize(0)) - 1);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int i = y * width + x;
        if (grey != null) {
          float value = grey.getSample(x, y, 0) * greyScale;
          for (float[] plane : planes) {
            plane[i] = value;
          }
        } else {
          int rgb = image.getRGB(x, y);
          int red = rgb >> 16 & 0xFF;
          int green = rgb >> 8 & 0xFF;
          int blue = rgb & 0xFF;
          if (channels == 1) {
            planes[0][i] = (299 * red + 587 * green + 114 * blue) / 1000f;
          } else {
            planes[0][i] = red;
            planes[1][i] = green;
            planes[2][i] = blue;
          }
        }
      }
    }
    return planes;
  }

  /** Grey samples are taken as stored: getRGB would take them as linear light and brighten them. */
  private static boolean isGrey(BufferedImage image) {
    return switch (image.getType()) {
      case BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY -> true;
      default -> false;
    };
  }
}
