package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tinytitan.data.Npy;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PruneTest {
  @TempDir private Path folder;

  private JsonNode json(Object... arguments) throws IOException {
    Titan.Result result = Titan.run(arguments);
    assertThat(result.code()).as(result.err()).isZero();
    return new ObjectMapper().readTree(result.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--target-macs", "--target-params", "--target-bytes", "--amount"})
  void channelsGoToATarget(String option) throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 40);
    Path small = folder.resolve("small.onnx");
    JsonNode json = json("prune", model, "-o", small, "--data", data, option, "50%", "--json");
    assertThat(json.path("kind").asText()).isEqualTo("structured");
    assertThat(json.path("reached").asBoolean()).isTrue();
    assertThat(json.path("groups").get(0).path("before").asInt()).isEqualTo(40);
    int left = json.path("groups").get(0).path("after").asInt();
    assertThat(left % 8).isZero();
    assertThat(left).isBetween(8, 24);
    assertThat(json.path("after").path("bytes").asLong()).isEqualTo(Files.size(small));
    assertThat(json.path("after").path("multiplyAdds").asLong()).isEqualTo(left * 11L);
    assertThat(json.path("quality").path("samples").asInt()).isEqualTo(20);
    assertThat(json.path("blocked").get(0).path("reason").asText()).contains("Softmax");
    assertThat(Titan.run("eval", model, "--vs", small, "--data", data).code()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"taylor", "obd"})
  void gradientsOnLabelledDataSayWhatGoes(String importance) throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path small = folder.resolve("small.onnx");
    JsonNode json =
        json(
            "prune",
            model,
            "-o",
            small,
            "--data",
            TinyData.save(folder, 80),
            "--amount",
            "50%",
            "--importance",
            importance,
            "--json");
    assertThat(json.path("importance").asText()).isIn(importance, "hessian");
    // A half of the neurons gone by what the loss says changes less than the classes do.
    assertThat(json.path("quality").path("cosine").asDouble()).isGreaterThan(0.8);
    Path unlabelled = folder.resolve("unlabelled.npy");
    Npy.write(unlabelled, Tensor.of(new float[40 * TinyModels.WIDTH], 40, TinyModels.WIDTH));
    assertThat(
            Titan.run("prune", model, "-o", small, "--data", unlabelled, "--importance", importance)
                .err())
        .contains("Importance by gradients needs samples with labels");
  }

  @Test
  void channelsGoUntilTheClockSaysEnough() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 10);
    Path small = folder.resolve("small.onnx");
    JsonNode json =
        json(
            "prune",
            model,
            "-o",
            small,
            "--data",
            data,
            "--target-latency",
            "0.99",
            "--json",
            "--no-sensitivity");
    // What is measured is the machine's affair; the model is there and runs either way.
    assertThat(json.path("after").path("multiplyAdds").asLong())
        .isLessThan(json.path("before").path("multiplyAdds").asLong());
    assertThat(small).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"unstructured", "2:4", "1x4"})
  void weightsBecomeZero(String pattern) throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 40);
    Path sparse = folder.resolve("sparse.onnx");
    JsonNode json =
        json("prune", model, "-o", sparse, "--data", data, "--sparse", pattern, "--json");
    assertThat(json.path("method").asText()).isEqualTo("sparsegpt");
    assertThat(json.path("layers")).hasSize(2);
    for (JsonNode layer : json.path("layers")) {
      assertThat(layer.path("zerosAfter").asDouble() / layer.path("weights").asDouble())
          .isBetween(0.45, 0.55);
    }
    assertThat(json.path("after").path("multiplyAdds"))
        .isEqualTo(json.path("before").path("multiplyAdds"));
  }

  @Test
  void tellsWhatItDid() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 40);
    Titan.Result channels =
        Titan.run("prune", model, "-o", folder.resolve("a.onnx"), "--data", data);
    assertThat(channels.code()).as(channels.err()).isZero();
    assertThat(channels.out())
        .contains(
            "neurons",
            "kept: logits, which",
            "judged by:     activations",
            "multiply-adds: 440 to",
            "cosine",
            "titan bench");
    Titan.Result weights =
        Titan.run("prune", model, "-o", folder.resolve("b.onnx"), "--sparse", "2:4");
    assertThat(weights.out())
        .contains("2:4 by magnitude", "50.0 %", "kernels that know the pattern")
        .doesNotContain("cosine");
  }

  @Test
  void wholeLayersGo() throws IOException {
    Path model = folder.resolve("transformer.onnx");
    Zoo.build("transformer", new Zoo.Task(Shape.of(1, 64), 4, true, 0, 1), 1).save(model);
    Path data = folder.resolve("signals.npy");
    float[] values = new float[20 * 64];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i * (1 + i / 64) / 9.0);
    }
    Npy.write(data, Tensor.of(values, 20, 1, 64));
    Path small = folder.resolve("small.onnx");
    JsonNode json = json("prune", model, "-o", small, "--data", data, "--layers", "--json");
    assertThat(json.path("kind").asText()).isEqualTo("layers");
    assertThat(json.path("layers")).hasSize(2);
    assertThat(json.path("layers").findValuesAsText("gone")).containsExactlyInAnyOrder("0", "1");
    assertThat(json.path("after").path("multiplyAdds").asLong())
        .isLessThan(6 * json.path("before").path("multiplyAdds").asLong() / 10);
    Titan.Result words =
        Titan.run("prune", model, "-o", small, "--data", data, "--layers", "--target-macs", "1%");
    assertThat(words.code()).isEqualTo(1);
    assertThat(words.err()).contains("out of reach");
    assertThat(words.out()).contains("cosine without", "gone", "stays", "multiply-adds:");
    assertThat(Titan.run("prune", model, "-o", small, "--layers").err())
        .contains("give samples with --data");
    assertThat(
            Titan.run("prune", model, "-o", small, "--data", data, "--layers", "--structured")
                .code())
        .isEqualTo(2);
  }

  @Test
  void wrongUsage() {
    Path model = TinyModels.saveClassifier(folder);
    Path out = folder.resolve("out.onnx");
    assertThat(Titan.run("prune", model, "-o", out, "--amount", "150%").code()).isEqualTo(2);
    assertThat(Titan.run("prune", model, "-o", out, "--sparse", "4:2").code()).isEqualTo(2);
    assertThat(
            Titan.run("prune", model, "-o", out, "--sparse", "2:4", "--target-macs", "0.5").code())
        .isEqualTo(2);
    assertThat(
            Titan.run("prune", model, "-o", out, "--amount", "0.5", "--target-macs", "0.5").code())
        .isEqualTo(2);
    assertThat(Titan.run("prune", model, "-o", out, "--method", "wanda").code()).isEqualTo(2);
    assertThat(Titan.run("prune", model, "-o", out, "--target-latency", "0.5").code()).isEqualTo(1);
    Titan.Result unknown = Titan.run("prune", model, "-o", out, "--exclude", "nobody");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err()).contains("nobody").doesNotContain("Exception");
    assertThat(out).doesNotExist();
  }

  @Test
  void sameSeedGivesTheSameBytes() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 60);
    Path one = folder.resolve("one.onnx");
    Path two = folder.resolve("two.onnx");
    for (Path out : new Path[] {one, two}) {
      assertThat(
              Titan.run("prune", model, "-o", out, "--data", data, "--target-macs", "0.6").code())
          .isZero();
    }
    assertThat(one).hasSameBinaryContentAs(two);
  }

  @ParameterizedTest
  @ValueSource(strings = {"magnitude", "gradual", "movement"})
  void weightsBecomeZeroInTraining(String method) throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 300);
    JsonNode json =
        json(
            "prune",
            model,
            "-o",
            folder.resolve("sparse.onnx"),
            "--data",
            data,
            "--sparse",
            "unstructured",
            "--amount",
            "60%",
            "--method",
            method,
            "--epochs",
            8,
            "--json");
    assertThat(json.path("method").asText()).isEqualTo(method);
    for (JsonNode layer : json.path("layers")) {
      assertThat(layer.path("zerosAfter").asDouble() / layer.path("weights").asDouble())
          .isBetween(0.58, 0.62);
    }
    assertThat(json.path("quality").path("samples").asInt()).isEqualTo(60);
  }

  @Test
  void cutModelsAreTrainedOn() throws IOException {
    Path model = TinyModels.saveClassifier(folder);
    Path data = TinyData.save(folder, 300);
    Path small = folder.resolve("small.onnx");
    Path trained = folder.resolve("trained.onnx");
    json("prune", model, "-o", small, "--data", data, "--amount", "50%", "--json");
    Titan.Result result =
        Titan.run(
            "prune",
            model,
            "-o",
            trained,
            "--data",
            data,
            "--amount",
            "50%",
            "--fine-tune-epochs",
            3,
            "--augment",
            "noise",
            "--averaging",
            0.5,
            "--distill");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("trained on");
    assertThat(Titan.run("prune", model, "-o", small, "--distill").err()).contains("--epochs");
    assertThat(Files.size(trained)).isEqualTo(Files.size(small));
    assertThat(Files.readAllBytes(trained)).isNotEqualTo(Files.readAllBytes(small));
    assertThat(Titan.run("prune", model, "-o", small, "--epochs", 2).err()).contains("--data");
    assertThat(
            Titan.run(
                    "prune",
                    model,
                    "-o",
                    small,
                    "--data",
                    data,
                    "--sparse",
                    "2:4",
                    "--method",
                    "movement")
                .code())
        .isEqualTo(2);
  }
}
