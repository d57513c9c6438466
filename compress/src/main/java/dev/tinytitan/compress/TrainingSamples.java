package dev.tinytitan.compress;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.TrainingData;

/** Samples in the form that trainers take. */
public final class TrainingSamples {
  private TrainingSamples() {}

  /**
   * Reads samples into memory, with their classes, or with their targets where they have none.
   *
   * @throws BadDataException if there are none, they have several inputs, no labels, differ in
   *     size, or hold numbers that are not finite
   */
  public static TrainingData of(Samples source) {
    return of(source, true);
  }

  /**
   * Reads samples into memory without their labels, for training that has another teacher.
   *
   * @throws BadDataException as {@link #of(Samples)}, labels aside
   */
  public static TrainingData unlabelled(Samples source) {
    return of(source, false);
  }

  private static TrainingData of(Samples source, boolean answered) {
    int size = source.size();
    if (size == 0) {
      throw new BadDataException("There are no samples to train with.");
    }
    int targetSize = answered ? source.get(0).target().map(Tensor::size).orElse(0) : 0;
    boolean labelled = answered && targetSize == 0;
    float[] targets = new float[Math.multiplyExact(size, targetSize)];
    int each = input(source, 0).size();
    float[] samples = new float[Math.multiplyExact(size, each)];
    int[] classes = new int[labelled ? size : 0];
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
      if (labelled) {
        classes[i] = label(source, i);
      } else if (answered) {
        System.arraycopy(target(source, i, targetSize), 0, targets, i * targetSize, targetSize);
      }
    }
    return new TrainingData(size, samples, each, classes, targets);
  }

  private static float[] target(Samples source, int index, int size) {
    float[] values = source.get(index).target().map(Tensor::toFloatArray).orElse(new float[0]);
    if (values.length != size) {
      throw new BadDataException(
          "Sample "
              + index
              + " has "
              + values.length
              + " target values, and the first one "
              + size
              + ": training takes as many for each.");
    }
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new BadDataException("The target of sample " + index + " is " + value + ".");
      }
    }
    return values;
  }

  private static int label(Samples source, int index) {
    return source
        .get(index)
        .label()
        .orElseThrow(
            () -> new BadDataException("Training needs labels; sample " + index + " has none."));
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
