package dev.tinytitan.compress;

import dev.tinytitan.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * One run's worth of input, with the right answer where it is known.
 *
 * @param inputs a tensor for each input of the model, by name, batch dimension included; not to be
 *     changed
 * @param label the index of the right class, for accuracy
 */
public record Sample(Map<String, Tensor> inputs, OptionalInt label) {

  public Sample {
    inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
  }

  /** A sample without a label. */
  public static Sample of(Map<String, Tensor> inputs) {
    return new Sample(inputs, OptionalInt.empty());
  }

  /** A sample whose right class is known. */
  public static Sample of(Map<String, Tensor> inputs, int label) {
    return new Sample(inputs, OptionalInt.of(label));
  }
}
