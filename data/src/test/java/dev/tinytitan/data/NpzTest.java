package dev.tinytitan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads what NumPy wrote (numpy-cases.py), and what we write. */
class NpzTest {
  private static final Map<String, DType> DTYPES =
      Map.ofEntries(
          Map.entry("b1", DType.BOOL),
          Map.entry("i1", DType.INT8),
          Map.entry("i2", DType.INT16),
          Map.entry("i4", DType.INT32),
          Map.entry("i8", DType.INT64),
          Map.entry("u1", DType.UINT8),
          Map.entry("u2", DType.UINT16),
          Map.entry("u4", DType.UINT32),
          Map.entry("u8", DType.UINT64),
          Map.entry("f2", DType.FLOAT16),
          Map.entry("f4", DType.FLOAT32),
          Map.entry("f8", DType.FLOAT64));

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"stored.npz", "deflated.npz"})
  void readsEveryTypeOrderAndLayout(String archive) throws IOException {
    Map<String, Tensor> arrays = Npz.read(TestFiles.copy(archive, folder));
    DTYPES.forEach((kind, dtype) -> {
      for (String variant : new String[] {"little-C", "little-F", "big-C", "big-F"}) {
        Tensor array = arrays.get(kind + "-" + variant);
        assertThat(array).as(kind + variant).isEqualTo(expected(kind, dtype));
      }
    });
    assertThat(arrays.get("scalar")).isEqualTo(Tensor.scalar(2.5f));
    assertThat(arrays.get("empty").shape()).isEqualTo(Shape.of(0, 3));
    assertThat(arrays.get("extremes-i8").toLongArray())
        .containsExactly(Long.MIN_VALUE, Long.MAX_VALUE);
    assertThat(arrays.get("extremes-u8").toLongArray()).containsExactly(0, -1);
    assertThat(arrays.get("extremes-f4").toFloatArray())
        .containsExactly(
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            Float.MIN_VALUE,
            Float.MAX_VALUE);
    assertThat(arrays).hasSize(4 * DTYPES.size() + 5);
  }

  private static Tensor expected(String kind, DType dtype) {
    Tensor expected = Tensor.zeros(dtype, Shape.of(2, 3, 2));
    boolean signed = kind.startsWith("i") || kind.startsWith("f");
    for (int i = 0; i < expected.size(); i++) {
      expected.setLong(i, signed ? i - 3 : i);
    }
    return expected;
  }

  @Test
  void readsAllVersionsOfTheFormat() throws IOException {
    Map<String, Tensor> arrays = Npz.read(TestFiles.copy("versions.npz", folder));
    assertThat(arrays.keySet()).containsExactly("version1", "version2", "version3");
    assertThat(arrays.values()).containsOnly(Tensor.of(new int[] {0, 1, 2, 3, 4}));
  }

  @Test
  void writesWhatItReads() throws IOException {
    Map<String, Tensor> arrays = Npz.read(TestFiles.copy("stored.npz", folder));
    Path copy = folder.resolve("copy.npz");
    Npz.write(copy, arrays);
    assertThat(Npz.read(copy)).isEqualTo(arrays);
    assertThat(Npz.names(copy)).containsExactlyElementsOf(arrays.keySet());
    arrays.forEach((name, array) -> {
      Path single = folder.resolve(name + ".npy");
      Npy.write(single, array);
      assertThat(Npy.read(single)).as(name).isEqualTo(array);
    });
  }

  @Test
  void writesEqualBytesForEqualArrays() throws IOException {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    arrays.put("/model/Add_output_0", Tensor.of(new float[1000], 10, 100));
    arrays.put("ünïcode", Tensor.of(new long[] {1, 2, 3}));
    Npz.write(folder.resolve("a.npz"), arrays);
    Npz.write(folder.resolve("b.npz"), arrays);
    assertThat(folder.resolve("a.npz")).hasSameBinaryContentAs(folder.resolve("b.npz"));
    assertThat(Npz.read(folder.resolve("a.npz"))).isEqualTo(arrays);
  }

  @Test
  void readsRowsAFewAtATime() throws IOException {
    float[] values = new float[7 * 3];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Path file = folder.resolve("rows.npz");
    Npz.write(file, Map.of("x", Tensor.of(values, 7, 3)));
    try (NpyReader reader = Npz.open(file, "x")) {
      assertThat(reader.readRows(2)).isEqualTo(Tensor.of(new float[] {0, 1, 2, 3, 4, 5}, 2, 3));
      assertThat(reader.readRows(0).shape()).isEqualTo(Shape.of(0, 3));
      assertThat(reader.readRows(5).getFloat(14)).isEqualTo(20);
      assertThat(reader.rowsRead()).isEqualTo(7);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"text", "complex", "record"})
  void namesTheTypeThatItCannotRead(String name) throws IOException {
    Path file = TestFiles.copy("unsupported.npz", folder);
    assertThatThrownBy(() -> Npz.read(file, name))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("unsupported.npz (" + name + ")")
        .hasMessageContaining("not supported");
  }

  @Test
  void namesTheArraysThatThereAre() throws IOException {
    Path file = TestFiles.copy("versions.npz", folder);
    assertThatThrownBy(() -> Npz.read(file, "x"))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("'x'")
        .hasMessageContaining("version1, version2, version3");
  }

  @Test
  void refusesWhatIsNoArchive() throws IOException {
    Path empty = Files.createFile(folder.resolve("empty.npz"));
    Path html = Files.writeString(folder.resolve("page.npz"), "<html>not found</html>");
    for (Path file : new Path[] {empty, html, folder.resolve("none.npz")}) {
      assertThatThrownBy(() -> Npz.read(file))
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining(file.getFileName().toString());
    }
  }

  @Test
  void noticesADamagedArray() throws IOException {
    Path file = TestFiles.copy("versions.npz", folder);
    byte[] bytes = Files.readAllBytes(file);
    // The last element of the first array: stored, 128 bytes of header, behind 42 of the archive's.
    bytes[42 + 128 + 16] ^= 1;
    Files.write(file, bytes);
    assertThatThrownBy(() -> Npz.read(file, "version1"))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("checksum");
  }

  @Test
  void leavesTheOldFileIfWritingFails() throws IOException {
    Path file = folder.resolve("old.npz");
    Npz.write(file, Map.of("x", Tensor.scalar(1f)));
    Tensor bfloat = Tensor.zeros(DType.BFLOAT16, Shape.of(2));
    assertThatThrownBy(() -> Npz.write(file, Map.of("x", bfloat)))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("bfloat16");
    assertThat(Npz.read(file, "x")).isEqualTo(Tensor.scalar(1f));
    assertThat(folder).isDirectoryNotContaining("glob:**.part");
    assertThatThrownBy(
            () -> Npz.write(folder.resolve("no/such/folder.npz"), Map.of("x", Tensor.scalar(1f))))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("folder.npz");
  }
}
