package dev.tinytitan.bench.training;

/** Something that trains the same network on the same batches as another. */
interface TrainingContender extends AutoCloseable {
  /** Trains so many steps; gives the samples of a second. */
  double samplesPerSecond(int steps);

  @Override
  void close();
}
