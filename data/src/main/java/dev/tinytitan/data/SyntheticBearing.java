package dev.tinytitan.data;

import dev.tinytitan.tensor.Shape;

/**
 * The acceleration of a rolling bearing, healthy or with a damaged spot on its inner race, outer
 * race or a ball, in g at 12 kHz; after the model of McFadden and Smith (1984): each passage over
 * the spot strikes the housing, which rings at its own frequencies. What strikes how often follows
 * from the geometry of a deep groove ball bearing (SKF 6205); how hard, from where the spot is in
 * the zone that bears the load. Strikes come a little early or late, since balls slip.
 *
 * <p>A group is a machine under a load: {@code 4 · machine + load}, loads from 0 to 3 hp. The load
 * slows the shaft from 1797 to 1730 turns a minute, and makes strikes and noise stronger. Machines
 * differ in how the housing rings.
 */
record SyntheticBearing(int length) implements SyntheticSource {
  /** Machines under each load. */
  static final int MACHINES = 4;

  /** Loads, in hp, from 0. */
  static final int LOADS = 4;

  private static final int LENGTH = 1024;
  private static final int RATE = 12_000;

  /** Turns a minute at 0, 1, 2 and 3 hp. */
  private static final double[] SPEEDS = {1797, 1772, 1750, 1730};

  /** Strikes for each turn of the shaft: none, inner race, outer race, ball on both races. */
  private static final double[] STRIKES = {0, 5.4152, 3.5848, 4.7135};

  /** Turns of the cage for each turn of the shaft. */
  private static final double CAGE = 0.39828;

  /** Waves of the length that the options want, else of 1024 samples. */
  static SyntheticBearing of(DatasetOptions options) {
    return new SyntheticBearing(options.soundLength() > 0 ? options.soundLength() : LENGTH);
  }

  @Override
  public Shape shape() {
    return Shape.of(length);
  }

  @Override
  public void fill(float[] sample, int label, int group, StrictRandom common, StrictRandom random) {
    int load = group % LOADS;
    Housing housing =
        new Housing(
            common.between(2600, 3600),
            common.between(1300, 1900),
            common.between(0.035, 0.06),
            common.between(0.85, 1.15));
    double unbalance = common.between(0.02, 0.08);
    double turn = SPEEDS[load] / 60 * random.between(0.997, 1.003);
    double force = 1 + 0.12 * load;
    background(sample, turn, unbalance, 0.06 * (1 + 0.1 * load), random);
    if (random.chance(0.3)) {
      // A knock from elsewhere says nothing about the bearing.
      strike(sample, housing, random.uniform() * length / RATE, random.between(0.2, 0.6));
    }
    if (label > 0) {
      strikes(sample, label, turn, force * random.between(0.3, 1.2), housing, random);
    }
  }

  /** What the housing does with a strike: two ways to ring (Hz), their damping, and how loud. */
  private record Housing(double high, double low, double damping, double gain) {
    double response(double since) {
      double decay = 2 * Math.PI * damping * since;
      return gain
          * (StrictMath.exp(-decay * high) * StrictMath.sin(2 * Math.PI * high * since)
              + 0.4 * StrictMath.exp(-decay * low) * StrictMath.sin(2 * Math.PI * low * since));
    }
  }

  private void background(
      float[] sample, double turn, double unbalance, double noise, StrictRandom random) {
    double phase = random.between(0, 2 * Math.PI);
    double before = 0;
    for (int i = 0; i < length; i++) {
      double angle = 2 * Math.PI * turn * i / RATE + phase;
      before = 0.4 * before + noise * random.gaussian();
      sample[i] =
          (float)
              (before
                  + unbalance * StrictMath.sin(angle)
                  + 0.4 * unbalance * StrictMath.sin(2 * angle + 1)
                  + 0.2 * unbalance * StrictMath.sin(3 * angle + 2));
    }
  }

  private void strikes(
      float[] sample,
      int label,
      double turn,
      double strength,
      Housing housing,
      StrictRandom random) {
    double period = 1 / (STRIKES[label] * turn);
    double phase = random.between(0, 2 * Math.PI);
    double end = length / (double) RATE;
    // Strikes before the window still ring in it.
    double time = -random.uniform() * period - 2 * period;
    while (time < end) {
      double zone =
          switch (label) {
            // The spot turns with the shaft through the zone that bears the load.
            case 1 -> 0.55 + 0.45 * StrictMath.cos(2 * Math.PI * turn * time + phase);
            // The outer race stands still.
            case 2 -> 1;
            // The ball travels with the cage.
            default -> 0.6 + 0.4 * StrictMath.cos(2 * Math.PI * CAGE * turn * time + phase);
          };
      strike(sample, housing, time, strength * zone * (1 + 0.05 * random.gaussian()));
      time += period * (1 + 0.01 * random.gaussian());
    }
  }

  private void strike(float[] sample, Housing housing, double time, double strength) {
    int first = Math.max(0, (int) Math.ceil(time * RATE));
    // After this long, less than a thousandth is left of the slower ringing.
    double silent = 7 / (2 * Math.PI * housing.damping * housing.low);
    int last = Math.min(length, (int) Math.ceil((time + silent) * RATE));
    for (int i = first; i < last; i++) {
      sample[i] = (float) (sample[i] + strength * housing.response(i / (double) RATE - time));
    }
  }
}
