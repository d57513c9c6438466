package dev.tinytitan.kernel;

import dev.tinytitan.op.WindowGeometry;
import java.util.Arrays;

/**
 * Images with contiguous places, laid out so that what one element of a window sees, at all output
 * positions, is one contiguous piece: padding lies around each channel, and where windows move by
 * more than one place, a channel is split into planes of every so-manieth line and column. Output
 * positions are counted as if lines were as long as the planes' lines; those behind the end of a
 * line are computed and thrown away. One or two spatial axes. Immutable.
 */
final class ChannelPlanes {
  /** The most spatial axes. */
  static final int MAX_RANK = 2;

  private final Line rows;
  private final Line columns;
  private final int lineLength;
  private final int channelSize;
  private final boolean direct;
  private final int[] taps;

  /**
   * One spatial axis.
   *
   * @param phases which places of each stride some window sees
   * @param length places of a plane
   */
  // Never compared; arrays so that loops read them without a call.
  @SuppressWarnings("ArrayRecordComponent")
  private record Line(WindowGeometry.Axis axis, int[] phases, int length) {
    static Line of(WindowGeometry.Axis axis) {
      boolean[] seen = new boolean[axis.stride()];
      int reach = 0;
      for (int tap = 0; tap < axis.kernel(); tap++) {
        int at = tap * axis.dilation();
        seen[at % axis.stride()] = true;
        reach = Math.max(reach, at / axis.stride());
      }
      int[] phases = new int[axis.stride()];
      int count = 0;
      for (int phase = 0; phase < seen.length; phase++) {
        if (seen[phase]) {
          phases[count++] = phase;
        }
      }
      return new Line(axis, Arrays.copyOf(phases, count), Math.addExact(axis.output(), reach));
    }

    int plane(int tap) {
      return Arrays.binarySearch(phases, tap * axis.dilation() % axis.stride());
    }

    int shift(int tap) {
      return tap * axis.dilation() / axis.stride();
    }

    /** True if a plane is a piece of the image itself. */
    boolean isDirect() {
      return axis.stride() == 1 && axis.padBegin() == 0 && length <= axis.input();
    }

    /** Which place of the image is at a place of a plane; may lie outside. */
    int source(int phase, int place) {
      return place * axis.stride() + phase - axis.padBegin();
    }
  }

  /**
   * @param geometry the window, of at most {@link #MAX_RANK} axes
   */
  ChannelPlanes(WindowGeometry geometry) {
    WindowGeometry.Axis single = new WindowGeometry.Axis(1, 1, 1, 1, 0, 0, 1);
    boolean flat = geometry.rank() == 1;
    this.rows = Line.of(flat ? single : geometry.axes().get(0));
    this.columns = Line.of(geometry.axes().get(flat ? 0 : 1));
    this.direct = rows.isDirect() && columns.isDirect();
    this.lineLength = direct ? columns.axis().input() : columns.length();
    int planeSize = Math.multiplyExact(rows.length(), lineLength);
    int planes = rows.phases().length * columns.phases().length;
    this.channelSize = direct ? geometry.inputSize() : Math.multiplyExact(planes, planeSize);
    int height = rows.axis().kernel();
    int width = columns.axis().kernel();
    this.taps = new int[height * width];
    for (int i = 0; i < height; i++) {
      for (int j = 0; j < width; j++) {
        int plane = rows.plane(i) * columns.phases().length + columns.plane(j);
        taps[i * width + j] = plane * planeSize + rows.shift(i) * lineLength + columns.shift(j);
      }
    }
  }

  /** True if the image itself is laid out so, and nothing needs to be copied. */
  boolean isDirect() {
    return direct;
  }

  /** Floats of a channel's planes. */
  int channelSize() {
    return channelSize;
  }

  /** Where what each element of a window sees begins, in a channel's planes. */
  int[] taps() {
    return taps;
  }

  /** Output positions, those behind the ends of lines counted. */
  int positions() {
    return (rows.axis().output() - 1) * lineLength + columns.axis().output();
  }

  /** The output element at a position; at one behind the end of a line, the next line's first. */
  int element(int position) {
    int width = columns.axis().output();
    return position / lineLength * width + Math.min(width, position % lineLength);
  }

  /** Copies a channel of an image to its planes, padding filled with {@code value}. */
  void split(float[] x, int xFrom, float[] to, int toFrom, float value) {
    int target = toFrom;
    for (int rowPhase : rows.phases()) {
      for (int columnPhase : columns.phases()) {
        for (int row = 0; row < rows.length(); row++) {
          int source = rows.source(rowPhase, row);
          if (source < 0 || source >= rows.axis().input()) {
            Arrays.fill(to, target, target + lineLength, value);
          } else {
            splitLine(x, xFrom + source * columns.axis().input(), columnPhase, to, target, value);
          }
          target += lineLength;
        }
      }
    }
  }

  private void splitLine(float[] x, int xFrom, int phase, float[] to, int toFrom, float value) {
    int stride = columns.axis().stride();
    int first = columns.source(phase, 0);
    int left = Math.min(lineLength, first >= 0 ? 0 : (stride - 1 - first) / stride);
    int inside = columns.axis().input() - first + stride - 1;
    int right = Math.max(left, Math.min(lineLength, inside / stride));
    for (int i = 0; i < left; i++) {
      to[toFrom + i] = value;
    }
    if (stride == 1) {
      System.arraycopy(x, xFrom + first + left, to, toFrom + left, right - left);
    } else {
      for (int i = left; i < right; i++) {
        to[toFrom + i] = x[xFrom + first + i * stride];
      }
    }
    for (int i = right; i < lineLength; i++) {
      to[toFrom + i] = value;
    }
  }

  /**
   * Copies what was computed at some positions to the output, without what lies behind the ends of
   * lines.
   *
   * @param sums from the first position on
   * @param y the output of a channel, from {@code yFrom} on
   */
  void gather(float[] sums, int from, int to, float[] y, int yFrom) {
    int width = columns.axis().output();
    if (width == lineLength) {
      System.arraycopy(sums, 0, y, yFrom + from, to - from);
      return;
    }
    for (int line = from / lineLength; line * lineLength < to; line++) {
      int begin = Math.max(from, line * lineLength);
      int end = Math.min(to, line * lineLength + width);
      if (begin < end) {
        System.arraycopy(sums, begin - from, y, yFrom + element(begin), end - begin);
      }
    }
  }
}
