package dev.tinytitan.onnx;

import dev.tinytitan.MalformedModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Reads the fields of one protobuf message, one after the other, straight from its bytes. Every
 * length is checked against the message before anything is read or allocated; an error ends in a
 * {@link MalformedModelException} with the byte's offset in the file. Not thread-safe.
 *
 * <p>Used as {@code while (reader.next()) switch (reader.field()) ...}; a field whose value is not
 * asked for is skipped. Format: the protobuf encoding guide.
 */
final class ProtoReader {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH_DELIMITED = 2;
  static final int FIXED32 = 5;

  private final ByteSource source;
  private final long start;
  private final long end;
  private long position;

  private int field;
  private int wireType;
  private long fieldStart;
  private long valueStart;
  private long valueEnd;

  private ProtoReader(ByteSource source, long start, long end) {
    this.source = source;
    this.start = start;
    this.position = start;
    this.end = end;
  }

  /** Reads a message that is a whole file. */
  static ProtoReader of(ByteSource source) {
    return new ProtoReader(source, 0, source.size());
  }

  /** Bytes from the start of the file to the value of the current field. */
  long valueStart() {
    return valueStart;
  }

  /** The number of bytes of the current field's value. */
  long valueLength() {
    return valueEnd - valueStart;
  }

  /** Bytes from the start of the file to the start of the message. */
  long start() {
    return start;
  }

  /** The bytes that are read. */
  ByteSource source() {
    return source;
  }

  /** A reader of the same message, from its start. */
  ProtoReader again() {
    return new ProtoReader(source, start, end);
  }

  /** Goes to the next field. False at the end of the message. */
  boolean next() {
    if (position == end) {
      return false;
    }
    fieldStart = position;
    long tag = readVarint();
    field = (int) (tag >>> 3);
    wireType = (int) (tag & 7);
    if (tag >>> 32 != 0 || field == 0) {
      throw malformed("There is no valid field where one is expected", fieldStart);
    }
    switch (wireType) {
      case VARINT -> {
        valueStart = position;
        readVarint();
      }
      case FIXED64 -> skip(8);
      case FIXED32 -> skip(4);
      case LENGTH_DELIMITED -> skip(readVarint());
      default ->
          throw malformed("Field " + field + " has the unknown wire type " + wireType, fieldStart);
    }
    valueEnd = position;
    return true;
  }

  private void skip(long length) {
    if (length < 0 || length > end - position) {
      throw end == source.size() && length > 0
          ? malformed(
              "The file is truncated or damaged: field "
                  + field
                  + " asks for "
                  + Long.toUnsignedString(length)
                  + " bytes where "
                  + (end - position)
                  + " are left",
              fieldStart)
          : malformed("Field " + field + " reaches beyond its message", fieldStart);
    }
    valueStart = position;
    position += length;
  }

  private long readVarint() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (position == end) {
        throw malformed(
            end == source.size() ? "The file is truncated" : "A message ends within a number",
            position);
      }
      byte next = source.get(position++);
      value |= shift == 63 ? (next & 1L) << 63 : (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw malformed("A number is longer than 10 bytes", position);
  }

  /** The number of the current field. */
  int field() {
    return field;
  }

  /** The wire type of the current field. */
  int wireType() {
    return wireType;
  }

  private void expect(int type) {
    if (wireType != type) {
      throw malformed(
          "Field " + field + " has wire type " + wireType + " where " + type + " is expected",
          fieldStart);
    }
  }

  /** The current field's integer. */
  long varint() {
    expect(VARINT);
    long next = position;
    position = valueStart;
    long value = readVarint();
    position = next;
    return value;
  }

  /** The current field's integer, cut to 32 bits as protobuf does. */
  int int32() {
    return (int) varint();
  }

  /** The current field's float. */
  float float32() {
    expect(FIXED32);
    return Float.intBitsToFloat(buffer().getInt(0));
  }

  /** The current field's message. */
  ProtoReader message() {
    expect(LENGTH_DELIMITED);
    return new ProtoReader(source, valueStart, valueEnd);
  }

  /** The bytes of the current field, not copied. */
  ByteBuffer bytes() {
    expect(LENGTH_DELIMITED);
    return buffer();
  }

  private ByteBuffer buffer() {
    try {
      return source.slice(valueStart, valueLength()).order(ByteOrder.LITTLE_ENDIAN);
    } catch (IllegalArgumentException error) {
      throw malformed("Field " + field + " is too large", fieldStart);
    }
  }

  /** The current field as a name: strictly UTF-8, so that different names stay different. */
  String name() {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(bytes())
          .toString();
    } catch (CharacterCodingException error) {
      throw malformed("A name is not valid UTF-8", fieldStart);
    }
  }

  /** The current field as text; bytes that are not UTF-8 are replaced. */
  String text() {
    return StandardCharsets.UTF_8.decode(bytes()).toString();
  }

  /** Takes the elements of a repeated field, whether packed or single. */
  void forEach(int elementWireType, ElementSink sink) {
    if (wireType == elementWireType) {
      sink.accept(elementWireType == VARINT ? varint() : fixed(buffer(), 0, elementWireType));
      return;
    }
    expect(LENGTH_DELIMITED);
    if (elementWireType == VARINT) {
      ProtoReader elements = message();
      while (elements.position < elements.end) {
        sink.accept(elements.readVarint());
      }
      return;
    }
    int width = elementWireType == FIXED32 ? 4 : 8;
    if (valueLength() % width != 0) {
      throw malformed("A list of numbers ends within one", valueStart);
    }
    ByteBuffer elements = buffer();
    for (int at = 0; at < elements.capacity(); at += width) {
      sink.accept(fixed(elements, at, elementWireType));
    }
  }

  private static long fixed(ByteBuffer bytes, int at, int type) {
    return type == FIXED32 ? bytes.getInt(at) : bytes.getLong(at);
  }

  /** Takes elements as 64 bits: integers sign-extended, floats by their bits. */
  @FunctionalInterface
  interface ElementSink {
    /** Takes the next element. */
    void accept(long bits);
  }

  /** An error at the current field. */
  MalformedModelException malformed(String message) {
    return malformed(message, fieldStart);
  }

  private static MalformedModelException malformed(String message, long offset) {
    return new MalformedModelException(message, offset);
  }
}
