package dev.tinytitan.compress.prune;

import java.util.List;

/**
 * What pruning one group alone does to a model's outputs.
 *
 * @param group its name
 * @param points in the order of their shares
 */
public record Sensitivity(String group, List<Point> points) {

  /**
   * One try.
   *
   * @param share of the group's units that went, the least important ones
   */
  public record Point(double share, Quality quality) {}

  public Sensitivity {
    points = List.copyOf(points);
  }

  /**
   * The relative error of the outputs at a share, between the points that were tried. It does not
   * fall as the share grows.
   */
  public double errorAt(double share) {
    double lastShare = 0;
    double lastError = 0;
    for (Point point : points) {
      double error = Math.max(lastError, point.quality().relativeError());
      if (share <= point.share()) {
        double part = (share - lastShare) / (point.share() - lastShare);
        return lastError + part * (error - lastError);
      }
      lastShare = point.share();
      lastError = error;
    }
    // Beyond the last try the error is taken to grow on as it did.
    return lastShare == 0 ? share : lastError * share / lastShare;
  }
}
