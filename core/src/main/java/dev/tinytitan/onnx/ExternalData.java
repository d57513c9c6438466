package dev.tinytitan.onnx;

import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** The tensors that go into a file beside the model, in order. Not thread-safe. */
final class ExternalData {
  /** Smaller tensors stay in the model, where every tool finds shapes and scalars. */
  static final int MIN_BYTES = 1024;

  /** Tensors start at multiples of a page, as ONNX advises for mapping. */
  private static final int ALIGNMENT = 4096;

  private final String location;
  private final List<Tensor> tensors = new ArrayList<>();
  private long end;

  /**
   * @param location the file's name, in the model's folder
   */
  ExternalData(String location) {
    this.location = location;
  }

  /** The file's name. */
  String location() {
    return location;
  }

  /** The bytes of the file. */
  long size() {
    return end;
  }

  /** Adds a tensor and gives where in the file it starts. */
  long add(Tensor tensor) {
    long start = aligned(end);
    tensors.add(tensor);
    end = start + tensor.byteSize();
    return start;
  }

  private static long aligned(long offset) {
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** Writes the file. */
  void writeTo(OutputStream out) throws IOException {
    long written = 0;
    for (Tensor tensor : tensors) {
      long gap = aligned(written) - written;
      out.write(new byte[(int) gap]);
      ProtoWriter.writeElements(tensor, out);
      written += gap + tensor.byteSize();
    }
  }
}
