package dev.tinytitan.edge.elastic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.train.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ElasticModelTest {
  private static final SessionOptions ONE_THREAD = SessionOptions.defaults().withThreads(1);

  private static ElasticModel elastic;

  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    elastic = SmallElastic.train(SmallElastic.options());
  }

  @Test
  void everyPointLearns() {
    assertThat(elastic.points()).hasSize(6);
    for (ElasticPoint point : elastic.points()) {
      assertThat(point.point().accuracy())
          .as(point.name())
          .isGreaterThan(point.name().equals("w25-d1") ? 0.35 : 0.9);
    }
    assertThat(elastic.points().getFirst().point().accuracy()).isGreaterThan(0.9);
  }

  @Test
  void smallerPointsTakeLess() {
    OperatingPoint full = elastic.point("w100-d2").point();
    OperatingPoint least = elastic.point("w25-d1").point();
    assertThat(full.multiplyAdds()).isGreaterThan(10 * least.multiplyAdds());
    assertThat(full.weightBytes()).isGreaterThan(4 * least.weightBytes());
  }

  @Test
  void anotherToolSeesTheLargestPoint() throws IOException {
    Path file = folder.resolve("bars.onnx");
    elastic.save(file);
    Model plain = Model.load(file);
    double score = Evaluation.score(plain, SmallElastic.data(400, 2), ONE_THREAD);
    assertThat(score).isEqualTo(elastic.points().getFirst().point().accuracy());
    long bytes = Files.size(file) + Files.size(ElasticModel.manifestOf(file));
    assertThat(bytes)
        .as("beside the manifest of so small a model")
        .isLessThan(3 * Files.size(file));
  }

  @Test
  void savedAndLoadedPointsAnswerAlike() {
    Path file = folder.resolve("bars.onnx");
    elastic.save(file);
    ElasticModel loaded = ElasticModel.load(file);
    assertThat(loaded.points()).isEqualTo(elastic.points());
    for (ElasticPoint point : loaded.points()) {
      assertThat(Evaluation.score(loaded.at(point), SmallElastic.data(400, 2), ONE_THREAD))
          .as(point.name())
          .isEqualTo(point.point().accuracy());
    }
  }

  @Test
  void upperHalvesOfBytesAreAPrecisionOfTheirOwn() {
    ElasticModel nested = SmallElastic.train(SmallElastic.options().withNested(true));
    assertThat(nested.points()).hasSize(12);
    double eight = nested.point("w100-d2-b8").point().accuracy();
    assertThat(eight).isCloseTo(elastic.point("w100-d2").point().accuracy(), within(0.02));
    assertThat(nested.point("w100-d2-b4").point().accuracy()).isGreaterThan(eight - 0.1);
    assertThat(nested.point("w100-d2-b4").point().weightBytes())
        .isLessThan(nested.point("w100-d2-b8").point().weightBytes());
  }

  @Test
  void manifestsAreChecked() throws IOException {
    Path file = folder.resolve("bars.onnx");
    elastic.save(file);
    Path manifest = ElasticModel.manifestOf(file);
    String json = Files.readString(manifest);

    Files.writeString(manifest, json.replace("\"points\"", "\"dots\""));
    assertThatThrownBy(() -> ElasticModel.load(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("'points' is missing");
    Files.writeString(manifest, json.substring(0, json.length() / 2));
    assertThatThrownBy(() -> ElasticModel.load(file)).isInstanceOf(BadDataException.class);
    Files.writeString(manifest, json.replace("\"w25-d1\"", "\" \""));
    assertThatThrownBy(() -> ElasticModel.load(file)).isInstanceOf(BadDataException.class);
    Files.writeString(manifest, json);
    SmallElastic.network(2).save(file);
    assertThatThrownBy(() -> ElasticModel.load(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("belongs to another model");
    Files.delete(manifest);
    assertThatThrownBy(() -> ElasticModel.load(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("There is no file");
  }
}
