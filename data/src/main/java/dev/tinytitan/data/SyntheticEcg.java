package dev.tinytitan.data;

import dev.tinytitan.tensor.Shape;

/**
 * Heart beats in one lead at 180 Hz, in mV, the beat in the middle: each of the waves P, Q, R, S
 * and T is a Gaussian, as in the model of McSharry et al. (2003). Classes are those of the AAMI:
 * normal (N), supraventricular (S: early, with another P wave), ventricular (V: early and wide,
 * without P wave, T against R) and their fusion (F). The beats before and after reach into the
 * window. A group is a patient, with heart rate, waves and electrodes of their own.
 */
record SyntheticEcg(int length) implements SyntheticSource {
  private static final int LENGTH = 128;
  private static final int RATE = 180;

  /** Windows of the length that the options want, else of 128 samples. */
  static SyntheticEcg of(DatasetOptions options) {
    return new SyntheticEcg(options.soundLength() > 0 ? options.soundLength() : LENGTH);
  }

  /**
   * One wave.
   *
   * @param time of its peak from the beat's, in seconds
   * @param height in mV
   * @param width its deviation, in seconds
   */
  private record Wave(double time, double height, double width) {
    double at(double when) {
      double distance = (when - time) / width;
      return Math.abs(distance) > 6 ? 0 : height * StrictMath.exp(-distance * distance / 2);
    }

    Wave scaled(double factor) {
      return new Wave(time, height * factor, width);
    }
  }

  /** The waves of a beat. */
  @SuppressWarnings("ArrayRecordComponent") // A constant, never compared.
  private record Beat(Wave... waves) {
    double at(double when) {
      double sum = 0;
      for (Wave wave : waves) {
        sum += wave.at(when);
      }
      return sum;
    }

    Beat mixedWith(Beat other, double share) {
      Wave[] all = new Wave[waves.length + other.waves.length];
      for (int i = 0; i < waves.length; i++) {
        all[i] = waves[i].scaled(1 - share);
      }
      for (int i = 0; i < other.waves.length; i++) {
        all[waves.length + i] = other.waves[i].scaled(share);
      }
      return new Beat(all);
    }
  }

  @Override
  public Shape shape() {
    return Shape.of(length);
  }

  @Override
  public void fill(float[] sample, int label, int group, StrictRandom common, StrictRandom random) {
    double rhythm = common.between(0.62, 1.0);
    double gain = common.between(0.7, 1.4);
    Beat normal = normal(common);
    double direction = common.chance(0.5) ? 1 : -1;
    double wide = common.between(0.032, 0.048);
    double beforeIt = rhythm * random.between(0.95, 1.05);
    double afterIt = rhythm * random.between(0.95, 1.05);
    Beat beat =
        switch (label) {
          case 0 -> normal;
          case 1 -> supraventricular(normal, random);
          case 2 -> ventricular(direction, wide, random);
          default ->
              normal.mixedWith(ventricular(direction, wide, random), random.between(0.35, 0.65));
        };
    if (label == 1 || label == 2) {
      beforeIt *= random.between(0.55, 0.78);
      // The pause after an early ventricular beat makes up for what came too soon.
      afterIt = label == 2 ? 2 * rhythm - beforeIt : afterIt;
    }
    double shift = random.between(0, 2 * Math.PI);
    double breath = random.between(0.15, 0.4);
    double wander = random.between(0, 0.12);
    double mains = random.between(0, 0.02);
    double noise = random.between(0.01, 0.04);
    for (int i = 0; i < length; i++) {
      double time = (i - length / 2) / (double) RATE;
      double heart = beat.at(time) + normal.at(time + beforeIt) + normal.at(time - afterIt);
      sample[i] =
          (float)
              (gain * heart
                  + wander * StrictMath.sin(2 * Math.PI * breath * time + shift)
                  + mains * StrictMath.sin(2 * Math.PI * 50 * time + shift)
                  + noise * random.gaussian());
    }
  }

  private static Beat normal(StrictRandom patient) {
    double slow = patient.between(0.9, 1.12);
    double recovery = patient.between(0.15, 0.4) * (patient.chance(0.1) ? -1 : 1);
    return new Beat(
        new Wave(-0.17 * slow, patient.between(0.06, 0.18), 0.022 * slow),
        new Wave(-0.028, -patient.between(0.02, 0.18), 0.010),
        new Wave(0, patient.between(0.8, 1.4), patient.between(0.010, 0.014)),
        new Wave(0.030, -patient.between(0.05, 0.35), 0.012),
        new Wave(0.25 * slow, recovery, 0.048 * slow));
  }

  /** The patient's own beat, but begun elsewhere in the atria. */
  private static Beat supraventricular(Beat normal, StrictRandom random) {
    Wave[] waves = normal.waves.clone();
    Wave atria = waves[0];
    waves[0] =
        new Wave(
            random.between(-0.15, -0.11), atria.height * random.between(-1.0, 0.3), atria.width);
    return new Beat(waves);
  }

  private static Beat ventricular(double direction, double wide, StrictRandom random) {
    double height = direction * random.between(1.0, 1.7);
    return new Beat(
        new Wave(0, height, wide),
        new Wave(0.085, -height * random.between(0.2, 0.5), wide),
        new Wave(0.28, -height * random.between(0.25, 0.4), 0.06));
  }
}
