package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.ChannelsLastWindows;
import dev.tinytitan.kernel.Finish;
import dev.tinytitan.kernel.GatheredRows;
import dev.tinytitan.kernel.MatrixOperations;
import dev.tinytitan.kernel.PanelLayout;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.op.WindowGeometry;

/**
 * A convolution of one image at a time with weights that are packed in each run: the products of
 * its windows with the packed weights, group by group. Channels are contiguous. Immutable; all that
 * changes lies in the caller's scratch memory, in the order tile, padded image, weights.
 */
final class WindowProduct {
  private final MatrixOperations operations;
  private final ChannelsLastWindows windows;
  private final GatheredRows rows;
  private final PanelLayout layout;
  private final int group;
  private final int channels;
  private final int filters;
  private final int positions;
  private final float[] zeros;
  private final Finish finish;
  private final int tileFloats;

  /**
   * @param channels channels of the image
   * @param filters channels of the result
   */
  WindowProduct(
      MatrixOperations operations, WindowGeometry geometry, int channels, int filters, int group) {
    this.operations = operations;
    this.windows = new ChannelsLastWindows(geometry, channels);
    this.rows = windows.rows(channels / group);
    this.layout = operations.layout(geometry.kernelSize() * (channels / group), filters / group);
    this.group = group;
    this.channels = channels;
    this.filters = filters;
    this.positions = geometry.outputSize();
    this.zeros = new float[layout.paddedColumns()];
    this.finish = Finish.none(layout.paddedColumns());
    this.tileFloats = operations.scratchFloats();
  }

  PanelLayout layout() {
    return layout;
  }

  /** Where in scratch memory the packed weights of a group begin. */
  int weightsAt(int index) {
    return tileFloats + windows.paddedSize() + index * layout.size();
  }

  int scratchFloats() {
    return weightsAt(group);
  }

  /** Convolves some positions of an image. */
  void run(float[] x, int xFrom, float[] y, int yFrom, Scratch scratch, int from, int to) {
    float[] source = x;
    int sourceFrom = xFrom;
    if (windows.isPadded()) {
      sourceFrom = tileFloats;
      source = scratch.floats();
      windows.pad(x, xFrom, source, sourceFrom, 0, from, to);
    }
    int groupFilters = filters / group;
    for (int index = 0; index < group; index++) {
      operations.multiply(
          rows,
          source,
          sourceFrom + index * (channels / group),
          layout,
          scratch.floats(),
          weightsAt(index),
          zeros,
          finish,
          y,
          yFrom + index * groupFilters,
          filters,
          from,
          to,
          0,
          layout.panels(),
          scratch);
    }
  }

  int positions() {
    return positions;
  }
}
