package dev.tinytitan.codegen.chain;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The images of a tensor's array as memory that generated code can be given. They are made once for
 * an array, so that runs on the same one allocate nothing. Serves one thread.
 */
final class ImageSegments {
  private final MemorySegment[] segments;
  private final long imageBytes;
  private @Nullable Object array;

  /**
   * @param imageBytes of one image
   */
  ImageSegments(int images, long imageBytes) {
    this.segments = new MemorySegment[images];
    this.imageBytes = imageBytes;
  }

  /**
   * One image, and what follows it.
   *
   * @param tensor of float32 or 8-bit integers
   */
  MemorySegment of(Tensor tensor, int image) {
    boolean floats = tensor.dtype() == DType.FLOAT32;
    Object now = floats ? tensor.floatArray() : tensor.byteArray();
    if (array != now) {
      array = now;
      MemorySegment whole =
          floats
              ? MemorySegment.ofArray(tensor.floatArray())
              : MemorySegment.ofArray(tensor.byteArray());
      for (int i = 0; i < segments.length; i++) {
        segments[i] = whole.asSlice(i * imageBytes);
      }
    }
    return segments[image];
  }
}
