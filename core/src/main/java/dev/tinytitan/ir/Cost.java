package dev.tinytitan.ir;

/**
 * What running an operator once takes.
 *
 * @param multiplyAdds multiply-accumulate operations; other arithmetic counts nothing
 * @param bytesMoved bytes of inputs read and outputs written, each once
 */
public record Cost(long multiplyAdds, long bytesMoved) {
  /** Nothing. */
  public static final Cost ZERO = new Cost(0, 0);

  /** Both together. */
  public Cost plus(Cost other) {
    return new Cost(multiplyAdds + other.multiplyAdds, bytesMoved + other.bytesMoved);
  }
}
