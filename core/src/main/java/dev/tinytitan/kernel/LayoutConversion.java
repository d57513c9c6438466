package dev.tinytitan.kernel;

import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Copies a feature map from one layout to the other: a transpose of channels and places. */
public final class LayoutConversion implements Kernel {
  private static final int BLOCK = 16;

  private final int batch;
  private final int rows;
  private final int columns;

  /**
   * @param shape the logical shape, of at least three dimensions
   * @param from the layout of the input; the output has the other one
   */
  public LayoutConversion(Shape shape, Layout from) {
    int channels = shape.dim(1);
    int places = shape.sizeBetween(2, shape.rank());
    this.batch = shape.dim(0);
    this.rows = from == Layout.ROW_MAJOR ? channels : places;
    this.columns = from == Layout.ROW_MAJOR ? places : channels;
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    Object source = Objects.requireNonNull(Objects.requireNonNull(inputs[0]).array());
    Object target = Objects.requireNonNull(Objects.requireNonNull(outputs[0]).array());
    for (int image = 0; image < batch; image++) {
      int offset = image * rows * columns;
      for (int row = 0; row < rows; row += BLOCK) {
        for (int column = 0; column < columns; column += BLOCK) {
          transpose(
              source,
              target,
              offset,
              row,
              Math.min(row + BLOCK, rows),
              column,
              Math.min(column + BLOCK, columns));
        }
      }
    }
  }

  private void transpose(
      Object source, Object target, int offset, int row, int rowEnd, int column, int columnEnd) {
    switch (source) {
      case float[] from -> {
        float[] to = (float[]) target;
        for (int j = column; j < columnEnd; j++) {
          for (int i = row; i < rowEnd; i++) {
            to[offset + j * rows + i] = from[offset + i * columns + j];
          }
        }
      }
      case byte[] from -> {
        byte[] to = (byte[]) target;
        for (int j = column; j < columnEnd; j++) {
          for (int i = row; i < rowEnd; i++) {
            to[offset + j * rows + i] = from[offset + i * columns + j];
          }
        }
      }
      default -> {
        for (int j = column; j < columnEnd; j++) {
          for (int i = row; i < rowEnd; i++) {
            System.arraycopy(source, offset + i * columns + j, target, offset + j * rows + i, 1);
          }
        }
      }
    }
  }
}
