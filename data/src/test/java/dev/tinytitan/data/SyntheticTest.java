package dev.tinytitan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class SyntheticTest {
  @ParameterizedTest
  @CsvSource({
    "images, 4, '3,32,32', 0, 255",
    "keywords, 5, '16000', -1, 1",
    "vibration, 4, '1024', -8, 8",
    "glyphs, 36, '1,28,28', 0, 255",
    "bearing, 4, '1024', -8, 8",
    "ecg, 4, '128', -5, 5",
    "activity, 6, '3,80', -90, 90"
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
  @ValueSource(
      strings = {"images", "keywords", "vibration", "glyphs", "bearing", "ecg", "activity"})
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

  @ParameterizedTest
  @CsvSource({"keywords, 20", "vibration, 20", "glyphs, 28", "bearing, 16", "ecg, 40"})
  void everyGroupHasAllClassesAndNoneIsTornApart(String name, int groups) {
    try (Dataset data = Dataset.open(Path.of("synthetic:" + name + ":1008"))) {
      long[] numbers = data.groups().orElseThrow().toLongArray();
      long[] labels = data.labels().orElseThrow().toLongArray();
      Map<Long, Set<Long>> classes = new HashMap<>();
      for (int i = 0; i < numbers.length; i++) {
        classes.computeIfAbsent(numbers[i], key -> new HashSet<>()).add(labels[i]);
      }
      assertThat(classes).hasSize(groups);
      assertThat(classes.values())
          .allSatisfy(found -> assertThat(found).hasSize(data.classNames().size()));
      Split split = Split.of(data, 0.2, 1);
      Set<Long> held = new HashSet<>();
      for (int i : split.heldBack()) {
        held.add(numbers[i]);
      }
      for (int i : split.train()) {
        assertThat(held).doesNotContain(numbers[i]);
      }
    }
  }

  /** Groups differ by more than noise: a patient's beats are more alike than those of two. */
  @Test
  void aPatientsBeatsAreAlike() {
    try (Dataset data = Dataset.open(Path.of("synthetic:ecg:800"))) {
      double within = 0;
      double between = 0;
      for (int patient = 0; patient < 39; patient++) {
        // Class 0 of one patient, then again after all 40 of them, and of the next patient.
        float[] one = data.sample(4 * patient).toFloatArray();
        within += distance(one, data.sample(4 * (patient + 40)).toFloatArray());
        between += distance(one, data.sample(4 * (patient + 1)).toFloatArray());
      }
      assertThat(between).isGreaterThan(2 * within);
    }
  }

  /** The spectrum of the envelope tells the races apart: strikes come at their rates. */
  @Test
  void facesOfBearingsStrikeAtTheirRates() {
    double[] rates = {0, 5.4152, 3.5848, 4.7135};
    try (Dataset data =
        Dataset.open(
            Path.of("synthetic:bearing:320"), DatasetOptions.DEFAULT.withSoundLength(12_000))) {
      int right = 0;
      for (int i = 0; i < data.size(); i++) {
        if (i % 4 == 0) {
          continue;
        }
        float[] wave = data.sample(i).toFloatArray();
        double turn = 1760 / 60.0;
        int best = 1;
        double most = 0;
        for (int face = 1; face < 4; face++) {
          double power = envelopePower(wave, rates[face] * turn);
          if (power > most) {
            most = power;
            best = face;
          }
        }
        right += best == i % 4 ? 1 : 0;
      }
      assertThat(right).isGreaterThan(200);
    }
  }

  /** The largest power of the rectified wave near a frequency, loads moving it by 2 %. */
  private static double envelopePower(float[] wave, double frequency) {
    double most = 0;
    for (double shift = 0.975; shift <= 1.03; shift += 0.002) {
      double real = 0;
      double imaginary = 0;
      for (int t = 0; t < wave.length; t++) {
        double angle = 2 * Math.PI * frequency * shift * t / 12_000;
        real += Math.abs(wave[t]) * Math.cos(angle);
        imaginary += Math.abs(wave[t]) * Math.sin(angle);
      }
      most = Math.max(most, real * real + imaginary * imaginary);
    }
    return most;
  }

  private static double distance(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (a[i] - b[i]) * (a[i] - b[i]);
    }
    return sum;
  }

  /** What set the pictures of the documents down sets them down again, on whatever machine. */
  @ParameterizedTest
  @FieldSource("dev.tinytitan.data.SyntheticPlots#NAMES")
  void lookAsInTheDocuments(String name) throws IOException {
    Path file = Path.of("..", "docs", "synthetic", name + ".svg");
    if (Files.notExists(file.getParent())) {
      file = Path.of("docs", "synthetic", name + ".svg");
    }
    String drawn = SyntheticPlots.draw(name);
    if (Boolean.getBoolean("tinytitan.update.docs")) {
      Files.writeString(file, drawn);
    }
    assertThat(drawn.equals(Files.readString(file)))
        .as("%s is what is drawn now; -Dtinytitan.update.docs=true draws it anew", file)
        .isTrue();
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
