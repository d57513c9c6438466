package dev.tinytitan.edge.elastic;

/**
 * A point of an elastic model.
 *
 * @param point what it gives and takes
 * @param width the key of its width in the manifest
 * @param output the model's output that answers
 * @param weightBits of the weights that are read: 32 as they are stored in floating point, 8 as
 *     they are stored in integers, 4 for the upper halves of those
 */
public record ElasticPoint(OperatingPoint point, String width, String output, int weightBits) {
  public ElasticPoint {
    if (weightBits != 32 && weightBits != 8 && weightBits != 4) {
      throw new IllegalArgumentException("weights of " + weightBits + " bits");
    }
  }

  /** The point's name. */
  public String name() {
    return point.name();
  }
}
