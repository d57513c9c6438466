package dev.tinytitan.ir;

/**
 * A type of the format that is carried through unread: sequence, map, optional, sparse tensor.
 *
 * @param kind what it is, for messages: {@code sequence}, {@code map}, {@code optional}, {@code
 *     sparse_tensor} or {@code unknown}
 * @param encoded the bytes of its {@code TypeProto}, as ISO-8859-1 text so that equality is by
 *     value
 */
public record OpaqueType(String kind, String encoded) implements ValueType {
  @Override
  public String toString() {
    return kind;
  }
}
