package dev.tinytitan.edge.learn;

/** Outputs of classifiers as probabilities. */
final class Probabilities {
  private Probabilities() {}

  /** The outputs themselves if they are probabilities, about; else their softmax. */
  static float[] of(float[] outputs) {
    double sum = 0;
    boolean share = true;
    double greatest = Double.NEGATIVE_INFINITY;
    for (float output : outputs) {
      sum += output;
      share &= output >= 0 && output <= 1;
      greatest = Math.max(greatest, output);
    }
    if (share && Math.abs(sum - 1) < 0.05) {
      return outputs;
    }
    float[] result = new float[outputs.length];
    double total = 0;
    for (int i = 0; i < outputs.length; i++) {
      result[i] = (float) Math.exp(outputs[i] - greatest);
      total += result[i];
    }
    for (int i = 0; i < outputs.length; i++) {
      result[i] /= (float) total;
    }
    return result;
  }
}
