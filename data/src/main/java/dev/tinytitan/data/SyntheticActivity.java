package dev.tinytitan.data;

import dev.tinytitan.tensor.Shape;

/**
 * The acceleration at a wrist while its owner walks, jogs, climbs stairs, sits, stands or kicks a
 * ball: three axes at 20 Hz, in m/s². Gravity lies as the arm is held, a movement swings at the
 * pace of the step with harmonics, a kick comes now and then. A group is a person: each wears the
 * watch turned another way, with a pace and a vigor of their own, so that a model that was trained
 * with others is wrong at first.
 */
record SyntheticActivity(int length) implements SyntheticSource {
  private static final int LENGTH = 80;
  private static final double RATE = 20;
  private static final double GRAVITY = 9.81;

  /** Steps a second, how wide the wrist swings, and the share of the second harmonic. */
  private static final double[][] MOVEMENTS = {
    {1.8, 3.0, 0.4}, {2.7, 9.0, 0.5}, {1.5, 2.6, 0.8}, {0, 0, 0}, {0, 0, 0}, {1.2, 2.0, 0.3}
  };

  /** How the arm is held: the angle of gravity from the axis along the arm, in radians. */
  private static final double[] HELD = {0.25, 0.9, 0.35, 1.25, 0.1, 0.4};

  /** Windows of the length that the options want, else of 80 samples. */
  static SyntheticActivity of(DatasetOptions options) {
    return new SyntheticActivity(options.soundLength() > 0 ? options.soundLength() : LENGTH);
  }

  @Override
  public Shape shape() {
    return Shape.of(3, length);
  }

  @Override
  public void fill(float[] sample, int label, int group, StrictRandom common, StrictRandom random) {
    double turn = common.between(-1.9, 1.9);
    double tilt = common.between(-0.9, 0.9);
    double pace = common.between(0.82, 1.2);
    double vigor = common.between(0.6, 1.5);
    double rest = common.between(-0.7, 0.7);
    double[] movement = MOVEMENTS[label];
    double step = movement[0] * pace * random.between(0.95, 1.05);
    double width = movement[1] * vigor * random.between(0.8, 1.2);
    boolean isStill = label == 3 || label == 4;
    double angle = HELD[label] + (isStill ? rest : 0) + random.between(-0.15, 0.15);
    double phase = random.between(0, 2 * Math.PI);
    double kick = label == 5 ? random.between(0.5, length / RATE - 0.5) : -10;
    double noise = isStill ? 0.15 : 0.6;
    for (int i = 0; i < length; i++) {
      double time = i / RATE;
      double swing = StrictMath.sin(2 * Math.PI * step * time + phase);
      double second = movement[2] * StrictMath.sin(4 * Math.PI * step * time + 1.7 * phase);
      double since = (time - kick) / 0.18;
      double burst = StrictMath.exp(-since * since) * 14 * vigor;
      double along = GRAVITY * StrictMath.cos(angle) + width * (swing + second) + burst;
      double across = GRAVITY * StrictMath.sin(angle) + 0.5 * width * swing - 0.4 * burst;
      double side = 0.35 * width * second + 0.3 * burst;
      double turned = StrictMath.cos(turn) * across - StrictMath.sin(turn) * side;
      double beside = StrictMath.sin(turn) * across + StrictMath.cos(turn) * side;
      sample[i] =
          (float)
              (StrictMath.cos(tilt) * along
                  - StrictMath.sin(tilt) * turned
                  + noise * random.gaussian());
      sample[length + i] =
          (float)
              (StrictMath.sin(tilt) * along
                  + StrictMath.cos(tilt) * turned
                  + noise * random.gaussian());
      sample[2 * length + i] = (float) (beside + noise * random.gaussian());
    }
  }
}
