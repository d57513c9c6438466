package dev.tinytitan.onnx;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code TensorProto}: raw bytes, typed fields or external data, of every dtype. Raw bytes of
 * a mapped file stay where they are.
 */
final class TensorDecoder {
  /** Mapped tensors of fewer bytes are copied: a window would cost more than the array. */
  private static final int COPY_BELOW = 1024;

  /** No real tensor has more dimensions; NumPy's limit too. */
  private static final int MAX_RANK = 64;

  private static final int NAME = 8;
  private static final int RAW_DATA = 9;

  private final ExternalFiles files;

  TensorDecoder(ExternalFiles files) {
    this.files = files;
  }

  /** A tensor with the name it has in the file, which may be empty. */
  record Named(String name, Tensor tensor) {}

  /** What a tensor's message says beside its elements. */
  private static final class Header {
    String name = "";
    DType dtype = DType.FLOAT32;
    boolean hasDtype;
    final List<Long> dims = new ArrayList<>();
    @Nullable ByteBuffer raw;
    boolean isExternal;
    final Map<String, String> external = new LinkedHashMap<>();
  }

  /**
   * Reads a tensor.
   *
   * @throws MalformedModelException if dtype, dimensions and data do not agree
   */
  Named decode(ProtoReader message) {
    Header header = header(message);
    if (!header.hasDtype) {
      throw new MalformedModelException(
          "Tensor '" + header.name + "' has no element type", message.start());
    }
    Shape shape = shape(header, message);
    return new Named(header.name, elements(header, shape, message));
  }

  private static Header header(ProtoReader message) {
    Header header = new Header();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> message.forEach(ProtoReader.VARINT, new DimSink(header, message));
        case 2 -> {
          int number = message.int32();
          Optional<DType> dtype = DType.ofOnnxNumber(number);
          if (dtype.isEmpty()) {
            throw message.malformed("A tensor has the unknown element type " + number);
          }
          header.dtype = dtype.get();
          header.hasDtype = true;
        }
        // Sequences and optionals have their elements in field 3.
        case 3 -> throw message.malformed("A tensor in segments is not supported");
        case NAME -> header.name = message.name();
        case RAW_DATA -> header.raw = message.bytes();
        case 13 -> entry(message.message(), header.external);
        case 14 -> header.isExternal = message.int32() == 1;
        default -> {}
      }
    }
    return header;
  }

  /** Collects dimensions. A class, as few lambdas are on the way to a first answer. */
  private record DimSink(Header header, ProtoReader message) implements ProtoReader.ElementSink {
    @Override
    public void accept(long dim) {
      if (header.dims.size() == MAX_RANK) {
        throw message.malformed("A tensor has more than " + MAX_RANK + " dimensions");
      }
      header.dims.add(dim);
    }
  }

  /** Adds a key and its value. */
  static void entry(ProtoReader message, Map<String, String> entries) {
    String key = "";
    String value = "";
    while (message.next()) {
      switch (message.field()) {
        case 1 -> key = message.text();
        case 2 -> value = message.text();
        default -> {}
      }
    }
    entries.put(key, value);
  }

  private static Shape shape(Header header, ProtoReader message) {
    try {
      long[] dims = new long[header.dims.size()];
      for (int i = 0; i < dims.length; i++) {
        dims[i] = header.dims.get(i);
      }
      return Shape.of(dims);
    } catch (IllegalArgumentException error) {
      throw new MalformedModelException(
          "Tensor '" + header.name + "' has an impossible shape: " + error.getMessage(),
          message.start());
    }
  }

  private Tensor elements(Header header, Shape shape, ProtoReader message) {
    if (header.isExternal || header.raw != null) {
      if (header.dtype == DType.STRING) {
        throw new MalformedModelException(
            "String tensor '" + header.name + "' has raw bytes, which strings cannot have",
            message.start());
      }
      return header.isExternal
          ? external(header, shape, message)
          : raw(header, shape, header.raw, message.source().isMapped(), message);
    }
    return header.dtype == DType.STRING
        ? strings(header, shape, message)
        : typed(header, shape, message);
  }

  private static Tensor raw(
      Header header,
      Shape shape,
      @Nullable ByteBuffer bytes,
      boolean isMapped,
      ProtoReader message) {
    long needed = header.dtype.byteSize(shape.size());
    long given = bytes == null ? 0 : bytes.remaining();
    if (bytes == null || given != needed) {
      throw wrongSize(header, shape, needed + " bytes", given, message);
    }
    Tensor tensor = Tensor.mapped(header.dtype, shape, bytes);
    return isMapped && needed >= COPY_BELOW ? tensor : tensor.copy();
  }

  private Tensor external(Header header, Shape shape, ProtoReader message) {
    String where = "the external data of tensor '" + header.name + "'";
    ByteSource data = files.open(header.external.getOrDefault("location", ""), where);
    long offset = number(header, "offset", 0, message);
    long needed = header.dtype.byteSize(shape.size());
    long length = number(header, "length", needed, message);
    if (length != needed) {
      throw wrongSize(header, shape, needed + " bytes", length, message);
    }
    if (offset > data.size() || length > data.size() - offset) {
      throw new MalformedModelException(
          "Tensor '"
              + header.name
              + "' lies at bytes "
              + offset
              + " to "
              + (offset + length)
              + " of '"
              + header.external.get("location")
              + "', which has only "
              + data.size()
              + " bytes; the file may be truncated",
          message.start());
    }
    try {
      return raw(header, shape, data.slice(offset, length), data.isMapped(), message);
    } catch (IllegalArgumentException error) {
      throw new MalformedModelException(
          "Tensor '" + header.name + "' is too large: " + error.getMessage(), message.start());
    }
  }

  private static long number(Header header, String key, long absent, ProtoReader message) {
    String text = header.external.get(key);
    if (text == null) {
      return absent;
    }
    try {
      long number = Long.parseLong(text.strip());
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException error) {
      // Reported below, as a negative number is.
    }
    throw new MalformedModelException(
        "The external data of tensor '"
            + header.name
            + "' has the "
            + key
            + " '"
            + text
            + "', which is not a number of bytes",
        message.start());
  }

  private static MalformedModelException wrongSize(
      Header header, Shape shape, String needed, long given, ProtoReader message) {
    return new MalformedModelException(
        "Tensor '"
            + header.name
            + "' of "
            + header.dtype
            + " "
            + shape
            + " takes "
            + needed
            + ", but the file gives "
            + given,
        message.start());
  }

  private static Tensor strings(Header header, Shape shape, ProtoReader message) {
    List<String> values = new ArrayList<>();
    ProtoReader again = message.again();
    while (again.next()) {
      if (again.field() == 6) {
        values.add(again.text());
      }
    }
    if (values.size() != shape.size()) {
      throw wrongSize(header, shape, shape.size() + " strings", values.size(), message);
    }
    return Tensor.over(DType.STRING, shape, values.toArray(new String[0]));
  }

  /** Reads a typed field: counted first, so that no more is allocated than the file has. */
  private static Tensor typed(Header header, Shape shape, ProtoReader message) {
    DType dtype = header.dtype;
    int field = typedField(dtype);
    int wire =
        switch (field) {
          case 4 -> ProtoReader.FIXED32;
          case 10 -> ProtoReader.FIXED64;
          default -> ProtoReader.VARINT;
        };
    long[] counted = new long[1];
    read(message.again(), field, wire, bits -> counted[0]++);
    long needed =
        switch (dtype) {
          case COMPLEX64, COMPLEX128 -> 2L * shape.size();
          default -> dtype.bits() < 8 ? dtype.byteSize(shape.size()) : shape.size();
        };
    if (counted[0] != needed) {
      throw wrongSize(header, shape, needed + " numbers", counted[0], message);
    }
    Tensor tensor = Tensor.zeros(dtype, shape);
    read(message.again(), field, wire, filler(tensor));
    return tensor;
  }

  private static void read(ProtoReader message, int field, int wire, ProtoReader.ElementSink sink) {
    while (message.next()) {
      if (message.field() == field) {
        message.forEach(wire, sink);
      }
    }
  }

  /** The field of {@code TensorProto} that holds elements of a dtype. */
  private static int typedField(DType dtype) {
    return switch (dtype) {
      case FLOAT32, COMPLEX64 -> 4;
      case INT64 -> 7;
      case FLOAT64, COMPLEX128 -> 10;
      case UINT32, UINT64 -> 11;
      default -> 5;
    };
  }

  private static ProtoReader.ElementSink filler(Tensor tensor) {
    int[] next = new int[1];
    return switch (tensor.array()) {
      case float[] floats -> bits -> floats[next[0]++] = Float.intBitsToFloat((int) bits);
      case double[] doubles -> bits -> doubles[next[0]++] = Double.longBitsToDouble(bits);
      case long[] longs -> bits -> longs[next[0]++] = bits;
      case int[] ints -> bits -> ints[next[0]++] = (int) bits;
      case short[] shorts -> bits -> shorts[next[0]++] = (short) bits;
      case byte[] bytes -> bits -> bytes[next[0]++] = (byte) bits;
      case null, default -> throw new IllegalStateException("no array under " + tensor.dtype());
    };
  }
}
