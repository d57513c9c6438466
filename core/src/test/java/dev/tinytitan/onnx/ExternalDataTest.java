package dev.tinytitan.onnx;

import static dev.tinytitan.onnx.OnnxFiles.node;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.MalformedModelException;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExternalDataTest {
  @TempDir Path outside;
  private Path folder;

  @BeforeEach
  void makeFolder() throws IOException {
    folder = Files.createDirectory(outside.resolve("model"));
    Files.write(outside.resolve("secret.bin"), new byte[16]);
    Files.write(folder.resolve("weights.bin"), new byte[16]);
  }

  /** A model with one external initializer of four floats. */
  private Path model(String location, String offset, String length) throws IOException {
    ProtoWriter tensor = new ProtoWriter().varints(1, List.of(4L)).varint(2, 1).text(8, "w");
    tensor.message(13, new ProtoWriter().text(1, "location").text(2, location));
    tensor.message(13, new ProtoWriter().text(1, "offset").text(2, offset));
    if (!length.isEmpty()) {
      tensor.message(13, new ProtoWriter().text(1, "length").text(2, length));
    }
    tensor.varint(14, 1);
    ProtoWriter graph = new ProtoWriter().text(2, "g").message(5, tensor);
    graph.message(12, new ProtoWriter().text(1, "w"));
    ProtoWriter model = new ProtoWriter().varint(1, 10).message(7, graph);
    model.message(8, new ProtoWriter().text(1, "").varint(2, 21));
    return Files.write(folder.resolve("model.onnx"), OnnxFiles.bytes(model));
  }

  @Test
  void isReadFromTheModelsFolder() throws IOException {
    byte[] bytes = new byte[32];
    bytes[19] = 0x40;
    Files.createDirectory(folder.resolve("sub"));
    Files.write(folder.resolve("sub/w.bin"), bytes);
    for (String length : List.of("", "16")) {
      Path file = model("sub/w.bin", "16", length);
      assertThat(OnnxReader.read(file).graph().initializers().get("w").toFloatArray())
          .containsExactly(2, 0, 0, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../secret.bin", "sub/../../secret.bin", "..\\secret.bin", "/etc/hostname", ""})
  void neverFromElsewhere(String location) throws IOException {
    Path file = model(location, "0", "16");
    assertThatThrownBy(() -> OnnxReader.read(file))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("is not a file within the model's folder");
  }

  @Test
  void notThroughLinksEither() throws IOException {
    Files.createSymbolicLink(folder.resolve("link.bin"), outside.resolve("secret.bin"));
    Files.createSymbolicLink(folder.resolve("up"), outside);
    for (String location : List.of("link.bin", "up/secret.bin")) {
      Path file = model(location, "0", "16");
      assertThatThrownBy(() -> OnnxReader.read(file))
          .isInstanceOf(MalformedModelException.class)
          .hasMessageContaining("is not a file within the model's folder");
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 16", "9223372036854775807, 16", "-1, 16", "0, 15", "x, 16", "0, -1", "17, 16"})
  void rangesAreChecked(String offset, String length) throws IOException {
    Path file = model("weights.bin", offset, length);
    assertThatThrownBy(() -> OnnxReader.read(file))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("'w'");
  }

  @Test
  void missingFilesAndModelsGivenAsBytesAreClearErrors() throws IOException {
    Path file = model("gone.bin", "0", "16");
    assertThatThrownBy(() -> OnnxReader.read(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("'gone.bin'")
        .hasMessageContaining("is missing");
    byte[] bytes = Files.readAllBytes(model("weights.bin", "0", "16"));
    assertThatThrownBy(() -> OnnxReader.read(bytes))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("load it from its file");
  }

  @Test
  void tooLargeModelsAreWrittenWithIt() throws IOException {
    Random random = new Random(5);
    OnnxFiles file = OnnxFiles.opset(21).input("x", 1000);
    String last = "x";
    for (int i = 0; i < 3; i++) {
      float[] weights = new float[1000];
      for (int k = 0; k < weights.length; k++) {
        weights[k] = random.nextFloat();
      }
      file.initializer("w" + i, Tensor.of(weights));
      file.node(node("n" + i, "Add", List.of(last, "w" + i), List.of("h" + i)));
      last = "h" + i;
    }
    OnnxModel model = file.output(last, 1000).read();
    Path saved = folder.resolve("large.onnx");
    WrittenModel written = OnnxWriter.write(model.graph(), model.info(), saved, 10_000);
    assertThat(OnnxReader.read(saved)).isEqualTo(model);
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> data =
          files.filter(path -> path.getFileName().toString().startsWith("large.onnx.")).toList();
      assertThat(data).hasSize(1);
      assertThat(written.bytes()).isEqualTo(Files.size(saved) + Files.size(data.get(0)));
      assertThat(Files.size(saved)).isLessThan(2000);
    }
    assertThat(written.opset()).isEqualTo(21);
  }
}
