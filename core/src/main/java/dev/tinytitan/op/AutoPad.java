package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;

/** How a window's padding is found. The names are those of ONNX's {@code auto_pad} attribute. */
public enum AutoPad {
  /** The padding is given. */
  NOTSET,
  /** No padding: the window stays inside. */
  VALID,
  /** As much as {@code ceil(input / stride)} outputs take, the odd one at the end. */
  SAME_UPPER,
  /** As much as {@code ceil(input / stride)} outputs take, the odd one at the beginning. */
  SAME_LOWER;

  /** Reads {@code auto_pad}. */
  static AutoPad decode(Attributes attributes) {
    String name = attributes.getText("auto_pad", "NOTSET");
    for (AutoPad value : values()) {
      if (value.name().equals(name)) {
        return value;
      }
    }
    throw Shapes.badAttribute("auto_pad", name);
  }

  /** True for the two that keep {@code ceil(input / stride)} outputs. */
  public boolean isSame() {
    return this == SAME_UPPER || this == SAME_LOWER;
  }

  /** How much of {@code total} padding lies at the beginning. */
  int begin(int total) {
    return this == SAME_LOWER ? total - total / 2 : total / 2;
  }
}
