package dev.tinytitan.onnx;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.OverBudgetException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.LocalDateTime;
import java.util.Locale;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A model as the one ONNX file in a zip archive. Names of entries are only looked at, never used as
 * paths.
 */
final class ZippedModel {
  /** A model may always take so many bytes. */
  private static final long SMALL = 64L << 20;

  /** A larger one may be so many times larger than its archive; weights never deflate better. */
  private static final long MOST_GROWTH = 100;

  private static final int BUFFER = 1 << 16;

  /** For models of up to so many bytes the best way to deflate them is tried out. */
  private static final long MOST_PLANNED = 4L << 20;

  /**
   * Any time but now, which would make every archive different; a later one than that from which
   * zip counts, which takes 18 bytes more.
   */
  private static final LocalDateTime WRITTEN = LocalDateTime.of(1980, 2, 1, 0, 0);

  private ZippedModel() {}

  /** True if a file begins as zip archives do. */
  static boolean isZip(ByteSource source) {
    return source.size() >= 4
        && source.get(0) == 'P'
        && source.get(1) == 'K'
        && source.get(2) == 3
        && source.get(3) == 4;
  }

  /**
   * The model's bytes.
   *
   * @param in the archive; is closed
   * @param size of the archive in bytes
   * @param name of the archive, for messages
   * @throws MalformedModelException if there is not exactly one file that ends in .onnx, or the
   *     archive is damaged, or grows beyond all measure
   */
  static byte[] unpack(InputStream in, long size, String name) {
    long limit = Math.min(Integer.MAX_VALUE - 8, Math.max(SMALL, MOST_GROWTH * size));
    byte[] found = null;
    try (ZipInputStream zip = new ZipInputStream(in)) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (!entry.getName().toLowerCase(Locale.ROOT).endsWith(".onnx")) {
          continue;
        }
        if (found != null) {
          throw new MalformedModelException(
              name + " holds more than one .onnx file: unpack it and choose one.");
        }
        found = inflate(zip, limit, name);
      }
    } catch (ZipException error) {
      throw new MalformedModelException(name + " is a damaged zip archive: " + error.getMessage());
    } catch (IOException error) {
      throw new MalformedModelException(
          name + " is a zip archive that cannot be read to its end: " + error.getMessage());
    }
    return requireModel(found, name);
  }

  private static byte[] requireModel(byte @Nullable [] found, String name) {
    if (found == null) {
      throw new MalformedModelException(
          name + " is a zip archive without an .onnx file (such as a PyTorch file).");
    }
    return found;
  }

  private static byte[] inflate(InputStream zip, long limit, String name) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[BUFFER];
    for (int read = zip.read(buffer); read >= 0; read = zip.read(buffer)) {
      if (bytes.size() + (long) read > limit) {
        throw new MalformedModelException(
            name
                + " unpacks to more than "
                + limit
                + " bytes, which no model of its size does: if it is one, unpack it first.");
      }
      bytes.write(buffer, 0, read);
    }
    return bytes.toByteArray();
  }

  /**
   * Writes an archive; the same message and name give the same bytes.
   *
   * @param entry the name of the file in it
   * @throws OverBudgetException if the model is too large for one file
   */
  static void write(ProtoWriter message, String entry, OutputStream out, long mostBytes)
      throws IOException {
    if (message.size() > mostBytes) {
      throw new OverBudgetException(
          "The model takes "
              + message.size()
              + " bytes, over the 2 GiB of one ONNX file in an archive; save it as .onnx.");
    }
    // Not closed: the stream stays open.
    PartedZip zip = new PartedZip(out);
    zip.setLevel(Deflater.BEST_COMPRESSION);
    ZipEntry only = new ZipEntry(entry);
    only.setTimeLocal(WRITTEN);
    zip.putNextEntry(only);
    if (message.size() > MOST_PLANNED) {
      message.writeTo(zip);
    } else {
      ByteArrayOutputStream whole = new ByteArrayOutputStream((int) message.size());
      message.writeTo(whole);
      byte[] bytes = whole.toByteArray();
      for (DeflatePlan.Part part : DeflatePlan.of(bytes, message.ends()).parts()) {
        zip.beginPart(part.strategy());
        zip.write(bytes, part.from(), part.to() - part.from());
      }
    }
    zip.closeEntry();
    zip.finish();
  }

  /** An archive whose files may have parts with Huffman codes of their own. */
  private static final class PartedZip extends ZipOutputStream {
    private int strategy = Deflater.DEFAULT_STRATEGY;

    PartedZip(OutputStream out) {
      super(out);
    }

    /** Ends the block of what was written so far; what follows is deflated by a strategy. */
    void beginPart(int next) throws IOException {
      if (next == strategy) {
        // Only a change ends a block.
        change(next == Deflater.FILTERED ? Deflater.DEFAULT_STRATEGY : Deflater.FILTERED);
      }
      change(next);
    }

    private void change(int next) throws IOException {
      strategy = next;
      def.setStrategy(next);
      // Takes effect at the next call; one with input would deflate that in the old way.
      for (int size = def.deflate(buf); size > 0; size = def.deflate(buf)) {
        out.write(buf, 0, size);
      }
    }
  }
}
