package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The arrays of an npz file by their names.
 *
 * @param file where they come from
 * @param arrays all of them
 */
record NpzArrays(Path file, Map<String, Tensor> arrays) {

  /** Reads a file. */
  static NpzArrays read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new BadDataException("There is no file " + file);
    }
    return new NpzArrays(file, Npz.read(file));
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

  /** An array as float32, of so many elements for each sample. */
  float[] floats(String name, int samples, int each) {
    float[] values = get(name).toFloatArray();
    if (values.length != (long) samples * each) {
      throw new BadDataException(
          file
              + ": array '"
              + name
              + "' has "
              + values.length
              + " elements, but "
              + samples
              + " samples have "
              + each
              + " each.");
    }
    return values;
  }

  /** An array as integers, one for each sample. */
  long[] longs(String name, int samples) {
    long[] values = get(name).toLongArray();
    if (values.length != samples) {
      throw new BadDataException(
          file
              + ": array '"
              + name
              + "' has "
              + values.length
              + " elements for "
              + samples
              + " samples.");
    }
    return values;
  }

  /** The classes, array {@code y}, from 0 on. */
  long[] classes(int known) {
    long[] classes = get("y").toLongArray();
    for (int i = 0; i < classes.length; i++) {
      if (classes[i] < 0 || classes[i] >= known) {
        throw new BadDataException(
            file + ": sample " + i + " is of class " + classes[i] + "; there are " + known + ".");
      }
    }
    if (classes.length == 0) {
      throw new BadDataException(file + " holds no samples.");
    }
    return classes;
  }
}
