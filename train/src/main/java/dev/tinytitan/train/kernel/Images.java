package dev.tinytitan.train.kernel;

import dev.tinytitan.kernel.Work;

/**
 * How a batch of images is split into parts: by images, or by positions where there are fewer
 * images than parts. Each element is computed in the same way however it is split.
 *
 * @param batch images
 * @param positions positions of each
 */
record Images(int batch, int positions) {
  /** Inner loops take this many rows at once. */
  static final int ROW_MULTIPLE = 12;

  int parts(int threads, double nanos) {
    return Work.parts(threads, nanos, Math.max(batch, positions / ROW_MULTIPLE));
  }

  private boolean byImage(int parts) {
    return batch >= parts;
  }

  int imageFrom(int part, int parts) {
    return byImage(parts) ? Work.bound(batch, 1, part, parts) : 0;
  }

  int imageTo(int part, int parts) {
    return byImage(parts) ? Work.bound(batch, 1, part + 1, parts) : batch;
  }

  int positionFrom(int part, int parts) {
    return byImage(parts) ? 0 : Work.bound(positions, ROW_MULTIPLE, part, parts);
  }

  int positionTo(int part, int parts) {
    return byImage(parts) ? positions : Work.bound(positions, ROW_MULTIPLE, part + 1, parts);
  }
}
