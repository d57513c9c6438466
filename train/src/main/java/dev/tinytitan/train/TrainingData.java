package dev.tinytitan.train;

import dev.tinytitan.BadDataException;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;

/**
 * Samples and targets in memory, as float32. Immutable; the arrays are not copied and must not be
 * written.
 *
 * @param size the number of samples
 * @param samples all samples, one after the other
 * @param sampleSize elements of a sample
 * @param classes the class of each sample; empty if targets are values
 * @param targets the targets of all samples, one after the other; empty if they are classes, or if
 *     there are none
 */
@SuppressWarnings("ArrayRecordComponent") // A whole data set, never compared.
public record TrainingData(
    int size, float[] samples, int sampleSize, int[] classes, float[] targets) {

  /**
   * Reads data into memory.
   *
   * @throws BadDataException if there are no samples, or no labels, or a number is not finite
   */
  public static TrainingData of(Dataset data) {
    Tensor labels =
        data.labels()
            .orElseThrow(
                () -> new BadDataException("The data have no labels; name their array or column."));
    if (data.size() == 0) {
      throw new BadDataException("The data hold no samples.");
    }
    if (data.dtype() == DType.STRING) {
      throw new BadDataException("Texts are not trained on; encode them first.");
    }
    float[] samples = finite(data.samples(0, data.size()), "sample", data.sampleShape().size());
    boolean areClasses = labels.dtype().isInteger() && labels.shape().rank() == 1;
    int[] classes = areClasses ? labels.toIntArray() : new int[0];
    float[] targets =
        areClasses ? new float[0] : finite(labels, "target", labels.size() / data.size());
    return new TrainingData(data.size(), samples, data.sampleShape().size(), classes, targets);
  }

  /**
   * Data without targets, for training by a {@link Guidance} alone.
   *
   * @throws BadDataException if there are no samples, or a number is not finite
   */
  public static TrainingData unlabelled(Dataset data) {
    if (data.size() == 0) {
      throw new BadDataException("The data hold no samples.");
    }
    float[] samples = finite(data.samples(0, data.size()), "sample", data.sampleShape().size());
    return new TrainingData(
        data.size(), samples, data.sampleShape().size(), new int[0], new float[0]);
  }

  /** The same samples without targets. */
  public TrainingData withoutTargets() {
    return new TrainingData(size, samples, sampleSize, new int[0], new float[0]);
  }

  /**
   * Data whose targets are the samples themselves, for autoencoders.
   *
   * @throws BadDataException if there are no samples, or a number is not finite
   */
  public static TrainingData reconstruction(Dataset data) {
    if (data.size() == 0) {
      throw new BadDataException("The data hold no samples.");
    }
    float[] samples = finite(data.samples(0, data.size()), "sample", data.sampleShape().size());
    return new TrainingData(data.size(), samples, data.sampleShape().size(), new int[0], samples);
  }

  private static float[] finite(Tensor tensor, String what, int each) {
    float[] values = tensor.toFloatArray();
    requireFinite(values, what, each);
    return values;
  }

  /**
   * Checks numbers that do not come from a data set.
   *
   * @throws BadDataException if a sample or target is not finite
   */
  public void requireFinite() {
    requireFinite(samples, "sample", sampleSize);
    requireFinite(targets, "target", targets.length / Math.max(1, size));
  }

  private static void requireFinite(float[] values, String what, int each) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new BadDataException(
            "The data hold "
                + values[i]
                + " in "
                + what
                + " "
                + i / Math.max(1, each)
                + "; remove or fill in what is missing.");
      }
    }
  }

  /** True if targets are classes. */
  public boolean hasClasses() {
    return classes.length > 0;
  }

  /** True if there are targets or classes. */
  public boolean hasTargets() {
    return hasClasses() || targets.length > 0;
  }

  /**
   * What standardizes the samples.
   *
   * @param mean of all elements
   * @param deviation their standard deviation; 1 where all are equal
   */
  public record Moments(double mean, double deviation) {}

  /** Mean and standard deviation of all elements of the samples. */
  public Moments moments() {
    double sum = 0;
    double squares = 0;
    for (float value : samples) {
      sum += value;
      squares += (double) value * value;
    }
    double mean = sum / samples.length;
    double deviation = Math.sqrt(Math.max(0, squares / samples.length - mean * mean));
    return new Moments(mean, deviation == 0 ? 1 : deviation);
  }

  /** The samples of these numbers. */
  public TrainingData select(int[] indices) {
    float[] chosen = new float[indices.length * sampleSize];
    int targetSize = targets.length / size;
    int[] chosenClasses = new int[hasClasses() ? indices.length : 0];
    float[] chosenTargets = new float[indices.length * targetSize];
    for (int i = 0; i < indices.length; i++) {
      System.arraycopy(samples, indices[i] * sampleSize, chosen, i * sampleSize, sampleSize);
      System.arraycopy(targets, indices[i] * targetSize, chosenTargets, i * targetSize, targetSize);
      if (hasClasses()) {
        chosenClasses[i] = classes[indices[i]];
      }
    }
    return new TrainingData(indices.length, chosen, sampleSize, chosenClasses, chosenTargets);
  }

  /**
   * Checks that the data fit a model.
   *
   * @param sample the shape of the model's input without the batch
   * @param prediction the shape of its prediction, the batch first
   * @param needsTargets whether there must be targets; where there are some, they must fit
   * @throws BadDataException if they do not; says what does not fit
   */
  void requireFits(Shape sample, Shape prediction, Loss loss, boolean needsTargets) {
    if (sample.size() != sampleSize) {
      throw new BadDataException(
          "A sample has "
              + sampleSize
              + " elements, but the model takes "
              + sample.size()
              + (sample.rank() == 1 ? "." : ": " + sample + "."));
    }
    if (!hasTargets() && !needsTargets) {
      return;
    }
    int outputs = prediction.size() / prediction.dim(0);
    if (!hasClasses()) {
      if (targets.length / size != outputs) {
        throw new BadDataException(
            "A target has "
                + targets.length / size
                + (targets.length == size ? " element" : " elements")
                + ", but the model gives "
                + outputs
                + " for each sample.");
      }
      return;
    }
    if (!loss.takesClasses()) {
      throw new BadDataException(
          "The labels are classes, which the loss " + loss + " has no use for.");
    }
    for (int i = 0; i < size; i++) {
      if (classes[i] < 0 || classes[i] >= prediction.dim(1)) {
        throw new BadDataException(
            "The label of sample "
                + i
                + " is "
                + classes[i]
                + ", but the model knows the classes 0 to "
                + (prediction.dim(1) - 1)
                + ".");
      }
    }
  }
}
