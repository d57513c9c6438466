package dev.tinytitan.codegen.chain;

import dev.tinytitan.tensor.DType;

/**
 * Where one value of a chain lies in a binding's native memory: row by row, column by column, with
 * the channels of a place contiguous and, around the rows and columns, a border as wide as the
 * widest padding that a reader needs. The border is written once; layers write the inside only.
 *
 * <p>8-bit values of either sign lie unsigned: int8 as the value plus 128. So zero points, tables
 * and bounds all have 128 added, and one dot-product instruction serves both.
 *
 * <p>Serves one thread: borders grow while a chain is laid out, then the place is fixed.
 */
final class Buffer {
  /** What int8 values have added. */
  static final int SIGN_OFFSET = 128;

  /** Bytes behind each buffer that may be read (never used) or written by nobody. */
  static final int SLACK = 256;

  private final String name;
  private final DType dtype;
  private final int height;
  private final int width;
  private final int channels;
  private final int channelStride;
  private int top;
  private int left;
  private int bottom;
  private int right;
  private int fill = -1;
  private int offset = -1;

  /**
   * A buffer without a border.
   *
   * @param dtype int8, uint8 or float32
   * @param packed whether channels lie without gaps even where their number is no multiple of 4
   */
  Buffer(String name, DType dtype, int height, int width, int channels, boolean packed) {
    this.name = name;
    this.dtype = dtype;
    this.height = height;
    this.width = width;
    this.channels = channels;
    this.channelStride = packed || dtype == DType.FLOAT32 ? channels : (channels + 3) / 4 * 4;
  }

  /**
   * Memory without a shape, whose bytes are set to a value when a binding is made.
   *
   * @param storedFill from 0 to 255
   */
  static Buffer memory(String name, int bytes, int storedFill) {
    Buffer buffer = new Buffer(name, DType.UINT8, 1, 1, bytes, true);
    buffer.fill = storedFill;
    return buffer;
  }

  /** The rows {@code from} to {@code to - 1} of a buffer that has its place: a view. */
  private Buffer(Buffer whole, int from, int to) {
    this.name = whole.name;
    this.dtype = whole.dtype;
    this.height = to - from;
    this.width = whole.width;
    this.channels = whole.channels;
    this.channelStride = whole.channelStride;
    this.top = whole.top + from;
    this.left = whole.left;
    this.bottom = whole.bottom + whole.height - to;
    this.right = whole.right;
    this.fill = whole.fill;
    this.offset = whole.start();
  }

  String name() {
    return name;
  }

  DType dtype() {
    return dtype;
  }

  int height() {
    return height;
  }

  int width() {
    return width;
  }

  int channels() {
    return channels;
  }

  /** What stored values have added: 128 for int8. */
  int storedOffset() {
    return dtype == DType.INT8 ? SIGN_OFFSET : 0;
  }

  /** Bytes from one place to the next in a row. */
  int pixelBytes() {
    return channelStride * dtype.bits() / 8;
  }

  /** Bytes from one row to the next. */
  int rowBytes() {
    return (left + width + right) * pixelBytes();
  }

  /** Bytes with the border. */
  int byteSize() {
    return (top + height + bottom) * rowBytes();
  }

  /** Bytes of one row without its border. */
  int rowInside() {
    return width * pixelBytes();
  }

  /** Whether a border of this stored value can be added. */
  boolean accepts(int storedFill) {
    return fill < 0 || fill == storedFill;
  }

  /** Widens the border to at least this. */
  void widen(int atTop, int atLeft, int atBottom, int atRight, int storedFill) {
    if (atTop <= 0 && atLeft <= 0 && atBottom <= 0 && atRight <= 0) {
      return;
    }
    if (!accepts(storedFill)) {
      throw new IllegalStateException(name + " has a border of another value.");
    }
    fill = storedFill;
    top = Math.max(top, atTop);
    left = Math.max(left, atLeft);
    bottom = Math.max(bottom, atBottom);
    right = Math.max(right, atRight);
  }

  /** What the border holds; 0 if there is none. */
  int fill() {
    return Math.max(fill, 0);
  }

  /** Fixes the place, in bytes from the start of the binding's memory. */
  void place(int start) {
    offset = start;
  }

  /** Where the buffer starts, its border counted in. */
  int start() {
    if (offset < 0) {
      throw new IllegalStateException(name + " has no place yet.");
    }
    return offset;
  }

  /** Where the element at row 0, column 0, channel 0 lies. */
  int inside() {
    return start() + top * rowBytes() + left * pixelBytes();
  }

  /**
   * The same memory, of which rows {@code from} to {@code to - 1} are the inside: for code that
   * computes, or reads, these only. Rows beyond the last one belong to the border.
   *
   * @throws IllegalStateException if the buffer has no place yet
   */
  Buffer rows(int from, int to) {
    return new Buffer(this, from, to);
  }

  /**
   * Holds a generator to the buffer: no access outside of it and its slack.
   *
   * @param from the first byte that is accessed, from the start of the binding's memory
   * @param to the byte after the last
   */
  void requireWithin(long from, long to) {
    if (from < start() || to > (long) start() + byteSize() + SLACK) {
      throw new IllegalStateException(
          "Code for " + name + " would access bytes " + from + " to " + to + ".");
    }
  }
}
