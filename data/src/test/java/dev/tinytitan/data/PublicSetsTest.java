package dev.tinytitan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublicSetsTest {
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void prepare() {
    file = folder.resolve("set.npz");
  }

  private Dataset open(String name, Map<String, Tensor> arrays) throws IOException {
    Npz.write(file, arrays);
    return Dataset.open(Path.of(name + ":" + file));
  }

  private static Tensor ramp(int... dims) {
    float[] values = new float[Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 97;
    }
    return Tensor.of(values, dims);
  }

  @Test
  void heartBeatsAreComparedWithThePatientsOwn() throws IOException {
    Tensor rr = Tensor.of(new float[] {0.8f, 0.8f, 0.4f, 1.2f, 0.8f, 0.8f, 1, 1}, 4, 2);
    Dataset data =
        open(
            "mitbih",
            Map.of(
                "x", Tensor.zeros(DType.INT16, Shape.of(4, 128)),
                "y", Tensor.of(new long[] {0, 1, 0, 2}),
                "rr", rr,
                "record", Tensor.of(new long[] {100, 100, 100, 205})));
    assertThat(data.sampleShape()).isEqualTo(Shape.of(6, 128));
    assertThat(data.groups().orElseThrow().toLongArray()).containsExactly(100, 100, 100, 205);
    assertThat(data.classNames()).containsExactly("N", "S", "V", "F");
    // Half the usual interval before the second beat, half more than that behind it.
    assertThat(data.sample(1).getFloat(2 * 128)).isCloseTo(-0.5f, within(1e-5f));
    assertThat(data.sample(1).getFloat(3 * 128)).isCloseTo(0.5f, within(1e-5f));
  }

  @Test
  void axesComeBeforeTime() throws IOException {
    Dataset data =
        open(
            "wisdm",
            Map.of(
                "x", ramp(2, 80, 3),
                "y", Tensor.of(new long[] {0, 5}),
                "subject", Tensor.of(new long[] {7, 8})));
    assertThat(data.sampleShape()).isEqualTo(Shape.of(3, 80));
    assertThat(data.sample(0).getFloat(80)).isCloseTo(1 / 9.81f, within(1e-6f));
  }

  @Test
  void partsOfARecordingStayTogether() throws IOException {
    Tensor y = Tensor.of(new long[] {3, 3, 3, 3, 3, 3, 3, 3, 0});
    Tensor load = Tensor.of(new long[] {1, 1, 1, 1, 1, 1, 1, 1, 0});
    Dataset data = open("cwru", Map.of("x", ramp(9, 1024), "y", y, "load", load));
    assertThat(data.groups().orElseThrow().toLongArray())
        .containsExactly(496, 497, 498, 499, 500, 501, 502, 503, 0);
  }

  @Test
  void clipsMustLieInTheAudio() throws IOException {
    Map<String, Tensor> arrays =
        Map.of(
            "audio", ramp(20_000),
            "offset", Tensor.of(new long[] {0, 9000, 20_000}),
            "y", Tensor.of(new long[] {4, 9}));
    assertThat(open("fsdd", arrays).size()).isEqualTo(2);
    assertThatThrownBy(() ->
            open(
                "fsdd",
                Map.of(
                    "audio", ramp(20_000),
                    "offset", Tensor.of(new long[] {0, 9000, 20_001}),
                    "y", Tensor.of(new long[] {4, 9}))))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("clip 1", "20001");
  }

  @Test
  void imagesOfATrainingFileAreKeptOnceAndThoseOfATestFileAll() throws IOException {
    Tensor same = Tensor.zeros(DType.UINT8, Shape.of(3, 28, 28));
    Tensor y = Tensor.of(new long[] {0, 0, 1});
    assertThat(open("pneumoniamnist", Map.of("x", same, "y", y)).size()).isEqualTo(3);
    Map<String, Tensor> both =
        Map.of("x", same, "y", y, "x_val", ramp(2, 28, 28), "y_val", Tensor.of(new long[] {1, 0}));
    Dataset data = open("pneumoniamnist", both);
    assertThat(data.size()).isEqualTo(3);
    assertThat(data.groups().orElseThrow().toLongArray())
        .containsExactly(0, (1L << 32), (1L << 32) + 1);
  }

  /** Rows of engines 1 and 2: 25 and 30 flights. */
  private static Tensor flights() {
    float[] rows = new float[55 * 26];
    for (int row = 0; row < 55; row++) {
      rows[row * 26] = row < 25 ? 1 : 2;
      rows[row * 26 + 1] = row < 25 ? row + 1 : row - 24;
      rows[row * 26 + 6] = row;
    }
    return Tensor.of(rows, 55, 26);
  }

  @Test
  void enginesThatRunToFailureTellWhatIsLeft() throws IOException {
    Dataset data = open("cmapss", Map.of("x", flights()));
    assertThat(data.size()).isEqualTo(6 + 11);
    assertThat(data.labels().orElseThrow().toFloatArray()).startsWith(5, 4, 3, 2, 1, 0, 10);
    // Of 48 flights, the first stands for those before it.
    Tensor sample = data.sample(0);
    assertThat(sample.getFloat(0)).isZero();
    assertThat(sample.getFloat(47)).isEqualTo(19);
  }

  @Test
  void testEnginesAreJudgedAtTheirLastFlight() throws IOException {
    Dataset data =
        open("cmapss", Map.of("x", flights(), "rul", Tensor.of(new float[] {112, 140}, 2)));
    assertThat(data.size()).isEqualTo(2);
    assertThat(data.labels().orElseThrow().toFloatArray()).containsExactly(112, 125);
    assertThat(data.sample(1).getFloat(47)).isEqualTo(54);
    assertThatThrownBy(() ->
            open("cmapss", Map.of("x", flights(), "rul", Tensor.of(new float[] {1, 2, 3}, 3))))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("3 times", "2 engines", "55 rows");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(() -> open("wisdm", Map.of("x", ramp(2, 80, 3))))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("no array 'y'");
    assertThatThrownBy(() -> Dataset.open(Path.of("wisdm:none.npz")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("none.npz");
  }

  @Test
  void saysWhichSetsThereAre() {
    assertThatThrownBy(() -> Dataset.open(Path.of("nosuch:train.npz")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("no data set 'nosuch'")
        .hasMessageContaining("cmapss, cwru, fsdd, mitbih, pneumoniamnist, wisdm");
    assertThatThrownBy(() -> Dataset.open(Path.of("mitbih:")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("Name the file", "mitbih:train.npz");
    assertThatThrownBy(() -> Dataset.open(Path.of("C:\\missing.npz")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("no file or folder");
  }
}
