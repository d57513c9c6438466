package dev.tinytitan.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.tensor.Shape;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  private static final Shape IMAGE = Shape.of(2, 5, 7);

  /** An image whose elements are their column, and in the second channel ten times their row. */
  private static float[] ramps() {
    float[] image = new float[IMAGE.size()];
    for (int i = 0; i < image.length; i++) {
      image[i] = i < 35 ? i % 7 : 10 * (i / 7 % 5);
    }
    return image;
  }

  @Test
  void aCropStretchesAPartEvenly() {
    for (int seed = 0; seed < 20; seed++) {
      float[] image = ramps();
      Augmentation.crop(0.6).apply(image, IMAGE, new SplittableRandom(seed));
      float part = image[1] - image[0];
      assertThat(part).isBetween(0.6f, 1f);
      assertThat(image[0]).isGreaterThanOrEqualTo(0);
      assertThat(image[6]).isLessThan(6.0001f);
      for (int row = 0; row < 5; row++) {
        for (int column = 0; column < 7; column++) {
          assertThat(image[row * 7 + column]).isCloseTo(image[0] + part * column, within(1e-4f));
          assertThat(image[35 + row * 7 + column])
              .isCloseTo(image[35] + 10 * part * row, within(1e-3f));
        }
      }
      assertThat(image[35 + 28]).isLessThan(40.001f);
    }
  }

  @Test
  void aCropOfAllIsTheSampleItself() {
    float[] image = ramps();
    Augmentation.crop(1).apply(image, IMAGE, new SplittableRandom(1));
    assertThat(image).containsExactly(ramps());
    float[] signal = {4, 7, 1};
    Augmentation.crop(1).apply(signal, Shape.of(1, 3), new SplittableRandom(1));
    assertThat(signal).containsExactly(4, 7, 1);
  }

  @Test
  void aShiftedImageIsACropOfThePaddedOne() {
    float[] image = ramps();
    Augmentation.shift(2).apply(image, IMAGE, new SplittableRandom(3));
    float[] before = ramps();
    int found = 0;
    for (int down = -2; down <= 2; down++) {
      for (int right = -2; right <= 2; right++) {
        boolean same = true;
        for (int i = 0; i < image.length; i++) {
          int row = i / 7 % 5 - down;
          int column = i % 7 - right;
          boolean inside = row >= 0 && row < 5 && column >= 0 && column < 7;
          same &= image[i] == (inside ? before[i - 7 * down - right] : 0);
        }
        found += same ? 1 : 0;
      }
    }
    assertThat(found).isEqualTo(1);
  }

  @Test
  void aMaskIsASquareOfZeros() {
    float[] image = new float[IMAGE.size()];
    Arrays.fill(image, 1);
    Augmentation.mask(3).apply(image, IMAGE, new SplittableRandom(5));
    int zeros = 0;
    for (float value : image) {
      zeros += value == 0 ? 1 : 0;
    }
    assertThat(zeros).isIn(0, 2, 8, 18);
  }
}
