package dev.tinytitan.compress.quantize;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Chooses one form for each layer, so that the sum of errors is least and the sum of bytes within a
 * budget: the knapsack problem with a choice for each item, by dynamic programming over bytes.
 */
final class BitAllocation {
  /** Budgets are counted in so many parts at most; layers are rounded up to whole parts. */
  private static final int MOST_PARTS = 200_000;

  private BitAllocation() {}

  /**
   * A form that a layer may take.
   *
   * @param bytes what it takes
   * @param error what it adds to the error of the model's outputs; 0 or more
   */
  record Form(int bits, long bytes, double error) {}

  /**
   * The forms chosen, in the order of the layers.
   *
   * @param layers the forms of each layer, at least one
   * @param budget bytes that all together may take
   * @return empty if not even the smallest forms are within the budget
   */
  static Optional<List<Form>> choose(List<List<Form>> layers, long budget) {
    long part = Math.max(1, Math.ceilDiv(budget, (long) MOST_PARTS));
    int parts = (int) Math.max(-1, Math.floorDiv(budget, part));
    double[] least = new double[parts + 1];
    int[][] choices = new int[layers.size()][parts + 1];
    for (int layer = 0; layer < layers.size(); layer++) {
      double[] with = new double[parts + 1];
      Arrays.fill(with, Double.POSITIVE_INFINITY);
      List<Form> forms = layers.get(layer);
      for (int form = 0; form < forms.size(); form++) {
        long size = Math.ceilDiv(forms.get(form).bytes(), part);
        for (int used = (int) Math.min(size, parts + 1); used <= parts; used++) {
          double error = least[(int) (used - size)] + forms.get(form).error();
          if (error < with[used]) {
            with[used] = error;
            choices[layer][used] = form;
          }
        }
      }
      least = with;
    }
    if (parts < 0 || least[parts] == Double.POSITIVE_INFINITY) {
      return Optional.empty();
    }
    List<Form> chosen = new ArrayList<>();
    int left = parts;
    for (int layer = layers.size() - 1; layer >= 0; layer--) {
      Form form = layers.get(layer).get(choices[layer][left]);
      chosen.add(form);
      left -= (int) Math.ceilDiv(form.bytes(), part);
    }
    return Optional.of(chosen.reversed());
  }
}
