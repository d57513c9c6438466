package dev.tinytitan.tensor;

import java.util.Arrays;

/**
 * The concrete sizes of a tensor's dimensions, outermost first. Immutable. A scalar has rank 0 and
 * one element; any dimension may be 0.
 */
public final class Shape {
  private static final Shape SCALAR = new Shape(new int[0], 1);

  private final int[] dims;
  private final int size;

  private Shape(int[] dims, int size) {
    this.dims = dims;
    this.size = size;
  }

  /** The shape of a scalar: no dimensions. */
  public static Shape scalar() {
    return SCALAR;
  }

  /**
   * A shape of these sizes.
   *
   * @throws IllegalArgumentException if a size is negative or the product exceeds 2³¹ - 1
   */
  public static Shape of(int... dims) {
    if (dims.length == 0) {
      return SCALAR;
    }
    return new Shape(dims.clone(), sizeOf(dims));
  }

  /**
   * A shape of these sizes.
   *
   * @throws IllegalArgumentException if a size is negative, or it or the product exceeds 2³¹ - 1
   */
  public static Shape of(long[] dims) {
    int[] narrow = new int[dims.length];
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] < 0 || dims[i] > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "dimension " + i + " of " + Arrays.toString(dims) + " is not in 0..2147483647");
      }
      narrow[i] = (int) dims[i];
    }
    return of(narrow);
  }

  private static int sizeOf(int[] dims) {
    boolean empty = false;
    long product = 1;
    for (int dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("negative dimension in " + Arrays.toString(dims));
      }
      if (dim == 0) {
        empty = true;
      } else {
        product *= dim;
        if (product > Integer.MAX_VALUE) {
          throw new IllegalArgumentException(
              "a tensor of shape " + Arrays.toString(dims) + " has over 2147483647 elements");
        }
      }
    }
    return empty ? 0 : (int) product;
  }

  /** The number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /** The size of dimension {@code index}; a negative index counts from the end, -1 the last. */
  public int dim(int index) {
    return dims[index < 0 ? index + dims.length : index];
  }

  /** The number of elements: the product of all sizes. */
  public int size() {
    return size;
  }

  /** The product of the sizes of dimensions {@code from} (inclusive) to {@code to} (exclusive). */
  public int sizeBetween(int from, int to) {
    int product = 1;
    for (int i = from; i < to; i++) {
      product *= dims[i];
    }
    return product;
  }

  /** A copy of the sizes. */
  public int[] toArray() {
    return dims.clone();
  }

  /** A copy of the sizes as longs, as ONNX stores shapes. */
  public long[] toLongArray() {
    long[] longs = new long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      longs[i] = dims[i];
    }
    return longs;
  }

  /** The row-major strides in elements: how far apart neighbours along each dimension lie. */
  public int[] strides() {
    int[] strides = new int[dims.length];
    int stride = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      strides[i] = stride;
      stride *= dims[i];
    }
    return strides;
  }

  /** This shape with dimension {@code index} (negative counts from the end) replaced. */
  public Shape withDim(int index, int size) {
    int[] copy = dims.clone();
    copy[index < 0 ? index + dims.length : index] = size;
    return of(copy);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape shape && Arrays.equals(dims, shape.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** For example {@code [1, 3, 32, 32]}. */
  @Override
  public String toString() {
    return Arrays.toString(dims);
  }
}
