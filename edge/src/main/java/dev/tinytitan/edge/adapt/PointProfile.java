package dev.tinytitan.edge.adapt;

import dev.tinytitan.edge.elastic.OperatingPoint;

/**
 * What a point takes on a device at rest.
 *
 * @param point the point
 * @param seconds of one run, the median
 * @param joules of one run
 */
public record PointProfile(OperatingPoint point, double seconds, double joules) {
  public PointProfile {
    if (!(seconds > 0) || !(joules >= 0)) {
      throw new IllegalArgumentException(point.name() + ": " + seconds + " s, " + joules + " J");
    }
  }
}
