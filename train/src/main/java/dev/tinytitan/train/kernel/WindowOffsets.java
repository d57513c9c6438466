package dev.tinytitan.train.kernel;

import dev.tinytitan.op.WindowGeometry;

/** Where the elements of every window lie among the places of an image; -1 in the padding. */
final class WindowOffsets {
  private WindowOffsets() {}

  /** For each position, one number for each element of the window. */
  static int[] of(WindowGeometry geometry) {
    int taps = geometry.kernelSize();
    int[] all = new int[Math.multiplyExact(geometry.outputSize(), taps)];
    int[] offsets = new int[Math.max(1, taps)];
    for (int position = 0; position < geometry.outputSize(); position++) {
      geometry.inputOffsets(position, offsets);
      System.arraycopy(offsets, 0, all, position * taps, taps);
    }
    return all;
  }
}
