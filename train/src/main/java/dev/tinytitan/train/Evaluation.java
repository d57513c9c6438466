package dev.tinytitan.train;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;

/** How good a model is on data: the inference form of it, as it will be used. */
public final class Evaluation {
  private Evaluation() {}

  /**
   * Accuracy from 0 to 1 for classes (the greatest output is the answer), else the root of the mean
   * squared error.
   *
   * @param model the first dimension of its inputs is the batch; its first output is judged
   */
  public static double score(Model model, TrainingData data, SessionOptions options) {
    try (BatchedSession session = new BatchedSession(model, options)) {
      return score(session.predictions(data.samples(), data.size()), data);
    }
  }

  /**
   * The same for predictions that are known.
   *
   * @param predictions for all samples, one after the other
   * @throws BadDataException if targets are of another size
   */
  public static double score(float[] predictions, TrainingData data) {
    if (!data.hasClasses()) {
      if (predictions.length != data.targets().length) {
        throw new BadDataException(
            "A target has "
                + data.targets().length / data.size()
                + (data.targets().length == data.size() ? " element" : " elements")
                + ", but the model gives "
                + predictions.length / data.size()
                + " for each sample.");
      }
      double squares = 0;
      for (int i = 0; i < predictions.length; i++) {
        double off = predictions[i] - data.targets()[i];
        squares += off * off;
      }
      return Math.sqrt(squares / predictions.length);
    }
    int[] classes = classes(predictions, data.size());
    long right = 0;
    for (int i = 0; i < classes.length; i++) {
      right += classes[i] == data.classes()[i] ? 1 : 0;
    }
    return (double) right / classes.length;
  }

  /**
   * For each sample, the place of its greatest number; the first of equal ones.
   *
   * @param predictions for all samples, one after the other
   * @param samples how many there are
   */
  public static int[] classes(float[] predictions, int samples) {
    int each = predictions.length / samples;
    int[] classes = new int[samples];
    for (int i = 0; i < samples; i++) {
      for (int j = 1; j < each; j++) {
        if (predictions[i * each + j] > predictions[i * each + classes[i]]) {
          classes[i] = j;
        }
      }
    }
    return classes;
  }
}
