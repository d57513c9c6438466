package dev.tinytitan.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.MalformedModelException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtoReaderTest {

  private static ProtoReader reader(int... bytes) {
    byte[] array = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      array[i] = (byte) bytes[i];
    }
    return ProtoReader.of(ByteSource.of(array));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 127, 128, 300, Integer.MAX_VALUE, Long.MAX_VALUE, -1, Long.MIN_VALUE})
  void readsWhatTheWriterWrites(long value) {
    byte[] bytes = OnnxFiles.bytes(new ProtoWriter().varint(3, value).text(70_000, "é"));
    ProtoReader reader = ProtoReader.of(ByteSource.of(bytes));
    assertThat(reader.next()).isTrue();
    assertThat(reader.field()).isEqualTo(3);
    assertThat(reader.varint()).isEqualTo(value);
    assertThat(reader.next()).isTrue();
    assertThat(reader.field()).isEqualTo(70_000);
    assertThat(reader.name()).isEqualTo("é");
    assertThat(reader.next()).isFalse();
  }

  @Test
  void readsPackedAndSingleElements() {
    // Field 1: 5, then packed [6, 300], then 7.
    ProtoReader reader = reader(0x08, 5, 0x0A, 3, 6, 0xAC, 0x02, 0x08, 7);
    List<Long> values = new ArrayList<>();
    while (reader.next()) {
      reader.forEach(ProtoReader.VARINT, values::add);
    }
    assertThat(values).containsExactly(5L, 6L, 300L, 7L);
  }

  @Test
  void saysWhereAFileIsTruncated() {
    ProtoReader reader = reader(0x08, 1, 0x3A, 100, 0, 0);
    reader.next();
    assertThatThrownBy(reader::next)
        .isInstanceOfSatisfying(
            MalformedModelException.class, error -> assertThat(error.byteOffset()).isEqualTo(2))
        .hasMessageContaining("truncated")
        .hasMessageContaining("asks for 100 bytes where 2 are left (at byte 2)");
  }

  @Test
  void refusesWhatReachesBeyondItsMessage() {
    ProtoReader outer = reader(0x0A, 2, 0x12, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    outer.next();
    ProtoReader inner = outer.message();
    assertThatThrownBy(inner::next)
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("reaches beyond its message");
  }

  @Test
  void refusesNegativeLengthsLongNumbersAndUnknownWireTypes() {
    int[] minusOne = {0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1};
    assertThatThrownBy(() -> reader(minusOne).next()).isInstanceOf(MalformedModelException.class);
    int[] elevenBytes = {0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1};
    assertThatThrownBy(() -> reader(elevenBytes).next())
        .hasMessageContaining("longer than 10 bytes");
    assertThatThrownBy(() -> reader(0x0B).next()).hasMessageContaining("wire type 3");
    assertThatThrownBy(() -> reader(0x00, 0).next()).hasMessageContaining("no valid field");
  }

  @Test
  void refusesValuesOfAnotherKindAndBadNames() {
    ProtoReader number = reader(0x08, 1);
    number.next();
    assertThatThrownBy(number::message).isInstanceOf(MalformedModelException.class);
    ProtoReader text = reader(0x0A, 1, 0xFF);
    text.next();
    assertThatThrownBy(text::name).hasMessageContaining("UTF-8");
    assertThat(text.text()).isEqualTo("\uFFFD");
  }
}
