package dev.tinytitan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetTest {
  @TempDir private Path folder;

  @Test
  void readsAnNpzFile() {
    try (Dataset data = Dataset.open(npz(), DatasetOptions.DEFAULT.withGroups("subject"))) {
      assertThat(data.size()).isEqualTo(5);
      assertThat(data.dtype()).isEqualTo(DType.FLOAT32);
      assertThat(data.sampleShape()).isEqualTo(Shape.of(2));
      assertThat(data.sample(3)).isEqualTo(Tensor.of(new float[] {6, 7}));
      assertThat(data.labels()).contains(Tensor.ofUnsigned(new byte[] {0, 1, 0, 1, 2}));
      assertThat(data.groups()).contains(Tensor.of(new long[] {9, 9, 8, 8, 7}));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 100, Integer.MAX_VALUE})
  void givesEverySampleOnceInBatches(int batchSize) {
    try (Dataset data = Dataset.open(npz())) {
      for (int round = 0; round < 2; round++) {
        List<Float> values = new ArrayList<>();
        List<Long> labels = new ArrayList<>();
        for (Dataset.Batch batch : data.batches(batchSize)) {
          int rows = batch.samples().shape().dim(0);
          assertThat(rows).isBetween(1, batchSize);
          for (int i = 0; i < batch.samples().size(); i++) {
            values.add(batch.samples().getFloat(i));
          }
          Tensor y = batch.labels().orElseThrow();
          assertThat(y.size()).isEqualTo(rows);
          for (int i = 0; i < rows; i++) {
            labels.add(y.getLong(i));
          }
        }
        assertThat(values).containsExactly(0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 9f);
        assertThat(labels).containsExactly(0L, 1L, 0L, 1L, 2L);
      }
    }
  }

  @Test
  void readsSamplesInAnyOrder() {
    try (Dataset data = Dataset.open(npz());
        Dataset memory = data.inMemory()) {
      for (int index : new int[] {4, 0, 2, 2, 1, 3}) {
        assertThat(data.sample(index)).isEqualTo(memory.sample(index));
        assertThat(data.sample(index).getFloat(0)).isEqualTo(2f * index);
      }
      assertThat(data.samples(2, 2).shape()).isEqualTo(Shape.of(0, 2));
      assertThat(memory.labels()).isEqualTo(data.labels());
      assertThatThrownBy(() -> data.samples(3, 6)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatThrownBy(() -> data.batches(0)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void readsNothingAfterClosing() {
    Dataset data = Dataset.open(npz());
    data.close();
    assertThatThrownBy(() -> data.sample(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void saysWhichArraysThereAreToChooseFrom() {
    Path file = folder.resolve("ab.npz");
    Npz.write(
        file, new LinkedHashMap<>(Map.of("a", Tensor.scalar(1f), "b", Tensor.of(new float[2]))));
    assertThatThrownBy(() -> Dataset.open(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("say which array holds the samples");
    assertThatThrownBy(() -> Dataset.open(file, DatasetOptions.DEFAULT.withFeatures("a")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("scalar");
    assertThat(Dataset.open(file, DatasetOptions.DEFAULT.withFeatures("b")).size()).isEqualTo(2);
  }

  @Test
  void refusesLabelsThatDoNotFit() {
    Path file = folder.resolve("odd.npz");
    Npz.write(file, Map.of("x", Tensor.of(new float[6], 3, 2), "y", Tensor.of(new long[2])));
    assertThatThrownBy(() -> Dataset.open(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("3 samples, but the labels have the shape [2]");
    assertThatThrownBy(() -> Dataset.of(Tensor.of(new float[2]), Tensor.of(new long[3])))
        .isInstanceOf(BadDataException.class);
  }

  @Test
  void readsAnNpyFileInEitherOrder() throws IOException {
    Path stored = TestFiles.copy("stored.npz", folder);
    Tensor expected = Npz.read(stored, "f4-little-C");
    for (String name : new String[] {"f4-little-C", "f4-big-F"}) {
      try (Dataset data = Dataset.open(stored, DatasetOptions.DEFAULT.withFeatures(name))) {
        assertThat(data.samples(0, 2)).as(name).isEqualTo(expected);
      }
    }
    Path single = folder.resolve("x.npy");
    Npy.write(single, expected);
    try (Dataset data = Dataset.open(single)) {
      assertThat(data.samples(1, 2).toFloatArray()).containsExactly(3, 4, 5, 6, 7, 8);
    }
  }

  @Test
  void readsIdxFilesWithTheirLabels() throws IOException {
    byte[] images = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, (byte) 255};
    byte[] labels = {0, 0, 8, 1, 0, 0, 0, 2, 7, 9};
    Path plain = Files.write(folder.resolve("train-images-idx3-ubyte"), images);
    Files.write(folder.resolve("train-labels-idx1-ubyte"), labels);
    Path gzipped = folder.resolve("t10k-images-idx3-ubyte.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(gzipped))) {
      out.write(images);
    }
    Dataset labelled = Dataset.open(plain);
    assertThat(labelled.labels()).contains(Tensor.of(new long[] {7, 9}));
    assertThat(labelled.samples(0, 2))
        .isEqualTo(Tensor.ofUnsigned(new byte[] {1, 2, 3, (byte) 255}, 2, 1, 2));
    Dataset unlabelled = Dataset.open(gzipped);
    assertThat(unlabelled.labels()).isEmpty();
    assertThat(unlabelled.samples(0, 2)).isEqualTo(labelled.samples(0, 2));
  }

  @Test
  void readsBigEndianIdxElements() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(16);
    bytes.putInt(0x00000D01).putInt(2).putFloat(1.5f).putFloat(-2f);
    Path file = Files.write(folder.resolve("values.idx"), bytes.array());
    assertThat(Idx.read(file)).isEqualTo(Tensor.of(new float[] {1.5f, -2f}));
    for (int length : new int[] {0, 3, 6, 12}) {
      Files.write(file, Arrays.copyOf(bytes.array(), length));
      assertThatThrownBy(() -> Idx.read(file))
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining("values.idx");
    }
  }

  @Test
  void readsLinesOfText() throws IOException {
    Path file =
        Files.writeString(folder.resolve("lines.txt"), "One.\n\n  \nTwo, too.\r\nDr\u00e4i");
    Dataset data = Dataset.open(file);
    assertThat(data.samples(0, data.size()))
        .isEqualTo(Tensor.of(new String[] {"One.", "Two, too.", "Dr\u00e4i"}));
    assertThat(data.sampleShape()).isEqualTo(Shape.scalar());
    assertThat(data.sample(1).getString(0)).isEqualTo("Two, too.");
    Files.write(file, "\u00e4".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Dataset.open(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("not UTF-8");
  }

  @Test
  void readsAFolderOfImagesWithAFolderPerClass() throws IOException {
    image("night/b.png", 2, 2, 0x000000);
    image("day/a.png", 4, 2, 0xFF8000);
    image("day/.hidden.png", 9, 9, 0);
    Files.writeString(folder.resolve("images/day/notes.md"), "not an image");
    Path images = folder.resolve("images");
    Dataset data = Dataset.open(images, DatasetOptions.DEFAULT.withImage(ImageLayout.of(3, 1, 2)));
    assertThat(data.classNames()).containsExactly("day", "night");
    assertThat(data.labels()).contains(Tensor.of(new long[] {0, 1}));
    assertThat(data.samples(0, 2))
        .isEqualTo(Tensor.of(new float[] {255, 255, 128, 128, 0, 0, 0, 0, 0, 0, 0, 0}, 2, 3, 1, 2));
    Dataset grey =
        Dataset.open(images, DatasetOptions.DEFAULT.withImage(ImageLayout.of(1, 1, 1).scaled()));
    assertThat(grey.sample(0).getFloat(0)).isEqualTo((299 * 255 + 587 * 128) / 1000f * (1 / 255f));
    Dataset asTheyAre = Dataset.open(images);
    assertThat(asTheyAre.sampleShape()).isEqualTo(Shape.of(3, 2, 4));
    assertThatThrownBy(() -> asTheyAre.samples(0, 2))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("b.png has 2 by 2 pixels");
  }

  @Test
  void takesGreyImagesAsStored() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setSample(0, 0, 0, 100);
    image.getRaster().setSample(1, 0, 0, 255);
    Path file = folder.resolve("grey.png");
    ImageIO.write(image, "png", file.toFile());
    assertThat(Images.read(file, ImageLayout.of(1, 1, 2)).toFloatArray()).containsExactly(100, 255);
  }

  @Test
  void resizesAsOthersDo() {
    // The values that Pillow's BILINEAR gives, before rounding.
    assertThat(Resize.triangle(new float[] {0, 100}, 1, 2, 1, 4)).containsExactly(0, 25, 75, 100);
    assertThat(Resize.triangle(new float[] {0, 0, 100, 100}, 4, 1, 2, 1))
        .containsExactly(25f / 1.75f, 150f / 1.75f);
  }

  @Test
  void readsAFolderOfSounds() throws IOException {
    Path yes = Files.createDirectories(folder.resolve("words/yes"));
    Files.write(yes.resolve("1.wav"), SoundTest.wav(8, 1, 8000, new byte[] {0, (byte) 192}));
    Files.write(yes.resolve("2.wav"), SoundTest.wav(8, 1, 8000, new byte[] {64}));
    Dataset data = Dataset.open(folder.resolve("words"));
    assertThat(data.classNames()).containsExactly("yes");
    assertThat(data.samples(0, 2)).isEqualTo(Tensor.of(new float[] {-1, 0.5f, -0.5f, 0}, 2, 2));
    Dataset longer =
        Dataset.open(folder.resolve("words"), DatasetOptions.DEFAULT.withSoundLength(3));
    assertThat(longer.sample(0)).isEqualTo(Tensor.of(new float[] {-1, 0.5f, 0}));
    Files.write(yes.resolve("3.wav"), SoundTest.wav(8, 1, 16000, new byte[] {64}));
    assertThatThrownBy(() -> Dataset.open(folder.resolve("words")).sample(2))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("3.wav has 16000 samples a second");
    image("../words/yes/0.png", 1, 1, 0);
    assertThatThrownBy(() -> Dataset.open(folder.resolve("words")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("images and sounds");
  }

  @Test
  void saysWhatItCannotOpen() throws IOException {
    Path unknown = Files.writeString(folder.resolve("data.xyz"), "?");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path broken = Files.createDirectory(folder.resolve("broken"));
    Files.writeString(broken.resolve("page.png"), "<html>");
    Map.of(
            unknown,
            ".npz, .npy, .csv",
            empty,
            "has no images",
            broken,
            "page.png is not an image",
            folder.resolve("none.npz"),
            "no file or folder")
        .forEach((path, message) ->
            assertThatThrownBy(() -> Dataset.open(path))
                .isInstanceOf(BadDataException.class)
                .hasMessageContaining(path.toString())
                .hasMessageContaining(message));
  }

  private Path npz() {
    Path file = folder.resolve("data.npz");
    Npz.write(
        file,
        Map.of(
            "x", Tensor.of(new float[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 5, 2),
            "y", Tensor.ofUnsigned(new byte[] {0, 1, 0, 1, 2}),
            "subject", Tensor.of(new int[] {9, 9, 8, 8, 7})));
    return file;
  }

  private void image(String name, int width, int height, int rgb) throws IOException {
    Path file = folder.resolve("images").resolve(name).normalize();
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, rgb);
    }
    ImageIO.write(image, "png", file.toFile());
  }
}
