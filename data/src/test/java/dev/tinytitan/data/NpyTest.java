package dev.tinytitan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NpyTest {
  @TempDir private Path folder;

  @Test
  void startsElementsAtA64thByte() throws IOException {
    Path file = folder.resolve("x.npy");
    Npy.write(file, Tensor.of(new int[] {1, 2, 3}));
    assertThat(Files.size(file)).isEqualTo(128 + 3 * 4);
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
        .startsWith(
            "\u0093NUMPY\u0001\0v\0{'descr': '<i4', 'fortran_order': False, 'shape': (3,), }");
  }

  @Test
  void readsHeadersOfOtherWriters() throws IOException {
    // Python 2 wrote longs with an L; others leave out blanks and the last comma, or use quotes.
    assertThat(Npy.read(file("{'descr':'<i2','fortran_order':False,'shape':(2L,)}", 4)))
        .isEqualTo(Tensor.zeros(DType.INT16, Shape.of(2)));
    assertThat(
            Npy.read(file("{\"shape\": (), \"fortran_order\": True, \"descr\": \"=f4\"}  \n", 4)))
        .isEqualTo(Tensor.scalar(0f));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1000000000), }   | cut off",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, ), }   | not possible",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (65536, 65536), }    | not possible",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }             | a size is missing",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999999,), } | too large",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }              | more bytes follow",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 2, }                 | '(' is missing",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,                  | a size is missing",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)                 | '}' is missing",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} {              | follows",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}                    | True or False",
        "{'descr': '<f4', 'fortran_order': False}                               | no 'shape'",
        "{'descr': '<f4', 'shape': (2,)}                                        | no 'fortran_order'",
        "{'fortran_order': False, 'shape': (2,)}                                | no 'descr'",
        "{'descr': '<f4', 'evil': 1}                                            | 'evil' is unknown",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (2,)}                | '<f3'",
        "{'descr': '', 'fortran_order': False, 'shape': (2,)}                   | type ''",
        "{'descr': '<f4                                                         | a string is missing",
        "~~                                                                     | '{' is missing",
      })
  void saysWhatIsWrongWithAHeader(String header, String message) throws IOException {
    Path file = file(header, 8);
    assertThatThrownBy(() -> Npy.read(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("bad.npy")
        .hasMessageContaining(message);
  }

  @Test
  void refusesWhatIsNoNpyFile() throws IOException {
    Path file = folder.resolve("page.npy");
    for (byte[] content :
        new byte[][] {
          {},
          "<html>".getBytes(StandardCharsets.UTF_8),
          "\u0093NUMPY\u0009\0\0\0".getBytes(StandardCharsets.ISO_8859_1),
          "\u0093NUMPY\u0001\0\u0080".getBytes(StandardCharsets.ISO_8859_1),
          "\u0093NUMPY\u0001\0\u0080\0{".getBytes(StandardCharsets.ISO_8859_1),
          "\u0093NUMPY\u0002\0\u00ff\u00ff\u00ff\u00ff{".getBytes(StandardCharsets.ISO_8859_1),
        }) {
      Files.write(file, content);
      assertThatThrownBy(() -> Npy.read(file))
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining("page.npy");
    }
  }

  private Path file(String header, int dataBytes) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("\u0093NUMPY\u0001\0".getBytes(StandardCharsets.ISO_8859_1));
    bytes.write(header.length());
    bytes.write(0);
    bytes.writeBytes(header.getBytes(StandardCharsets.ISO_8859_1));
    bytes.writeBytes(new byte[dataBytes]);
    Path file = folder.resolve("bad.npy");
    Files.write(file, bytes.toByteArray());
    return file;
  }
}
