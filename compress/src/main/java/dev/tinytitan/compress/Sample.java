package dev.tinytitan.compress;

import dev.tinytitan.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One run's worth of input, with the right answer where it is known.
 *
 * @param inputs a tensor for each input of the model, by name, batch dimension included; not to be
 *     changed
 * @param label the index of the right class, for accuracy
 * @param target the right values of the first output, where they are no class; not to be changed
 */
public record Sample(Map<String, Tensor> inputs, OptionalInt label, Optional<Tensor> target) {

  public Sample {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
  }

  /** A sample of a class, or of none that is known. */
  public Sample(Map<String, Tensor> inputs, OptionalInt label) {
    this(inputs, label, Optional.empty());
  }

  /** A sample without a label. */
  public static Sample of(Map<String, Tensor> inputs) {
    return new Sample(inputs, OptionalInt.empty());
  }

  /** A sample whose right class is known. */
  public static Sample of(Map<String, Tensor> inputs, int label) {
    return new Sample(inputs, OptionalInt.of(label));
  }

  /** A sample whose right values are known. */
  public static Sample of(Map<String, Tensor> inputs, Tensor target) {
    return new Sample(inputs, OptionalInt.empty(), Optional.of(target));
  }

  /** True if the right answer is known. */
  public boolean isAnswered() {
    return label.isPresent() || target.isPresent();
  }
}
