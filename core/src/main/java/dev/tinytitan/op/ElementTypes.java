package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.NarrowFloat;
import org.jspecify.annotations.Nullable;

/** Element types as attributes, and rounding to them. */
final class ElementTypes {
  private ElementTypes() {}

  /**
   * The element type that an attribute names by ONNX's number.
   *
   * @return null if the attribute is absent or 0
   * @throws dev.tinytitan.MalformedModelException if there is no such type
   */
  static @Nullable DType optional(Attributes attributes, String name) {
    int number = attributes.getInt(name, 0);
    if (number == 0) {
      return null;
    }
    return DType.ofOnnxNumber(number).orElseThrow(() -> Shapes.badAttribute(name, number));
  }

  /** As {@link #optional}, with a default. */
  static DType get(Attributes attributes, String name, DType absent) {
    DType dtype = optional(attributes, name);
    return dtype == null ? absent : dtype;
  }

  /** The opset that brought the type into casting and quantization; 1 for the oldest types. */
  static int oldestOpset(@Nullable DType dtype) {
    if (dtype == null) {
      return 1;
    }
    return switch (dtype) {
      case BFLOAT16 -> 13;
      case FLOAT8E4M3FN, FLOAT8E4M3FNUZ, FLOAT8E5M2, FLOAT8E5M2FNUZ -> 19;
      case INT4, UINT4 -> 21;
      case FLOAT4E2M1 -> 23;
      case FLOAT8E8M0 -> 24;
      case INT2, UINT2 -> 25;
      default -> 1;
    };
  }

  /** The value rounded to a floating-point type of 16 bits or more. */
  static double round(double value, DType dtype) {
    return switch (dtype) {
      case FLOAT64 -> value;
      case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16((float) value));
      case BFLOAT16 -> NarrowFloat.fromBfloat16(NarrowFloat.toBfloat16((float) value));
      default -> (float) value;
    };
  }
}
