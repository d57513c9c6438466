package dev.tinytitan.kernel;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Copies a tensor from one layout to another: a transpose of channels and places, a change between
 * bytes and floats, or both at once.
 */
public final class LayoutConversion implements Kernel {
  /** Elements of a block, whose reading and writing stay within the L1 cache. */
  private static final int BLOCK_ELEMENTS = 4096;

  /** The least rows or columns of a block: they fill cache lines. */
  private static final int BLOCK = 16;

  private final int batch;
  private final int rows;
  private final int columns;
  private final boolean unsigned;

  /**
   * A conversion of a tensor of this dtype and shape.
   *
   * @param from the layout of the input, canonical
   * @param to the layout of the output, canonical
   */
  public LayoutConversion(DType dtype, Shape shape, Layout from, Layout to) {
    this.unsigned = dtype.isUnsigned();
    if (from.isChannelsLast() == to.isChannelsLast()) {
      this.batch = 1;
      this.rows = 1;
      this.columns = shape.size();
    } else {
      int channels = shape.dim(1);
      int places = shape.sizeBetween(2, shape.rank());
      this.batch = shape.dim(0);
      this.rows = to.isChannelsLast() ? channels : places;
      this.columns = to.isChannelsLast() ? places : channels;
    }
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    Object source = Objects.requireNonNull(Objects.requireNonNull(inputs[0]).array());
    Object target = Objects.requireNonNull(Objects.requireNonNull(outputs[0]).array());
    for (int image = 0; image < batch; image++) {
      int offset = image * rows * columns;
      if (rows == 1) {
        block(source, target, offset, 0, 1, 0, columns);
        continue;
      }
      if (rows == 3 && source instanceof float[] floats && target instanceof float[] result) {
        interleave(floats, result, offset, columns);
        continue;
      }
      // Blocks of few rows are long: short loops would cost more than what they move.
      int blockColumns = Math.max(BLOCK, BLOCK_ELEMENTS / BLOCK / rows * BLOCK);
      for (int row = 0; row < rows; row += BLOCK) {
        for (int column = 0; column < columns; column += blockColumns) {
          block(
              source,
              target,
              offset,
              row,
              Math.min(row + BLOCK, rows),
              column,
              Math.min(column + blockColumns, columns));
        }
      }
    }
  }

  /** Three channels, the colours of an image, in one pass. */
  private static void interleave(float[] source, float[] target, int offset, int places) {
    int to = offset;
    for (int i = offset; i < offset + places; i++) {
      target[to] = source[i];
      target[to + 1] = source[i + places];
      target[to + 2] = source[i + 2 * places];
      to += 3;
    }
  }

  private void block(
      Object source, Object target, int offset, int row, int rowEnd, int column, int columnEnd) {
    for (int i = row; i < rowEnd; i++) {
      int from = offset + i * columns + column;
      int to = offset + column * rows + i;
      int count = columnEnd - column;
      switch (source) {
        case float[] floats when target instanceof float[] result ->
            move(floats, from, result, to, rows, count);
        case float[] floats when target instanceof byte[] result ->
            narrow(floats, from, result, to, rows, count);
        case byte[] bytes when target instanceof byte[] result ->
            move(bytes, from, result, to, rows, count);
        case byte[] bytes when target instanceof float[] result && unsigned ->
            widenUnsigned(bytes, from, result, to, rows, count);
        case byte[] bytes when target instanceof float[] result ->
            widenSigned(bytes, from, result, to, rows, count);
        default -> {
          for (int j = 0; j < count; j++) {
            System.arraycopy(source, from + j, target, to + j * rows, 1);
          }
        }
      }
    }
  }

  private static void move(
      float[] source, int from, float[] target, int to, int stride, int count) {
    for (int j = 0; j < count; j++) {
      target[to + j * stride] = source[from + j];
    }
  }

  private static void move(byte[] source, int from, byte[] target, int to, int stride, int count) {
    for (int j = 0; j < count; j++) {
      target[to + j * stride] = source[from + j];
    }
  }

  private static void narrow(
      float[] source, int from, byte[] target, int to, int stride, int count) {
    for (int j = 0; j < count; j++) {
      target[to + j * stride] = (byte) (int) source[from + j];
    }
  }

  private static void widenUnsigned(
      byte[] source, int from, float[] target, int to, int stride, int count) {
    for (int j = 0; j < count; j++) {
      target[to + j * stride] = source[from + j] & 0xFF;
    }
  }

  private static void widenSigned(
      byte[] source, int from, float[] target, int to, int stride, int count) {
    for (int j = 0; j < count; j++) {
      target[to + j * stride] = source[from + j];
    }
  }
}
