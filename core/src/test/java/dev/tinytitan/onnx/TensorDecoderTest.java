package dev.tinytitan.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.TitanException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorDecoderTest {

  private static Tensor decode(ProtoWriter message) {
    return new TensorDecoder(new ExternalFiles(null))
        .decode(ProtoReader.of(ByteSource.of(OnnxFiles.bytes(message))))
        .tensor();
  }

  private static ProtoWriter header(DType dtype, Long... dims) {
    return new ProtoWriter().varints(1, List.of(dims)).varint(2, dtype.onnxNumber()).text(8, "w");
  }

  private static Tensor random(DType dtype, Shape shape) {
    byte[] bytes = new byte[(int) dtype.byteSize(shape.size())];
    new Random(7).nextBytes(bytes);
    return Tensor.mapped(dtype, shape, ByteBuffer.wrap(bytes));
  }

  @ParameterizedTest
  @EnumSource(value = DType.class, names = "STRING", mode = EnumSource.Mode.EXCLUDE)
  void rawBytesOfEveryTypeComeBack(DType dtype) {
    for (Shape shape : List.of(Shape.of(3, 5), Shape.scalar(), Shape.of(0, 4), Shape.of(70, 80))) {
      Tensor tensor = random(dtype, shape);
      assertThat(decode(new ModelEncoder(null).tensor("w", tensor))).isEqualTo(tensor);
    }
  }

  @Test
  void stringsComeBack() {
    Tensor tensor = Tensor.of(new String[] {"a", "", "grün", "四"}, 2, 2);
    assertThat(decode(new ModelEncoder(null).tensor("w", tensor))).isEqualTo(tensor);
  }

  /** The field of TensorProto for each type, as onnx.proto says. */
  @ParameterizedTest
  @EnumSource(value = DType.class, names = "STRING", mode = EnumSource.Mode.EXCLUDE)
  void typedFieldsOfEveryTypeAreRead(DType dtype) {
    Tensor expected = random(dtype, Shape.of(5));
    ProtoWriter message = header(dtype, 5L);
    ByteBuffer raw = expected.rawBytes();
    while (raw.hasRemaining()) {
      switch (dtype) {
        case FLOAT32, COMPLEX64 -> message.float32(4, raw.getFloat());
        case FLOAT64, COMPLEX128 -> fixed64(message, 10, raw.getLong());
        case INT64 -> message.varint(7, raw.getLong());
        case UINT64 -> message.varint(11, raw.getLong());
        case UINT32 -> message.varint(11, raw.getInt() & 0xFFFFFFFFL);
        case INT32 -> message.varint(5, raw.getInt());
        case INT16 -> message.varint(5, raw.getShort());
        case UINT16, FLOAT16, BFLOAT16 -> message.varint(5, raw.getShort() & 0xFFFF);
        case INT8 -> message.varint(5, raw.get());
        default -> message.varint(5, raw.get() & 0xFF);
      }
    }
    assertThat(decode(message)).isEqualTo(expected);
  }

  private static void fixed64(ProtoWriter message, int field, long bits) {
    // The writer has no use for this wire type: a packed list of one.
    message.bytes(
        field, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array());
  }

  @Test
  void packedNibblesStartWithTheLowHalf() {
    Tensor tensor = decode(header(DType.INT4, 3L).varint(5, 0x7F).varint(5, 0x08));
    assertThat(tensor.toLongArray()).containsExactly(-1, 7, -8);
    Tensor twoBits = decode(header(DType.UINT2, 5L).varint(5, 0b11_10_01_00).varint(5, 2));
    assertThat(twoBits.toLongArray()).containsExactly(0, 1, 2, 3, 2);
  }

  @Test
  void smallTensorsAreArrays() {
    assertThat(decode(header(DType.FLOAT32, 1L).bytes(9, new byte[4])).isMapped()).isFalse();
  }

  @Test
  void refusesSizesThatDoNotFit() {
    assertThatThrownBy(() -> decode(header(DType.FLOAT32, 3L).bytes(9, new byte[8])))
        .isInstanceOf(MalformedModelException.class)
        .hasMessageContaining("Tensor 'w' of float32 [3] takes 12 bytes, but the file gives 8");
    assertThatThrownBy(() -> decode(header(DType.FLOAT32, 3L).float32(4, 1)))
        .hasMessageContaining("takes 3 numbers, but the file gives 1");
    assertThatThrownBy(() -> decode(header(DType.STRING, 2L).text(6, "a")))
        .hasMessageContaining("takes 2 strings, but the file gives 1");
  }

  /** None of these may allocate what it asks for. */
  @Test
  void refusesImpossibleShapesBeforeAllocation() {
    for (Long[] dims :
        List.of(
            new Long[] {1L << 40},
            new Long[] {-1L},
            new Long[] {1L << 20, 1L << 20},
            new Long[] {Integer.MAX_VALUE + 0L})) {
      for (DType dtype : List.of(DType.FLOAT32, DType.COMPLEX128, DType.INT4, DType.STRING)) {
        assertThatThrownBy(() -> decode(header(dtype, dims))).isInstanceOf(TitanException.class);
      }
    }
    Long[] many = new Long[100];
    Arrays.fill(many, 1L);
    assertThatThrownBy(() -> decode(header(DType.INT8, many)))
        .hasMessageContaining("more than 64 dimensions");
  }

  @Test
  void refusesUnknownTypesAndRawStrings() {
    assertThatThrownBy(() -> decode(new ProtoWriter().varint(2, 99)))
        .hasMessageContaining("unknown element type 99");
    assertThatThrownBy(() -> decode(new ProtoWriter().text(8, "w")))
        .hasMessageContaining("'w' has no element type");
    assertThatThrownBy(() -> decode(header(DType.STRING, 1L).bytes(9, new byte[1])))
        .hasMessageContaining("strings cannot have");
  }

  @Test
  void sparseTensorsBecomeDense() {
    ProtoWriter values = new ModelEncoder(null).tensor("s", Tensor.of(new float[] {5, 7}));
    for (Tensor indices :
        List.of(Tensor.of(new long[] {1, 5}), Tensor.of(new long[] {0, 1, 1, 2}, 2, 2))) {
      assertThat(sparse(values, indices, 2L, 3L))
          .isEqualTo(Tensor.of(new float[] {0, 5, 0, 0, 0, 7}, 2, 3));
    }
    assertThatThrownBy(() -> sparse(values, Tensor.of(new long[] {0, 6}), 2L, 3L))
        .isInstanceOf(MalformedModelException.class);
    assertThatThrownBy(() -> sparse(values, Tensor.of(new long[] {0, 1L << 32}), 2L, 3L))
        .isInstanceOf(MalformedModelException.class);
    assertThatThrownBy(() -> sparse(values, Tensor.of(new long[] {0, 1}), 1L << 30))
        .hasMessageContaining("over 256 MiB");
  }

  private static Tensor sparse(ProtoWriter values, Tensor indices, Long... dims) {
    ProtoWriter message =
        new ProtoWriter()
            .message(1, values)
            .message(2, new ModelEncoder(null).tensor("", indices))
            .varints(3, List.of(dims));
    return new SparseTensors(new TensorDecoder(new ExternalFiles(null)))
        .decode(ProtoReader.of(ByteSource.of(OnnxFiles.bytes(message))))
        .tensor();
  }
}
