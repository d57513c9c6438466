package dev.tinytitan.train;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Map;

/** How good a model is on data: the inference form of it, as it will be used. */
public final class Evaluation {
  private static final int BATCH = 128;

  private Evaluation() {}

  /**
   * Accuracy from 0 to 1 for classes (the greatest output is the answer), else the root of the mean
   * squared error.
   *
   * @param model has one input, whose first dimension is the batch
   */
  public static double score(Model model, TrainingData data, SessionOptions options) {
    String input = model.inputs().getFirst().name();
    TensorType type = model.inputs().getFirst().tensorType();
    double sum = 0;
    long count = 0;
    try (Session session = model.open(options)) {
      for (int from = 0; from < data.size(); from += BATCH) {
        int size = Math.min(BATCH, data.size() - from);
        int[] dims = type.knownDims().stream().mapToInt(d -> d.isFixed() ? d.size() : 1).toArray();
        dims[0] = size;
        float[] samples =
            Arrays.copyOfRange(
                data.samples(), from * data.sampleSize(), (from + size) * data.sampleSize());
        Tensor batch = Tensor.of(samples, Shape.of(dims).toArray());
        Tensor output = session.run(Map.of(input, batch)).values().iterator().next();
        float[] values = output.toFloatArray();
        int each = values.length / size;
        for (int i = 0; i < size; i++) {
          if (data.hasClasses()) {
            sum += greatest(values, i * each, each) == data.classes()[from + i] ? 1 : 0;
            count++;
          } else {
            for (int j = 0; j < each; j++) {
              double off = values[i * each + j] - data.targets()[(from + i) * each + j];
              sum += off * off;
            }
            count += each;
          }
        }
      }
    }
    return data.hasClasses() ? sum / count : Math.sqrt(sum / count);
  }

  private static int greatest(float[] values, int from, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (values[from + i] > values[from + best]) {
        best = i;
      }
    }
    return best;
  }
}
