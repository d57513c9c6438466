package dev.tinytitan.cli.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.data.DatasetOptions;
import dev.tinytitan.data.Npy;
import dev.tinytitan.data.Npz;
import dev.tinytitan.data.text.WordPieceTokenizer;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Relu;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDataTest {
  @TempDir private Path folder;

  private static WordPieceTokenizer tokenizer() {
    return WordPieceTokenizer.fromVocabulary(
        new ByteArrayInputStream(
            "[PAD]\n[UNK]\n[CLS]\n[SEP]\nred\ncat\n".getBytes(StandardCharsets.UTF_8)),
        "test",
        true);
  }

  /** A model that takes inputs of these types and gives the first. */
  private static Model model(Map<String, TensorType> inputs) {
    Graph.Builder builder = Graph.builder("test");
    inputs.forEach(builder::input);
    String first = inputs.keySet().iterator().next();
    return Model.of(
        builder.node(new Relu(), List.of(first), "y").output("y", null).build(), ModelInfo.of(17));
  }

  private static ModelData open(Path path, Model model) {
    return ModelData.open(path, DatasetOptions.DEFAULT, 255, model, ModelDataTest::tokenizer);
  }

  @Test
  void bytesBecomeFloatsOfTheModelsShape() {
    Path file = folder.resolve("x.npy");
    Npy.write(file, Tensor.ofUnsigned(new byte[] {0, 1, 2, (byte) 255, 4, 5, 6, 7}, 2, 2, 2));
    ModelData data = open(file, model(Map.of("x", TensorType.of(DType.FLOAT32, 1, 1, 2, 2))));
    assertThat(data.samples().size()).isEqualTo(2);
    Tensor first = data.samples().get(0).inputs().get("x");
    assertThat(first.shape()).isEqualTo(Shape.of(1, 1, 2, 2));
    assertThat(first.toFloatArray()).containsExactly(0, 1, 2, 255);
  }

  @Test
  void imagesFollowTheModelsLayout() throws IOException {
    Files.createDirectories(folder.resolve("images/cats"));
    Files.createDirectories(folder.resolve("images/dogs"));
    BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(1, 0, 0x0A141E);
    for (String name : List.of("cats/a.png", "dogs/b.png")) {
      ImageIO.write(image, "png", folder.resolve("images").resolve(name).toFile());
    }
    ModelData last =
        open(
            folder.resolve("images"), model(Map.of("x", TensorType.of(DType.FLOAT32, 1, 2, 2, 3))));
    assertThat(last.samples().get(1).inputs().get("x").toFloatArray())
        .containsExactly(0, 0, 0, 10, 20, 30, 0, 0, 0, 0, 0, 0);
    assertThat(last.samples().get(1).label()).hasValue(1);
    assertThat(last.classNames()).containsExactly("cats", "dogs");
    ModelData first =
        open(
            folder.resolve("images"), model(Map.of("x", TensorType.of(DType.FLOAT32, 1, 3, 2, 2))));
    assertThat(first.samples().get(0).inputs().get("x").toFloatArray())
        .containsExactly(0, 10, 0, 0, 0, 20, 0, 0, 0, 30, 0, 0);
  }

  @Test
  void severalInputsComeFromArraysOfTheirNames() {
    Path file = folder.resolve("both.npz");
    Npz.write(
        file,
        Map.of(
            "a", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2),
            "b", Tensor.of(new long[] {5, 6}, 2, 1),
            "y", Tensor.of(new long[] {0, 1}, 2)));
    ModelData data =
        open(
            file,
            model(
                Map.of(
                    "a", TensorType.of(DType.FLOAT32, 1, 2),
                    "b", TensorType.of(DType.FLOAT32, 1, 1))));
    assertThat(data.samples().get(1).inputs().get("a").toFloatArray()).containsExactly(3, 4);
    assertThat(data.samples().get(1).inputs().get("b").toFloatArray()).containsExactly(6);
    assertThat(data.samples().get(1).label()).hasValue(1);
  }

  @Test
  void groupsStayWithArraysOfTheInputsNames() {
    Path file = folder.resolve("grouped.npz");
    Npz.write(
        file,
        Map.of(
            "x", Tensor.of(new float[] {1, 2, 3, 4}, 4, 1),
            "patient", Tensor.of(new int[] {7, 7, 8, 8}, 4)));
    Model model = model(Map.of("x", TensorType.of(DType.FLOAT32, 1, 1)));
    DatasetOptions options =
        new DatasetOptions(
            List.of(), Optional.empty(), Optional.of("patient"), Optional.empty(), 0);
    ModelData data = ModelData.open(file, options, 255, model, ModelDataTest::tokenizer);
    assertThat(data.samples().group(1)).isEqualTo(7);
    assertThat(data.samples().group(2)).isEqualTo(8);
    DatasetOptions unknown =
        new DatasetOptions(List.of(), Optional.empty(), Optional.of("who"), Optional.empty(), 0);
    assertThatThrownBy(() -> ModelData.open(file, unknown, 255, model, ModelDataTest::tokenizer))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("no array 'who'");
  }

  @Test
  void linesAreTokenized() throws IOException {
    Path file = folder.resolve("lines.txt");
    Files.writeString(file, "red cat\n\ncat\n");
    TensorType ids = TensorType.ofRank(DType.INT64, 2);
    ModelData data = open(file, model(Map.of("input_ids", ids)));
    assertThat(data.samples().size()).isEqualTo(2);
    assertThat(data.samples().get(0).inputs()).containsOnlyKeys("input_ids");
    assertThat(data.samples().get(0).inputs().get("input_ids").toLongArray())
        .containsExactly(2, 4, 5, 3);
  }

  @Test
  void saysWhatDoesNotFit() throws IOException {
    Path file = folder.resolve("x.npy");
    Npy.write(file, Tensor.of(new float[6], 2, 3));
    assertThatThrownBy(() -> open(file, model(Map.of("x", TensorType.of(DType.FLOAT32, 1, 4)))))
        .isInstanceOf(BadDataException.class)
        .hasMessageContainingAll("x.npy", "[3]", "'x'", "float32[1, 4]", "--x");
    Path lines = folder.resolve("lines.txt");
    Files.writeString(lines, "red cat\n");
    assertThatThrownBy(() -> open(lines, model(Map.of("x", TensorType.of(DType.FLOAT32, 1, 4)))))
        .isInstanceOf(BadDataException.class)
        .hasMessageContainingAll("holds texts", "'x'");
  }
}
