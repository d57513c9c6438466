package dev.tinytitan.compress;

import dev.tinytitan.Model;
import dev.tinytitan.onnx.OnnxWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * What a model takes in a zip archive (Deflate), which is how pruned and clustered weights show
 * what they save.
 */
public final class ArchiveSize {
  private ArchiveSize() {}

  /** Bytes of an archive with the model's file in it; deflates it, which takes a while. */
  public static long of(Model model) {
    Counter counter = new Counter();
    try {
      OnnxWriter.writeArchive(model.graph(), model.info(), counter);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return counter.bytes;
  }

  /** Counts what is written. */
  private static final class Counter extends OutputStream {
    private long bytes;

    @Override
    public void write(int b) {
      bytes++;
    }

    @Override
    public void write(byte[] b, int from, int length) {
      bytes += length;
    }
  }
}
