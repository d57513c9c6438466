package dev.tinytitan.compress.prune;

/**
 * A changed model's outputs against those of the model that it was made from, nothing trained
 * afterwards.
 *
 * @param samples how many were run
 * @param signalToNoise of the outputs in decibels, of the worst output; infinite for equal ones
 * @param cosine of the outputs, of the worst output; -1 to 1
 */
public record Quality(int samples, double signalToNoise, double cosine) {

  /** The error's energy as a share of the outputs'. */
  public double relativeError() {
    return Math.pow(10, -signalToNoise / 10);
  }
}
