package dev.tinytitan.cli.samples;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.SampleCheck;
import dev.tinytitan.data.Split;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.TrainingData;
import java.util.Arrays;
import java.util.Optional;

/**
 * Data in the form that a model takes, to train with.
 *
 * @param all the samples, with targets where the data have any
 * @param shape of a sample without the batch; of several inputs that lie end to end, one dimension
 */
public record TrainingSamples(TrainingData all, Shape shape) {

  /**
   * Reads all samples into memory.
   *
   * @throws BadDataException if samples differ in size, or numbers are not finite
   */
  public static TrainingSamples of(ModelData data, Model model) {
    int size = data.samples().size();
    if (size == 0) {
      throw new BadDataException("The data hold no samples.");
    }
    Tensor first = input(data.samples().get(0), model.inputs().getFirst());
    int each = elements(data.samples().get(0), model);
    Shape shape =
        model.inputs().size() == 1
            ? Shape.of(Arrays.copyOfRange(first.shape().toArray(), 1, first.shape().rank()))
            : Shape.of(each);
    float[] samples = new float[Math.multiplyExact(size, each)];
    for (int i = 0; i < size; i++) {
      Sample sample = data.samples().get(i);
      if (elements(sample, model) != each) {
        throw new BadDataException(
            "Sample " + i + " is of another size than the first; training needs equal ones.");
      }
      int at = i * each;
      for (Value input : model.inputs()) {
        float[] values = input(sample, input).toFloatArray();
        System.arraycopy(values, 0, samples, at, values.length);
        at += values.length;
      }
    }
    Optional<Tensor> labels = data.targets();
    boolean classes =
        SampleCheck.classifies(model)
            && labels.isPresent()
            && labels.get().dtype().isInteger()
            && labels.get().shape().rank() == 1;
    TrainingData all =
        new TrainingData(
            size,
            samples,
            each,
            classes ? labels.orElseThrow().toIntArray() : new int[0],
            classes || labels.isEmpty() ? new float[0] : labels.get().toFloatArray());
    all.requireFinite();
    return new TrainingSamples(all, shape);
  }

  private static Tensor input(Sample sample, Value input) {
    Tensor tensor = sample.inputs().get(input.name());
    if (tensor == null) {
      throw new BadDataException("The data have nothing for the input '" + input.name() + "'.");
    }
    return tensor;
  }

  private static int elements(Sample sample, Model model) {
    return model.inputs().stream().mapToInt(value -> input(sample, value).size()).sum();
  }

  /** Splits by chance; groups that the data know stay together. */
  public static Split split(ModelData data, double fraction, long seed) {
    long[] groups = new long[data.samples().size()];
    Arrays.setAll(groups, data.samples()::group);
    return Split.of(groups, fraction, seed);
  }
}
