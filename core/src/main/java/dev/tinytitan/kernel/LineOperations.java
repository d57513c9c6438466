package dev.tinytitan.kernel;

/**
 * Depthwise convolution by whole lines of an image whose channels are contiguous: each place is
 * read once for several results. Stateless.
 */
public interface LineOperations {
  /**
   * Depthwise convolution by windows of 3×3 that move by one, on an image with one line of padding
   * on each side, so that the result is as large as the image.
   *
   * @param padding a line of the image, as it lies above and below; its first channels also lie
   *     left and right of each line
   * @param columns places of a line; at least 1
   * @param channels a multiple of {@link WindowOperations#lanes}
   * @param lines lines of the image
   * @param weights nine rows of {@code channels} floats
   * @param lineFrom the first line of the result
   * @param lineTo the line after the last
   */
  void depthwise3x3(
      float[] x,
      int xOffset,
      float[] padding,
      int lines,
      int columns,
      int channels,
      float[] weights,
      float[] bias,
      Finish finish,
      float[] y,
      int yOffset,
      int lineFrom,
      int lineTo);
}
