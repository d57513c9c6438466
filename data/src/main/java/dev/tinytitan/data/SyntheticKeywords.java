package dev.tinytitan.data;

import dev.tinytitan.tensor.Shape;

/** Words of two tones that each speaker says in a voice of their own, at 16 kHz, from −1 to 1. */
record SyntheticKeywords(int length) implements SyntheticSource {
  private static final int RATE = 16_000;

  /** Sounds of the length that the options want, else of one second. */
  static SyntheticKeywords of(DatasetOptions options) {
    return new SyntheticKeywords(options.soundLength() > 0 ? options.soundLength() : RATE);
  }

  @Override
  public Shape shape() {
    return Shape.of(length);
  }

  @Override
  public void fill(float[] sample, int label, int group, StrictRandom common, StrictRandom random) {
    double voice = common.between(0.85, 1.18);
    double overtone = common.between(0.1, 0.5);
    double room = common.between(0.01, 0.03);
    int spoken = (int) (length * random.between(0.4, 0.6));
    int begin = (int) ((length - spoken) * random.uniform());
    double low = voice * random.between(340, 460);
    double high = voice * random.between(1300, 1700);
    double loud = label == 4 ? 0 : random.between(0.2, 0.7);
    double from = label == 0 || label == 3 ? low : high;
    double to = label == 1 || label == 3 ? low : high;
    double phase = 0;
    for (int i = 0; i < length; i++) {
      double value = room * random.gaussian();
      if (i >= begin && i < begin + spoken) {
        double at = (i - begin) / (double) spoken;
        phase += 2 * Math.PI * (from + (to - from) * at) / RATE;
        double tones =
            (1 - overtone) * StrictMath.sin(phase) + overtone * StrictMath.sin(2 * phase);
        value += loud * StrictMath.sin(Math.PI * at) * tones;
      }
      sample[i] = (float) Math.clamp(value, -1.0, 1.0);
    }
  }
}
