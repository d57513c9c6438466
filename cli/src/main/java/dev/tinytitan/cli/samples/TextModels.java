package dev.tinytitan.cli.samples;

import dev.tinytitan.Model;
import dev.tinytitan.ir.TensorType;

/** Tells encoders of texts from other models. */
public final class TextModels {
  /** The input that is 1 for tokens and 0 for padding. */
  public static final String MASK = "attention_mask";

  private TextModels() {}

  /** True if the model gives a vector for each token of masked texts. */
  public static boolean isEncoder(Model model) {
    return model.graph().input(MASK).isPresent()
        && model.outputs().get(0).type() instanceof TensorType type
        && type.hasRank()
        && type.rank() == 3;
  }
}
