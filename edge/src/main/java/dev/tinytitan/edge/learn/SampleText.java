package dev.tinytitan.edge.learn;

import dev.tinytitan.BadDataException;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** Samples as text, for the journal. */
final class SampleText {
  private SampleText() {}

  /** The first digits of the SHA-256 of the bytes. */
  static String hash(Tensor sample) {
    return HexFormat.of().formatHex(ModelHash.of(sample), 0, 8);
  }

  /** All bytes, compressed, in Base64. */
  static String encode(Tensor sample) {
    ByteBuffer raw = sample.rawBytes();
    byte[] bytes = new byte[raw.remaining()];
    raw.get(bytes);
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
      out.write(bytes);
    } catch (IOException error) {
      throw new IllegalStateException("writing into memory failed", error);
    }
    return Base64.getEncoder().encodeToString(packed.toByteArray());
  }

  /**
   * The sample of a text.
   *
   * @param type what it is to be
   * @throws BadDataException if the text is damaged
   */
  static Tensor decode(String text, TensorType type) {
    int wanted = (int) type.dtype().byteSize(type.shape().size());
    try (InflaterInputStream in =
        new InflaterInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(text)))) {
      byte[] bytes = in.readNBytes(wanted);
      if (bytes.length != wanted) {
        throw new BadDataException("A sample in the journal is damaged: it ends early.");
      }
      return Tensor.mapped(type.dtype(), type.shape(), ByteBuffer.wrap(bytes)).copy();
    } catch (IOException | IllegalArgumentException error) {
      throw new BadDataException("A sample in the journal is damaged: " + error, error);
    }
  }
}
