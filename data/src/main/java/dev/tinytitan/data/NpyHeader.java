package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * The header of an npy file, versions 1.0 to 3.0 (NumPy's {@code numpy.lib.format}): a magic
 * number, a length, and a Python dictionary that tells element type, order and shape.
 *
 * @param dtype element type
 * @param order byte order of the elements
 * @param fortran elements lie with the first index fastest
 * @param dims sizes of the dimensions, unchecked
 * @param byteLength bytes of the header: where the elements start
 */
@SuppressWarnings("ArrayRecordComponent") // Lives within a method's call, is never compared.
record NpyHeader(DType dtype, ByteOrder order, boolean fortran, long[] dims, int byteLength) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_LENGTH = 1 << 16;

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

  /**
   * Reads the header from the start of a stream.
   *
   * @throws BadDataException if this is no npy file, or one of another element type
   */
  static NpyHeader read(InputStream in, String source) throws IOException {
    byte[] start = in.readNBytes(8);
    if (start.length < 8 || !Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
      throw new BadDataException(source + " is not an npy file: it does not start with \\x93NUMPY");
    }
    int version = start[6];
    if (version < 1 || version > 3) {
      throw new BadDataException(
          source + " is of npy version " + version + "; versions 1 to 3 are supported");
    }
    int lengthBytes = version == 1 ? 2 : 4;
    ByteBuffer lengthField =
        ByteBuffer.wrap(in.readNBytes(lengthBytes)).order(ByteOrder.LITTLE_ENDIAN);
    if (lengthField.capacity() < lengthBytes) {
      throw cutOff(source);
    }
    int length = version == 1 ? lengthField.getShort() & 0xFFFF : lengthField.getInt();
    if (length < 0 || length > MAX_LENGTH) {
      throw new BadDataException(
          source + ": a header of " + Integer.toUnsignedString(length) + " bytes is too long");
    }
    byte[] text = in.readNBytes(length);
    if (text.length < length) {
      throw cutOff(source);
    }
    String dictionary =
        new String(text, version == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    NpyDictionary fields = NpyDictionary.parse(dictionary, source);
    String descriptor = fields.descriptor();
    return new NpyHeader(
        dtype(descriptor, source),
        descriptor.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN,
        fields.fortranOrder(),
        fields.shape(),
        8 + lengthBytes + length);
  }

  /** A header for elements in C order, little-endian, padded so that they start at a 64th byte. */
  static byte[] write(DType dtype, int[] dims) {
    StringBuilder shape = new StringBuilder("(");
    for (int i = 0; i < dims.length; i++) {
      shape.append(i == 0 ? "" : ", ").append(dims[i]);
    }
    shape.append(dims.length == 1 ? ",)" : ")");
    String dictionary =
        "{'descr': '" + descriptor(dtype) + "', 'fortran_order': False, 'shape': " + shape + ", }";
    int unpadded = 10 + dictionary.length() + 1;
    int padding = (64 - unpadded % 64) % 64;
    byte[] text = (dictionary + " ".repeat(padding) + "\n").getBytes(StandardCharsets.ISO_8859_1);
    return ByteBuffer.allocate(10 + text.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) text.length)
        .put(text)
        .array();
  }

  private static String descriptor(DType dtype) {
    return DTYPES.entrySet().stream()
        .filter(entry -> entry.getValue() == dtype)
        .map(entry -> (dtype.bits() == 8 ? "|" : "<") + entry.getKey())
        .findFirst()
        .orElseThrow(() ->
            new BadDataException(
                "The npy format has no element type " + dtype + "; cast to float32 first"));
  }

  private static DType dtype(String descriptor, String source) {
    boolean prefixed = !descriptor.isEmpty() && "<>|=".indexOf(descriptor.charAt(0)) >= 0;
    DType dtype = DTYPES.get(prefixed ? descriptor.substring(1) : descriptor);
    if (dtype == null) {
      throw new BadDataException(
          source
              + ": elements of NumPy type '"
              + descriptor
              + "' are not supported; convert to bool, an integer or float16 to float64");
    }
    return dtype;
  }

  private static BadDataException cutOff(String source) {
    return new BadDataException(source + " ends within its header; it is cut off");
  }
}
