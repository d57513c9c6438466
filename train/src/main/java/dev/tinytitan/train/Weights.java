package dev.tinytitan.train;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** The learned arrays of a model, by initializer. */
final class Weights {
  private final Map<String, float[]> arrays;

  Weights(Map<String, float[]> arrays) {
    this.arrays = arrays;
  }

  Map<String, float[]> arrays() {
    return arrays;
  }

  float[] get(String name) {
    float[] array = arrays.get(name);
    if (array == null) {
      throw new IllegalArgumentException("no weights are called " + name);
    }
    return array;
  }

  /** A copy that training does not touch. */
  Weights copy() {
    Map<String, float[]> copies = new LinkedHashMap<>();
    arrays.forEach((name, array) -> copies.put(name, array.clone()));
    return new Weights(copies);
  }

  /** Takes over the numbers of others of the same sizes. */
  void set(Weights others) {
    arrays.forEach((name, array) -> System.arraycopy(others.get(name), 0, array, 0, array.length));
  }

  /** Moves each number towards another's: {@code this = keep * this + (1 - keep) * other}. */
  void approach(Weights others, float keep) {
    arrays.forEach((name, array) -> {
      float[] other = others.get(name);
      for (int i = 0; i < array.length; i++) {
        array[i] = keep * array[i] + (1 - keep) * other[i];
      }
    });
  }

  /** Sets to zero what masks say, by name: 0 for an element that is zero, 1 for the others. */
  void mask(Map<String, float[]> keep) {
    keep.forEach((name, mask) -> {
      float[] array = get(name);
      for (int i = 0; i < mask.length; i++) {
        // Not a product: what is infinite is to become zero, too.
        array[i] = mask[i] == 0 ? 0 : array[i];
      }
    });
  }

  /** The model with copies of these in place of its own; those that it has not are left out. */
  Model in(Model model) {
    Graph graph = model.graph();
    Map<String, Tensor> initializers = new LinkedHashMap<>(graph.initializers());
    initializers.replaceAll((name, tensor) -> {
      float[] array = arrays.get(name);
      Shape shape = tensor.shape();
      return array == null
          ? tensor
          : Tensor.of(Arrays.copyOf(array, shape.size()), shape.toArray());
    });
    return Model.of(graph.toBuilder().initializers(initializers).build(), model.info());
  }
}
