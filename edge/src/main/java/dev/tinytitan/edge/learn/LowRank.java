package dev.tinytitan.edge.learn;

import dev.tinytitan.op.Conv;
import org.jspecify.annotations.Nullable;

/** Products of two thin matrices, as they are added to weights. */
final class LowRank {
  private LowRank() {}

  /**
   * Adds a product to weights.
   *
   * @param down weights of the shape of the tensor with {@code rank} output channels
   * @param up for convolutions [outputs, rank], else [rank, outputs]
   * @param values the weights, changed in place
   * @param pruned which weights stay as they are; null for none
   */
  static void add(
      LearnableTensor tensor,
      int rank,
      float[] down,
      float[] up,
      float[] values,
      boolean @Nullable [] pruned) {
    int axis = tensor.outputAxis();
    int outputs = tensor.shape().dim(axis);
    int inner = tensor.shape().strides()[axis];
    boolean isConv = tensor.layer().operator() instanceof Conv;
    for (int i = 0; i < values.length; i++) {
      if (pruned != null && pruned[i]) {
        continue;
      }
      int output = i / inner % outputs;
      int outer = i / (inner * outputs);
      double sum = 0;
      for (int r = 0; r < rank; r++) {
        float wide = isConv ? up[output * rank + r] : up[r * outputs + output];
        sum += (double) wide * down[(outer * rank + r) * inner + i % inner];
      }
      values[i] += (float) sum;
    }
  }
}
