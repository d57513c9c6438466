package dev.tinytitan.compress.search;

/**
 * What a model costs.
 *
 * @param bytes of the ONNX file
 * @param archiveBytes of the file in a zip archive (Deflate)
 * @param multiplyAdds of one run
 * @param parameters elements of weights
 * @param nanos the median time of a run on one thread, measured beside the original
 * @param latencyRatio that time as a share of the original's in the same measurement
 * @param joules the energy of a run
 */
public record Figures(
    long bytes,
    long archiveBytes,
    long multiplyAdds,
    long parameters,
    double nanos,
    double latencyRatio,
    double joules) {

  /**
   * What is to be small.
   *
   * @param archive whether size is that of the archive
   */
  public double of(Objective objective, boolean archive) {
    return switch (objective) {
      case SIZE -> archive ? archiveBytes : bytes;
      case LATENCY -> latencyRatio;
      case ENERGY -> joules;
    };
  }
}
