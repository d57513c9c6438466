package dev.tinytitan.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.Model;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
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

  /** Constants of many kinds: skewed bytes, noise, repetitions, and text in between. */
  private static Model mixed() {
    Random random = new Random(1);
    byte[] skewed = new byte[9000];
    byte[] distances = new byte[6000];
    for (int i = 0; i < skewed.length; i++) {
      skewed[i] = (byte) (random.nextInt(4) * random.nextInt(3));
      distances[i % distances.length] =
          (byte) Math.min(255, -20 * Math.log(1 - random.nextDouble()));
    }
    float[] noise = new float[1000];
    byte[] repeated = new byte[50_000];
    for (int i = 0; i < repeated.length; i++) {
      noise[i % noise.length] = random.nextFloat();
      repeated[i] = (byte) (i % 97);
    }
    Graph.Builder graph = Graph.builder("g").input("x", TensorType.of(DType.FLOAT32, 1000));
    graph.initializer("noise", Tensor.of(noise));
    graph.node(new Add(), List.of("x", "noise"), "y").output("y", null);
    for (byte[] each : List.of(skewed, distances, repeated, new byte[10])) {
      String name = "bytes" + each.length;
      graph.initializer(name, Tensor.ofUnsigned(each, each.length));
      graph.node(new Cast(DType.FLOAT32), List.of(name), name + "f").output(name + "f", null);
    }
    return Model.of(graph.build(), ModelInfo.of(17));
  }

  /**
   * Every reader of zip files sees one file, the model; ours, a stream, and one by the directory.
   */
  @Test
  void partsDeflatedEachInItsOwnWayAreOneFile() throws IOException {
    byte[] model = mixed().toBytes();
    Path file = folder.resolve("mixed.onnx.zip");
    mixed().save(file);
    assertThat(Model.load(file).toBytes()).isEqualTo(model);
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry entry = zip.getEntry("mixed.onnx");
      assertThat(zip.getInputStream(entry).readAllBytes()).isEqualTo(model);
      assertThat(entry.getSize()).isEqualTo(model.length);
      assertThat(entry.getTimeLocal().getYear()).isEqualTo(1980);
    }
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(plain)) {
      zip.setLevel(Deflater.BEST_COMPRESSION);
      zip.putNextEntry(new ZipEntry("mixed.onnx"));
      zip.write(model);
    }
    assertThat(Files.size(file)).isLessThan(plain.size() * 97 / 100);
  }

  @Test
  void aPlanCoversAllBytesOnce() {
    byte[] model = mixed().toBytes();
    List<Long> ends = List.of(300L, 4600L, 13_700L, 19_700L, (long) model.length);
    DeflatePlan plan = DeflatePlan.of(model, ends);
    int at = 0;
    for (DeflatePlan.Part part : plan.parts()) {
      assertThat(part.from()).isEqualTo(at);
      at = part.to();
    }
    assertThat(at).isEqualTo(model.length);
    assertThat(plan.parts()).hasSizeBetween(2, 5);
    assertThat(DeflatePlan.of(new byte[0], List.of()).parts()).isEmpty();
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
