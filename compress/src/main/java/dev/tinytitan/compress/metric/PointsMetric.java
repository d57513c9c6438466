package dev.tinytitan.compress.metric;

/** A metric of labelled samples whose scores are percentage points. */
interface PointsMetric extends Metric {
  @Override
  default String unit() {
    return "percentage points";
  }

  @Override
  default boolean needsLabels() {
    return true;
  }

  @Override
  default double scale(double before) {
    return Answers.all();
  }

  @Override
  default String format(double score) {
    return Answers.points(score);
  }
}
