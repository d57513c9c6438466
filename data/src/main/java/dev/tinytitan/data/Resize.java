package dev.tinytitan.data;

/**
 * Resizes an image with a triangle filter, columns and rows apart: bilinear where it grows, a
 * weighted average of all pixels covered where it shrinks.
 */
final class Resize {
  private Resize() {}

  /**
   * Resizes one channel.
   *
   * @param plane [height, width], row-major
   * @return [newHeight, newWidth], row-major; {@code plane} itself if nothing changes
   */
  static float[] triangle(float[] plane, int height, int width, int newHeight, int newWidth) {
    float[] wide = width == newWidth ? plane : alongRows(plane, height, width, newWidth);
    if (height == newHeight) {
      return wide;
    }
    float[] columns = transposed(wide, height, newWidth);
    float[] resized = alongRows(columns, newWidth, height, newHeight);
    return transposed(resized, newWidth, newHeight);
  }

  private static float[] alongRows(float[] plane, int rows, int length, int newLength) {
    float[] resized = new float[rows * newLength];
    float scale = (float) length / newLength;
    float support = Math.max(1f, scale);
    float[] weights = new float[(int) Math.ceil(2 * support) + 2];
    for (int i = 0; i < newLength; i++) {
      // Pixel centres lie at half indices.
      float centre = (i + 0.5f) * scale;
      int first = Math.max(0, (int) (centre - support));
      int last = Math.min(length - 1, (int) (centre + support));
      float sum = 0;
      for (int j = first; j <= last; j++) {
        float weight = Math.max(0f, 1f - Math.abs(j + 0.5f - centre) / support);
        weights[j - first] = weight;
        sum += weight;
      }
      for (int row = 0; row < rows; row++) {
        float value = 0;
        for (int j = first; j <= last; j++) {
          value += weights[j - first] * plane[row * length + j];
        }
        resized[row * newLength + i] = value / sum;
      }
    }
    return resized;
  }

  private static float[] transposed(float[] plane, int rows, int columns) {
    float[] transposed = new float[plane.length];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        transposed[column * rows + row] = plane[row * columns + column];
      }
    }
    return transposed;
  }
}
