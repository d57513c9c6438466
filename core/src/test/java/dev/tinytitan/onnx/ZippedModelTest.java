package dev.tinytitan.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZippedModelTest {
  @TempDir private Path folder;

  private static Model model() {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.of(DType.FLOAT32, 1, 64))
            .initializer("w", Tensor.of(new float[64 * 32], 64, 32))
            .node(new MatMul(), List.of("x", "w"), "y")
            .output("y", TensorType.of(DType.FLOAT32, 1, 32))
            .build();
    return Model.of(graph, ModelInfo.of(17));
  }

  private static byte[] zip(String... names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(name.endsWith(".onnx") ? model().toBytes() : new byte[10]);
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void anArchiveIsSavedAndLoadedLikeTheModel() throws IOException {
    Path file = folder.resolve("small.onnx.zip");
    WrittenModel written = model().save(file);
    assertThat(written.bytes()).isEqualTo(model().toBytes().length);
    assertThat(Files.size(file)).isLessThan(written.bytes() / 4);
    assertThat(GraphText.of(Model.load(file).graph())).isEqualTo(GraphText.of(model().graph()));
    assertThat(Model.load(Files.readAllBytes(file)).graph().initializers())
        .isEqualTo(model().graph().initializers());
    Path again = folder.resolve("again.zip");
    model().save(again);
    model().save(folder.resolve("third.zip"));
    assertThat(Files.size(again)).isEqualTo(Files.size(folder.resolve("third.zip")));
    byte[] first = Files.readAllBytes(file);
    model().save(file);
    assertThat(Files.readAllBytes(file)).isEqualTo(first);
  }

  @Test
  void otherFilesInTheArchiveDoNotMatter() throws IOException {
    assertThat(Model.load(zip("README", "../../net.onnx", "a/b.txt")).outputs()).hasSize(1);
  }

  @Test
  void archivesThatAreNoModelsAreSaid() throws IOException {
    assertThatThrownBy(() -> Model.load(zip("data.pkl")))
        .isInstanceOf(MalformedModelException.class)
        .hasMessage("The model is a zip archive without an .onnx file (such as a PyTorch file).");
    assertThatThrownBy(() -> Model.load(zip("a.onnx", "b.onnx")))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("more than one .onnx file");
    byte[] whole = zip("a.onnx");
    for (int length : new int[] {40, 100, 200}) {
      assertThatThrownBy(() -> Model.load(Arrays.copyOf(whole, Math.min(length, whole.length / 2))))
          .isInstanceOf(MalformedModelException.class);
    }
  }

  @Test
  void anArchiveThatGrowsBeyondMeasureIsRefused() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("bomb.onnx"));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 70; i++) {
        zip.write(zeros);
      }
    }
    assertThatThrownBy(() -> Model.load(bytes.toByteArray()))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("unpacks to more than 67108864 bytes");
  }
}
