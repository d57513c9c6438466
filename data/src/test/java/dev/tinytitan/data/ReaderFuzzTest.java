package dev.tinytitan.data;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.TitanException;
import dev.tinytitan.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Seeded mutations of valid files end in a value or a TitanException, and allocate little. {@code
 * -Dtinytitan.fuzz.iterations=N} sets how many there are in total.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class ReaderFuzzTest {
  private static final int ITERATIONS =
      Integer.getInteger(
          "tinytitan.fuzz.iterations",
          Boolean.getBoolean("tinytitan.nightly") ? 2_000_000 : 100_000);
  private static final long MAX_ALLOCATED = 32L << 20;

  /** Pieces that parsers stumble over. */
  private static final byte[][] DICTIONARY =
      Arrays.stream(
              new String[] {
                "0",
                "-1",
                "4294967295",
                "2147483648",
                "9223372036854775807",
                "1e999",
                "nan",
                "\"",
                "\"\"",
                ",",
                ";",
                "\t",
                "\r",
                "\n",
                "(",
                ")",
                "{",
                "}",
                "'",
                "True",
                ">",
                "f8",
                "b1",
                "PK\u0003\u0004",
                "PK\u0001\u0002",
                "\0\0\0\0",
                "\u00ff\u00ff\u00ff\u00ff",
                "data",
                "fmt "
              })
          .map(text -> text.getBytes(StandardCharsets.ISO_8859_1))
          .toArray(byte[][]::new);

  @TempDir private Path folder;

  /** Reads a mutated file. */
  private interface Reader {
    void read(byte[] bytes) throws IOException;
  }

  @Test
  void npy() throws IOException {
    for (String array : new String[] {"f4-big-F", "u2-little-C", "scalar"}) {
      Path file = folder.resolve("valid.npy");
      Npy.write(file, Npz.read(TestFiles.copy("stored.npz", folder), array));
      fuzz(
          Files.readAllBytes(file),
          ITERATIONS / 8,
          bytes ->
              new NpyReader(new ByteArrayInputStream(bytes), bytes.length, "fuzzed.npy").readAll());
    }
  }

  @Test
  void npz() throws IOException {
    // Fewer than of the others: an archive can only be read from a real file, which takes its time.
    Path mutated = folder.resolve("fuzzed.npz");
    Reader reader =
        bytes -> {
          Files.write(mutated, bytes);
          Npz.read(mutated);
        };
    fuzz(TestFiles.bytes("versions.npz"), ITERATIONS / 40, reader);
    Path deflated = folder.resolve("valid.npz");
    Npz.write(deflated, Map.of("x", Tensor.of(new float[300], 3, 100)));
    fuzz(Files.readAllBytes(deflated), ITERATIONS / 40, reader);
  }

  @Test
  void csv() throws IOException {
    String table = "a,b,\"c,d\",y\n1,2.5,-3e2,cat\n4,5,6,\"do\"\"g\"\n\n7,8,9,cat\r\n";
    fuzz(table, false, DatasetOptions.DEFAULT);
    fuzz("a;b;y\n1;2;3\n4;5;6\n", false, DatasetOptions.DEFAULT.withLabels("b").withGroups("0"));
    fuzz("ham\tHello\nspam\tWin \"now\"\n", true, DatasetOptions.DEFAULT.withLabels("0"));
  }

  private void fuzz(String table, boolean tabSeparated, DatasetOptions options) {
    fuzz(
        table.getBytes(StandardCharsets.UTF_8),
        ITERATIONS / 8,
        bytes ->
            CsvDataset.read(new ByteArrayInputStream(bytes), "fuzzed.csv", tabSeparated, options));
  }

  @Test
  void idx() throws IOException {
    byte[] plain = {0, 0, 0x0B, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    ByteArrayOutputStream gzipped = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(gzipped)) {
      out.write(plain);
    }
    Reader reader = bytes -> Idx.read(new ByteArrayInputStream(bytes), bytes.length, "fuzzed.idx");
    fuzz(plain, ITERATIONS / 20, reader);
    fuzz(gzipped.toByteArray(), ITERATIONS / 20, reader);
  }

  @Test
  void wav() throws IOException {
    fuzz(
        SoundTest.wav(16, 2, 8000, new byte[64]),
        ITERATIONS / 10,
        bytes -> Sound.read(new ByteArrayInputStream(bytes), bytes.length, "fuzzed.wav"));
  }

  private static void fuzz(byte[] valid, int iterations, Reader reader) {
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int values = 0;
    for (int i = 0; i < iterations; i++) {
      byte[] mutated = mutate(valid, new SplittableRandom(i));
      long before = threads.getCurrentThreadAllocatedBytes();
      try {
        reader.read(mutated);
        values++;
      } catch (TitanException e) {
        assertThat(e).as("seed " + i).message().isNotBlank();
      } catch (IOException e) {
        // The public method around the stream makes a BadDataException of it.
        assertThat(e).as("seed " + i).isNotNull();
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + i + ": " + Arrays.toString(mutated), e);
      }
      assertThat(threads.getCurrentThreadAllocatedBytes() - before)
          .as("bytes allocated with seed " + i)
          .isLessThan(MAX_ALLOCATED);
    }
    // Both ways out were taken, or the test tests nothing.
    assertThat(values).isBetween(1, iterations - 1);
  }

  private static byte[] mutate(byte[] valid, RandomGenerator random) {
    byte[] bytes = valid.clone();
    for (int changes = random.nextInt(1, 6); changes > 0; changes--) {
      int at = random.nextInt(bytes.length + 1);
      int length = Math.min(bytes.length - at, 1 + random.nextInt(8));
      bytes =
          switch (random.nextInt(6)) {
            case 0 -> flipped(bytes, at, random.nextInt(8));
            case 1 -> spliced(bytes, at, length, randomBytes(random, length));
            case 2 -> spliced(bytes, at, length, new byte[0]);
            case 3 -> spliced(bytes, at, 0, Arrays.copyOfRange(bytes, at, at + length));
            case 4 -> {
              byte[] piece = DICTIONARY[random.nextInt(DICTIONARY.length)];
              yield spliced(bytes, at, random.nextBoolean() ? length : 0, piece);
            }
            default -> random.nextInt(4) == 0 ? Arrays.copyOf(bytes, at) : bytes;
          };
    }
    return bytes;
  }

  private static byte[] flipped(byte[] bytes, int at, int bit) {
    byte[] result = bytes.clone();
    if (at < result.length) {
      result[at] ^= (byte) (1 << bit);
    }
    return result;
  }

  private static byte[] randomBytes(RandomGenerator random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] spliced(byte[] bytes, int at, int removed, byte[] inserted) {
    byte[] result = new byte[bytes.length - removed + inserted.length];
    System.arraycopy(bytes, 0, result, 0, at);
    System.arraycopy(inserted, 0, result, at, inserted.length);
    System.arraycopy(
        bytes, at + removed, result, at + inserted.length, bytes.length - at - removed);
    return result;
  }
}
