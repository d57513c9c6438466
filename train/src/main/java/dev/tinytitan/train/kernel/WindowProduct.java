package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.ChannelsLastWindows;
import dev.tinytitan.kernel.GatheredRows;
import dev.tinytitan.kernel.MatrixOperations;
import dev.tinytitan.kernel.PanelLayout;
import dev.tinytitan.op.WindowGeometry;
import java.util.Arrays;

/**
 * A convolution of one image at a time with weights that are packed in each run: the products of
 * its windows with the packed weights, group by group. Channels are contiguous. Immutable; all that
 * changes lies in the caller's scratch memory, in the order bias, tile, padded image, weights.
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
  private final int biasFloats;
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
    this.biasFloats = layout.paddedColumns();
    this.tileFloats = operations.scratchFloats();
  }

  PanelLayout layout() {
    return layout;
  }

  /** Where in scratch memory the packed weights of a group begin. */
  int weightsAt(int index) {
    return biasFloats + tileFloats + windows.paddedSize() + index * layout.size();
  }

  int scratchFloats() {
    return weightsAt(group);
  }

  /**
   * Convolves some positions of an image.
   *
   * @param bias one for each filter; none if empty
   */
  void run(
      float[] x, int xFrom, float[] bias, float[] y, int yFrom, float[] scratch, int from, int to) {
    float[] source = x;
    int sourceFrom = xFrom;
    if (windows.isPadded()) {
      sourceFrom = biasFloats + tileFloats;
      source = scratch;
      windows.pad(x, xFrom, scratch, sourceFrom, 0, from, to);
    }
    int groupFilters = filters / group;
    for (int index = 0; index < group; index++) {
      if (bias.length == 0) {
        Arrays.fill(scratch, 0, biasFloats, 0f);
      } else {
        System.arraycopy(bias, index * groupFilters, scratch, 0, groupFilters);
        Arrays.fill(scratch, groupFilters, biasFloats, 0f);
      }
      operations.multiply(
          rows,
          source,
          sourceFrom + index * (channels / group),
          layout,
          scratch,
          weightsAt(index),
          scratch,
          y,
          yFrom + index * groupFilters,
          filters,
          from,
          to,
          0,
          layout.panels(),
          scratch,
          biasFloats);
    }
  }

  int positions() {
    return positions;
  }
}
