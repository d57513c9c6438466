package dev.tinytitan.onnx;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Documentation;
import dev.tinytitan.ir.OpaqueType;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.ir.ValueType;
import dev.tinytitan.tensor.DType;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@code ValueInfoProto} and {@code TypeProto}. */
final class TypeDecoder {
  private TypeDecoder() {}

  /** Reads a named value with its declared type. */
  static Value value(ProtoReader message) {
    String name = "";
    ValueType type = null;
    String doc = "";
    Map<String, String> properties = new LinkedHashMap<>();
    while (message.next()) {
      switch (message.field()) {
        case 1 -> name = message.name();
        case 2 -> type = type(message);
        case 3 -> doc = message.text();
        case 4 -> TensorDecoder.entry(message.message(), properties);
        default -> {}
      }
    }
    return new Value(name, type, new Documentation(doc, properties));
  }

  /** Reads the type in the current field; null if nothing is said. */
  static @Nullable ValueType type(ProtoReader holder) {
    String encoded = StandardCharsets.ISO_8859_1.decode(holder.bytes()).toString();
    ProtoReader message = holder.message();
    ValueType type = null;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> type = tensor(message.message(), encoded);
        case 4 -> type = new OpaqueType("sequence", encoded);
        case 5 -> type = new OpaqueType("map", encoded);
        case 7 -> type = new OpaqueType("unknown", encoded);
        case 8 -> type = new OpaqueType("sparse_tensor", encoded);
        case 9 -> type = new OpaqueType("optional", encoded);
        default -> {}
      }
    }
    return type;
  }

  private static ValueType tensor(ProtoReader message, String encoded) {
    Optional<DType> dtype = Optional.empty();
    List<Dim> dims = null;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> dtype = DType.ofOnnxNumber(message.int32());
        case 2 -> dims = dims(message.message());
        default -> {}
      }
    }
    return dtype.isPresent()
        ? new TensorType(dtype.get(), dims)
        : new OpaqueType("unknown", encoded);
  }

  private static List<Dim> dims(ProtoReader shape) {
    List<Dim> dims = new ArrayList<>();
    while (shape.next()) {
      if (shape.field() == 1) {
        dims.add(dim(shape.message()));
      }
    }
    return dims;
  }

  /** A negative number stands for an unknown size: older exporters write -1. */
  private static Dim dim(ProtoReader message) {
    Dim dim = Dim.UNKNOWN;
    while (message.next()) {
      switch (message.field()) {
        case 1 -> {
          long size = message.varint();
          if (size > Integer.MAX_VALUE) {
            throw message.malformed("A dimension of " + size + " is too large");
          }
          dim = size < 0 ? Dim.UNKNOWN : Dim.of((int) size);
        }
        case 2 -> {
          String name = message.name();
          dim = name.isEmpty() ? Dim.UNKNOWN : new Dim.Symbol(name);
        }
        default -> {}
      }
    }
    return dim;
  }
}
