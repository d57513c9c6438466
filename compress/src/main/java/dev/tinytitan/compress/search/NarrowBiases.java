package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.quantize.Int8Biases;

/** Stores biases in 8 bits; see {@link Int8Biases}. Taken behind {@link Cluster}. */
public record NarrowBiases() implements Step {
  @Override
  public String kind() {
    return "narrow-biases";
  }

  @Override
  public String label() {
    return "narrow biases";
  }

  @Override
  public String words() {
    return "store biases in 8 bits";
  }

  @Override
  public Model apply(Model model, StepContext context) {
    return Int8Biases.of(model);
  }
}
