package dev.tinytitan.compress;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.TrainingData;

/** Samples in the form that trainers take. */
public final class TrainingSamples {
  private TrainingSamples() {}

  /**
   * Reads samples of classes into memory.
   *
   * @throws BadDataException if there are none, they have several inputs, no labels, differ in
   *     size, or hold numbers that are not finite
   */
  public static TrainingData of(Samples source) {
    int size = source.size();
    if (size == 0) {
      throw new BadDataException("There are no samples to train with.");
    }
    int each = input(source, 0).size();
    float[] samples = new float[Math.multiplyExact(size, each)];
    int[] classes = new int[size];
    for (int i = 0; i < size; i++) {
      Tensor tensor = input(source, i);
      if (tensor.size() != each) {
        throw new BadDataException(
            "Sample "
                + i
                + " has "
                + tensor.size()
                + " elements and the first one "
                + each
                + ": training takes samples of one size.");
      }
      for (int j = 0; j < each; j++) {
        float value = tensor.getFloat(j);
        if (!Float.isFinite(value)) {
          throw new BadDataException(
              "Sample " + i + ", element " + j + " is " + value + ": take it out, or repair it.");
        }
        samples[i * each + j] = value;
      }
      int number = i;
      classes[i] =
          source
              .get(i)
              .label()
              .orElseThrow(() ->
                  new BadDataException("Training needs labels; sample " + number + " has none."));
    }
    return new TrainingData(size, samples, each, classes, new float[0]);
  }

  private static Tensor input(Samples source, int index) {
    Sample sample = source.get(index);
    Tensor tensor = sample.inputs().values().iterator().next();
    if (sample.inputs().size() != 1 || tensor.dtype() != DType.FLOAT32) {
      throw new BadDataException("Models are trained that have one input of float32.");
    }
    return tensor;
  }
}
