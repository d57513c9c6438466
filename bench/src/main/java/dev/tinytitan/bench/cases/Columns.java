package dev.tinytitan.bench.cases;

import dev.tinytitan.BadDataException;
import dev.tinytitan.data.Npz;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;

/**
 * The arrays of an npz file by their names.
 *
 * @param file where they come from
 * @param arrays all of them
 */
record Columns(Path file, Map<String, Tensor> arrays) {

  /** Reads a file. */
  static Columns read(Path file) {
    return new Columns(file, Npz.read(file));
  }

  /** Whether there is such an array. */
  boolean has(String name) {
    return arrays.containsKey(name);
  }

  /** An array that must be there. */
  Tensor get(String name) {
    Tensor array = arrays.get(name);
    if (array == null) {
      throw new BadDataException(
          file
              + " has no array '"
              + name
              + "'; it has "
              + String.join(", ", arrays.keySet())
              + ".");
    }
    return array;
  }

  /** An array as float32. */
  float[] floats(String name) {
    return get(name).toFloatArray();
  }

  /** An array as integers. */
  int[] ints(String name) {
    return get(name).toIntArray();
  }
}
