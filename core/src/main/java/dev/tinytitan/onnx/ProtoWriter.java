package dev.tinytitan.onnx;

import dev.tinytitan.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects the fields of one protobuf message. Large tensors are kept by reference and written out
 * one by one at the end, so that mapped weights never enter the heap. Not thread-safe.
 */
final class ProtoWriter {
  /** Tensors of fewer bytes are copied at once: a reference would cost more. */
  private static final int COPY_BELOW = 256;

  private static final int CHUNK = 1 << 16;

  /** A part of the message: bytes, or a tensor's elements. */
  private sealed interface Segment {}

  private record Bytes(ByteArrayOutputStream bytes) implements Segment {}

  private record Elements(Tensor tensor) implements Segment {}

  private final List<Segment> segments = new ArrayList<>();
  private ByteArrayOutputStream open = new ByteArrayOutputStream(64);
  private long closedSize;

  private void tag(int field, int wireType) {
    rawVarint(((long) field << 3) | wireType);
  }

  private void rawVarint(long value) {
    long rest = value;
    while ((rest & ~0x7FL) != 0) {
      open.write((int) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    open.write((int) rest);
  }

  /** Adds an integer. */
  ProtoWriter varint(int field, long value) {
    tag(field, ProtoReader.VARINT);
    rawVarint(value);
    return this;
  }

  /** Adds a float. */
  ProtoWriter float32(int field, float value) {
    tag(field, ProtoReader.FIXED32);
    rawFloat32(value);
    return this;
  }

  private void rawFloat32(float value) {
    int bits = Float.floatToRawIntBits(value);
    for (int shift = 0; shift < 32; shift += 8) {
      open.write(bits >>> shift);
    }
  }

  /** Adds bytes. */
  ProtoWriter bytes(int field, byte[] value) {
    tag(field, ProtoReader.LENGTH_DELIMITED);
    rawVarint(value.length);
    open.writeBytes(value);
    return this;
  }

  /** Adds text. */
  ProtoWriter text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** Adds text unless it is empty. */
  ProtoWriter textIfAny(int field, String value) {
    return value.isEmpty() ? this : text(field, value);
  }

  /** Adds a packed list of integers, unless it is empty. */
  ProtoWriter varints(int field, Iterable<Long> values) {
    ProtoWriter packed = new ProtoWriter();
    values.forEach(packed::rawVarint);
    return packed.size() == 0 ? this : message(field, packed);
  }

  /** Adds a packed list of floats, unless it is empty. */
  ProtoWriter floats(int field, List<Float> values) {
    ProtoWriter packed = new ProtoWriter();
    values.forEach(packed::rawFloat32);
    return packed.size() == 0 ? this : message(field, packed);
  }

  /** Adds a message, which must not change afterwards. */
  ProtoWriter message(int field, ProtoWriter message) {
    tag(field, ProtoReader.LENGTH_DELIMITED);
    rawVarint(message.size());
    if (!message.segments.isEmpty()) {
      close();
      segments.addAll(message.segments);
      closedSize += message.closedSize;
    }
    open.writeBytes(message.open.toByteArray());
    return this;
  }

  /** Adds a tensor's elements as raw bytes; no strings. */
  ProtoWriter elements(int field, Tensor tensor) {
    tag(field, ProtoReader.LENGTH_DELIMITED);
    rawVarint(tensor.byteSize());
    if (tensor.byteSize() < COPY_BELOW) {
      byte[] bytes = new byte[(int) tensor.byteSize()];
      tensor.rawBytes().get(bytes);
      open.writeBytes(bytes);
    } else {
      close();
      segments.add(new Elements(tensor));
      closedSize += tensor.byteSize();
    }
    return this;
  }

  private void close() {
    if (open.size() > 0) {
      segments.add(new Bytes(open));
      closedSize += open.size();
      open = new ByteArrayOutputStream(64);
    }
  }

  /** The bytes so far. */
  long size() {
    return closedSize + open.size();
  }

  /** Where tensors of some size, and what is between them, end; the last is the message's end. */
  List<Long> ends() {
    List<Long> ends = new ArrayList<>();
    long end = 0;
    for (Segment segment : segments) {
      end +=
          switch (segment) {
            case Bytes(ByteArrayOutputStream bytes) -> bytes.size();
            case Elements(Tensor tensor) -> tensor.byteSize();
          };
      ends.add(end);
    }
    if (open.size() > 0) {
      ends.add(size());
    }
    return ends;
  }

  /** Writes the message. */
  void writeTo(OutputStream out) throws IOException {
    for (Segment segment : segments) {
      switch (segment) {
        case Bytes(ByteArrayOutputStream bytes) -> bytes.writeTo(out);
        case Elements(Tensor tensor) -> writeElements(tensor, out);
      }
    }
    open.writeTo(out);
  }

  /** Writes a tensor's elements as raw bytes. */
  static void writeElements(Tensor tensor, OutputStream out) throws IOException {
    ByteBuffer bytes = tensor.rawBytes();
    byte[] chunk = new byte[Math.min(CHUNK, bytes.remaining())];
    while (bytes.hasRemaining()) {
      int length = Math.min(chunk.length, bytes.remaining());
      bytes.get(chunk, 0, length);
      out.write(chunk, 0, length);
    }
  }
}
