package dev.tinytitan.kernel;

import dev.tinytitan.op.WindowGeometry;
import java.util.Arrays;
import java.util.List;

/**
 * Where the windows of a convolution or pooling lie in an image whose channels are contiguous. An
 * image with padding is first copied into scratch memory, with the padding around it, so that every
 * window lies inside. One to three spatial axes. Immutable.
 */
public final class ChannelsLastWindows {
  /** The most spatial axes. */
  public static final int MAX_RANK = 3;

  private final int[] input = {1, 1, 1};
  private final int[] begin = {0, 0, 0};
  private final int[] extent = {1, 1, 1};
  private final int channels;
  private final boolean padded;
  private final int[] starts;
  private final int[] taps;
  private final int lastTap;
  private final boolean contiguous;
  private final int innermost;

  /**
   * @param geometry the window, of at most {@link #MAX_RANK} axes
   * @param channels channels of the image
   */
  public ChannelsLastWindows(WindowGeometry geometry, int channels) {
    this.channels = channels;
    List<WindowGeometry.Axis> axes = geometry.axes();
    int shift = MAX_RANK - axes.size();
    boolean needsPadding = false;
    for (int i = 0; i < axes.size(); i++) {
      WindowGeometry.Axis axis = axes.get(i);
      int reach =
          Math.max(0, axis.output() - 1) * axis.stride()
              + Math.max(0, axis.kernel() - 1) * axis.dilation()
              + 1;
      input[shift + i] = axis.input();
      begin[shift + i] = axis.padBegin();
      extent[shift + i] = Math.max(reach, axis.padBegin() + axis.input());
      needsPadding |= axis.padBegin() > 0 || reach > axis.input();
    }
    this.padded = needsPadding;
    int[] outputs = {1, 1, 1};
    int[] strides = {1, 1, 1};
    int[] kernels = {1, 1, 1};
    int[] dilations = {1, 1, 1};
    for (int i = 0; i < axes.size(); i++) {
      outputs[shift + i] = axes.get(i).output();
      strides[shift + i] = axes.get(i).stride();
      kernels[shift + i] = axes.get(i).kernel();
      dilations[shift + i] = axes.get(i).dilation();
    }
    this.starts = offsets(outputs, strides);
    this.taps = offsets(kernels, dilations);
    this.lastTap = taps.length == 0 ? 0 : taps[taps.length - 1];
    this.innermost = kernels[2];
    this.contiguous = dilations[2] == 1 || kernels[2] == 1;
  }

  private int[] offsets(int[] counts, int[] steps) {
    int[] offsets = new int[counts[0] * counts[1] * counts[2]];
    int index = 0;
    for (int i = 0; i < counts[0]; i++) {
      for (int j = 0; j < counts[1]; j++) {
        for (int k = 0; k < counts[2]; k++) {
          int line = i * steps[0] * extent[1] + j * steps[1];
          offsets[index++] = (line * extent[2] + k * steps[2]) * channels;
        }
      }
    }
    return offsets;
  }

  /** True if images must be copied with {@link #pad} first. */
  public boolean isPadded() {
    return padded;
  }

  /** Floats (or bytes) of a padded image; 0 if none is needed. */
  public int paddedSize() {
    return padded ? Math.multiplyExact(Math.multiplyExact(lines(), extent[2]), channels) : 0;
  }

  private int lines() {
    return Math.multiplyExact(extent[0], extent[1]);
  }

  /** Where the window of each output position begins. */
  public int[] starts() {
    return starts;
  }

  /** Where each element of a window lies from its beginning. */
  public int[] taps() {
    return taps;
  }

  /** The windows as rows of a matrix, for channels {@code 0..groupChannels} from their start. */
  public GatheredRows rows(int groupChannels) {
    if (contiguous && groupChannels == channels) {
      int[] lines = new int[innermost == 0 ? 0 : taps.length / innermost];
      Arrays.setAll(lines, line -> taps[line * innermost]);
      return new GatheredRows(starts, lines, innermost * channels);
    }
    return new GatheredRows(starts, taps, groupChannels);
  }

  /**
   * Copies the part of an image that some windows see, with padding around it.
   *
   * @param x the image, from {@code xFrom} on
   * @param to receives the padded image from {@code toFrom} on; only the lines that the windows
   *     touch are written
   * @param value what padding is filled with
   * @param from the first output position
   * @param end the position after the last
   */
  public void pad(float[] x, int xFrom, float[] to, int toFrom, float value, int from, int end) {
    int line = extent[2] * channels;
    int left = begin[2] * channels;
    int middle = input[2] * channels;
    int lastLine = (starts[end - 1] + lastTap) / line;
    for (int i = starts[from] / line; i <= lastLine; i++) {
      int target = toFrom + i * line;
      int source = sourceLine(i);
      if (source < 0) {
        Arrays.fill(to, target, target + line, value);
      } else {
        fill(to, target, left, value);
        System.arraycopy(x, xFrom + source * middle, to, target + left, middle);
        fill(to, target + left + middle, line - left - middle, value);
      }
    }
  }

  /** The line of the image that a padded line holds; -1 if padding. */
  private int sourceLine(int paddedLine) {
    int outer = paddedLine / extent[1] - begin[0];
    int inner = paddedLine % extent[1] - begin[1];
    boolean inside = outer >= 0 && outer < input[0] && inner >= 0 && inner < input[1];
    return inside ? outer * input[1] + inner : -1;
  }

  private static void fill(float[] to, int from, int count, float value) {
    for (int i = 0; i < count; i++) {
      to[from + i] = value;
    }
  }
}
