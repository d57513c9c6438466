package dev.tinytitan.codegen.chain;

import dev.tinytitan.tensor.Tensor;
import java.util.Random;

/** Patterns of zeros for random weights. */
enum Zeros {
  /** Weights stay as they are. */
  NONE,
  /** Of any kind: single weights, blocks of four along the second dimension, filters, all. */
  SOME;

  private static final int BLOCK = 4;

  /** Sets weights {@code [filter][channel]...} to zero. */
  void takeOut(Tensor weights, Random random) {
    if (this == NONE) {
      return;
    }
    double part = random.nextInt(8) == 0 ? 1 : 0.3 + 0.7 * random.nextDouble();
    boolean single = random.nextInt(3) == 0;
    boolean wholeFilters = random.nextInt(4) == 0;
    int filters = weights.shape().dim(0);
    int channels = weights.shape().dim(1);
    int taps = weights.size() / (filters * channels);
    for (int filter = 0; filter < filters; filter++) {
      boolean empty = wholeFilters && random.nextBoolean();
      for (int tap = 0; tap < taps; tap++) {
        boolean zero = false;
        for (int channel = 0; channel < channels; channel++) {
          if (single || channel % BLOCK == 0) {
            zero = empty || random.nextDouble() < part;
          }
          if (zero) {
            weights.setDouble((filter * channels + channel) * taps + tap, 0);
          }
        }
      }
    }
  }
}
