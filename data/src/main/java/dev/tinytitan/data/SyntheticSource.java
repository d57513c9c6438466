package dev.tinytitan.data;

import dev.tinytitan.tensor.Shape;

/** Makes samples of one kind of synthetic data. Safe to share between threads. */
interface SyntheticSource {
  /** The shape of one sample. */
  Shape shape();

  /**
   * Makes one sample.
   *
   * @param sample to be filled, row-major
   * @param label its class
   * @param group what it shares with others: a writer, a speaker, a patient, a machine
   * @param common begins anew for each sample, the same for all of a group: what is drawn from it
   *     first is the group's character
   * @param random of this sample alone
   */
  void fill(float[] sample, int label, int group, StrictRandom common, StrictRandom random);
}
