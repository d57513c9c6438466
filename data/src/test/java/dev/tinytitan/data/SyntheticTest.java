package dev.tinytitan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticTest {
  @ParameterizedTest
  @CsvSource({
    "images, 4, '3,32,32', 0, 255",
    "keywords, 5, '16000', -1, 1",
    "vibration, 4, '1024', -8, 8"
  })
  void haveClassesInTurnAndValuesInRange(
      String name, int classes, String shape, float least, float most) {
    try (Dataset data = Dataset.open(Path.of("synthetic:" + name))) {
      assertThat(data.size()).isEqualTo(1000);
      assertThat(data.sampleShape()).hasToString("[" + shape.replace(",", ", ") + "]");
      assertThat(data.classNames()).hasSize(classes).doesNotHaveDuplicates();
      long[] labels = data.labels().orElseThrow().toLongArray();
      for (int i = 0; i < labels.length; i++) {
        assertThat(labels[i]).isEqualTo(i % classes);
      }
      float[] values = data.samples(0, 2 * classes).toFloatArray();
      boolean varies = false;
      for (float value : values) {
        assertThat(value).isBetween(least, most);
        varies |= value != values[0];
      }
      assertThat(varies).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"images", "keywords", "vibration"})
  void areTheSameEachTimeHoweverManyAreAskedFor(String name) {
    try (Dataset all = Dataset.open(Path.of("synthetic:" + name));
        Dataset few = Dataset.open(Path.of("synthetic:" + name + ":7"))) {
      assertThat(few.size()).isEqualTo(7);
      float[] six = few.sample(6).toFloatArray();
      assertThat(all.sample(6).toFloatArray()).isEqualTo(six);
      assertThat(all.samples(5, 7).reshape(Shape.of(2, six.length)).toFloatArray()).endsWith(six);
      assertThat(all.sample(7).toFloatArray()).isNotEqualTo(six);
      assertThatThrownBy(() -> few.samples(6, 8)).isInstanceOf(IndexOutOfBoundsException.class);
    }
  }

  @Test
  void takeTheSizesAskedFor() {
    DatasetOptions options =
        DatasetOptions.DEFAULT.withImage(ImageLayout.of(1, 8, 12).scaled()).withSoundLength(100);
    Tensor image = Dataset.open(Path.of("synthetic:images"), options).sample(0);
    assertThat(image.shape()).isEqualTo(Shape.of(1, 8, 12));
    for (float value : image.toFloatArray()) {
      assertThat(value).isBetween(0f, 1f);
    }
    assertThat(Dataset.open(Path.of("synthetic:vibration"), options).sampleShape())
        .isEqualTo(Shape.of(100));
  }

  /** What sets the classes of machines apart is what a spectrum or a crest factor shows. */
  @Test
  void damagedBearingsStrikeAndUnbalancedRotorsSwing() {
    try (Dataset data = Dataset.open(Path.of("synthetic:vibration:400"))) {
      double[] squares = new double[4];
      double[] steps = new double[4];
      for (int i = 0; i < data.size(); i++) {
        float[] wave = data.sample(i).toFloatArray();
        for (int t = 1; t < wave.length; t++) {
          squares[i % 4] += wave[t] * wave[t];
          steps[i % 4] += (wave[t] - wave[t - 1]) * (wave[t] - wave[t - 1]);
        }
      }
      assertThat(squares[1]).isGreaterThan(5 * squares[0]);
      assertThat(steps[3]).isGreaterThan(3 * steps[0]);
    }
  }

  @Test
  void unknownNamesAndSizesAreSaid() {
    for (String wrong :
        new String[] {
          "synthetic:cats",
          "synthetic:",
          "synthetic:images:0",
          "synthetic:images:x",
          "synthetic:images:1:2",
          "synthetic:images:99999999"
        }) {
      assertThatThrownBy(() -> Dataset.open(Path.of(wrong)))
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining(wrong);
    }
  }
}
