package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import java.util.Locale;

/** What becomes of the losses of single samples. */
public enum LossReduction {
  /** They stay as they are. */
  NONE,
  /** Their sum divided by the sum of their weights. */
  MEAN,
  /** Their sum. */
  SUM;

  /** The attribute {@code reduction}. */
  static LossReduction of(Attributes attributes) {
    String text = attributes.getText("reduction", MEAN.text());
    for (LossReduction reduction : values()) {
      if (reduction.text().equals(text)) {
        return reduction;
      }
    }
    throw Shapes.badAttribute("reduction", text);
  }

  /** As ONNX writes it. */
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
