package dev.tinytitan.op;

import dev.tinytitan.ir.ImportContext;
import java.util.Locale;

/** Enum constants under their ONNX names: their own in lower case. */
final class Labels {
  private Labels() {}

  /** ONNX's name of a constant. */
  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /**
   * The constant that a string attribute names.
   *
   * @param absent the default
   * @throws dev.tinytitan.MalformedModelException if there is none of that name
   */
  static <E extends Enum<E>> E attribute(ImportContext context, String name, E absent) {
    return parse(absent.getDeclaringClass(), name, context.attributes().getText(name, of(absent)));
  }

  /**
   * The constant of this ONNX name.
   *
   * @param attribute the attribute it is the value of, for messages
   * @throws dev.tinytitan.MalformedModelException if there is none
   */
  static <E extends Enum<E>> E parse(Class<E> type, String attribute, String label) {
    for (E constant : type.getEnumConstants()) {
      if (of(constant).equals(label)) {
        return constant;
      }
    }
    throw Shapes.badAttribute(attribute, label);
  }
}
