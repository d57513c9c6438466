package dev.tinytitan.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A matrix product cut along its depth, so that the sums of each slice are short enough for float32
 * to hold every one of them exactly; the slices' sums are added up in int32. Immutable.
 */
final class DepthSlices {

  /**
   * One slice.
   *
   * @param rows its elements of the left-hand rows
   * @param from the row of the right-hand matrix that it begins with
   * @param layout how its rows of the right-hand matrix are packed
   * @param offset where they lie in the packed array
   */
  record Slice(GatheredRows rows, int from, PanelLayout layout, int offset) {}

  private final List<Slice> slices = new ArrayList<>();
  private final int size;

  /**
   * @param columns columns of the right-hand matrix
   * @param most the greatest depth of a slice; at least 1
   */
  DepthSlices(MatrixOperations operations, GatheredRows rows, int columns, int most) {
    int length = rows.segmentLength();
    int[] segments = rows.segments();
    int offset = 0;
    int from = 0;
    for (GatheredRows part : most < length ? pieces(rows, most) : groups(rows, most)) {
      PanelLayout layout = operations.layout(part.depth(), columns);
      slices.add(new Slice(part, from, layout, offset));
      from += part.depth();
      offset = Math.addExact(offset, layout.size());
    }
    if (from != length * segments.length) {
      throw new IllegalStateException("slices of depth " + from + " do not make up the rows");
    }
    this.size = offset;
  }

  /** Slices of as many whole segments as they can hold. */
  private static List<GatheredRows> groups(GatheredRows rows, int most) {
    int[] segments = rows.segments();
    int length = rows.segmentLength();
    int each = length == 0 ? segments.length : most / length;
    List<GatheredRows> groups = new ArrayList<>();
    for (int i = 0; i < segments.length; i += each) {
      int[] some = Arrays.copyOfRange(segments, i, Math.min(segments.length, i + each));
      groups.add(new GatheredRows(rows.starts(), some, length));
    }
    return groups;
  }

  /** Slices of pieces of segments, which are too long to be held whole. */
  private static List<GatheredRows> pieces(GatheredRows rows, int most) {
    List<GatheredRows> pieces = new ArrayList<>();
    for (int segment : rows.segments()) {
      for (int from = 0; from < rows.segmentLength(); from += most) {
        int length = Math.min(most, rows.segmentLength() - from);
        pieces.add(new GatheredRows(rows.starts(), new int[] {segment + from}, length));
      }
    }
    return pieces;
  }

  /** The slices, front to back. */
  List<Slice> slices() {
    return slices;
  }

  /** How the right-hand matrix is cut into panels, which is the same in every slice. */
  PanelLayout layout() {
    return slices.get(0).layout();
  }

  /** The number of slices. */
  int count() {
    return slices.size();
  }

  /** Packs a matrix, slice by slice; parameters as for {@link PanelLayout#pack}. */
  float[] pack(float[] matrix, int rowStride, int columnStride) {
    float[] packed = new float[size];
    for (Slice slice : slices) {
      slice
          .layout()
          .pack(
              matrix, slice.from() * rowStride, rowStride, columnStride, 1, packed, slice.offset());
    }
    return packed;
  }
}
