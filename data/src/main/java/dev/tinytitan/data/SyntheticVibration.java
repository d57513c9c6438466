package dev.tinytitan.data;

import dev.tinytitan.tensor.Shape;

/** The acceleration of machines with different troubles, at 12.8 kHz, in g. */
record SyntheticVibration(int length) implements SyntheticSource {
  private static final int LENGTH = 1024;

  /** Samples a second, as accelerometers on machines have. */
  private static final int RATE = 12_800;

  /** Waves of the length that the options want, else of 1024 samples. */
  static SyntheticVibration of(DatasetOptions options) {
    return new SyntheticVibration(options.soundLength() > 0 ? options.soundLength() : LENGTH);
  }

  @Override
  public Shape shape() {
    return Shape.of(length);
  }

  @Override
  public void fill(float[] sample, int label, int group, StrictRandom common, StrictRandom random) {
    double ring = common.between(2800, 3400);
    double speed = common.between(24, 30) * random.between(0.98, 1.02);
    double phase = random.between(0, 2 * Math.PI);
    double unbalance = label == 1 ? random.between(0.8, 1.4) : random.between(0.1, 0.25);
    double harmonics = label == 2 ? random.between(0.3, 0.6) : 0.03;
    // Balls that pass a damaged spot of the outer ring strike 3.58 times a turn.
    double strikes = 3.58 * speed;
    double strength = label == 3 ? random.between(0.8, 1.6) : 0;
    for (int i = 0; i < length; i++) {
      double time = i / (double) RATE;
      double turn = 2 * Math.PI * speed * time + phase;
      double value = 0.08 * random.gaussian() + unbalance * StrictMath.sin(turn);
      for (int harmonic = 2; harmonic <= 5; harmonic++) {
        value += harmonics * StrictMath.sin(harmonic * turn + harmonic);
      }
      double sinceStrike = (time * strikes % 1.0) / strikes;
      value +=
          strength
              * StrictMath.exp(-sinceStrike * 700)
              * StrictMath.sin(2 * Math.PI * ring * sinceStrike);
      sample[i] = (float) value;
    }
  }
}
