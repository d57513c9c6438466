package dev.tinytitan.data;

/**
 * The shape that images are brought to: [channels, height, width], float32.
 *
 * @param channels 1 (grey: ITU-R 601 luma) or 3 (red, green, blue)
 * @param height in pixels
 * @param width in pixels
 * @param maximum what white becomes: 255, or 1 for values from 0 to 1
 */
public record ImageLayout(int channels, int height, int width, float maximum) {
  private static final int MAX_SIDE = 16384;

  /** Checks the values. */
  public ImageLayout {
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException(channels + " channels; 1 or 3 are possible");
    }
    if (height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE) {
      throw new IllegalArgumentException("an image of " + height + " by " + width + " pixels");
    }
    if (!(maximum > 0)) {
      throw new IllegalArgumentException("a maximum of " + maximum);
    }
  }

  /** Values from 0 to 255. */
  public static ImageLayout of(int channels, int height, int width) {
    return new ImageLayout(channels, height, width, 255f);
  }

  /** The same with values from 0 to 1. */
  public ImageLayout scaled() {
    return new ImageLayout(channels, height, width, 1f);
  }
}
