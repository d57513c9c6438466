package dev.tinytitan.train;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Augmentations by the names that users know them by, each with its usual strength. */
public enum SampleChange {
  /** By up to two places, in both directions of an image. */
  SHIFT,
  /** Left to right, every other time. */
  FLIP,
  /** Gaussian, of a twentieth of the data's standard deviation. */
  NOISE,
  /** A stretch, or a square, of up to six places is set to 0. */
  MASK,
  /** At least four fifths of each axis, stretched over the whole. */
  CROP;

  private static final int MOST_SHIFTED = 2;
  private static final int MOST_MASKED = 6;
  private static final double NOISE_SHARE = 0.05;
  private static final double LEAST_CROPPED = 0.8;

  /** The name, as in {@code shift}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * By name.
   *
   * @throws IllegalArgumentException if there is none of that name; says which there are
   */
  public static SampleChange of(String label) {
    return Arrays.stream(values())
        .filter(change -> change.label().equals(label))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "there is no change '"
                    + label
                    + "' of samples; there are "
                    + Arrays.stream(values())
                        .map(SampleChange::label)
                        .collect(Collectors.joining(", "))));
  }

  /**
   * Changes, one after the other.
   *
   * @param data whose standard deviation says how strong noise is
   */
  public static Augmentation all(List<SampleChange> changes, TrainingData data) {
    double deviation = data.moments().deviation();
    return Augmentation.all(changes.stream().map(change -> change.of(deviation)).toList());
  }

  private Augmentation of(double deviation) {
    return switch (this) {
      case SHIFT -> Augmentation.shift(MOST_SHIFTED);
      case FLIP -> Augmentation.flip();
      case NOISE -> Augmentation.noise(NOISE_SHARE * deviation);
      case MASK -> Augmentation.mask(MOST_MASKED);
      case CROP -> Augmentation.crop(LEAST_CROPPED);
    };
  }
}
