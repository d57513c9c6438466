package dev.tinytitan.edge.elastic;

import dev.tinytitan.train.Loss;
import dev.tinytitan.train.SharedWeightsOptions;
import dev.tinytitan.train.TrainingOptions;
import java.util.List;

/**
 * Which points an elastic model gets, and how it is trained. Immutable; each {@code with…} method
 * gives a changed copy.
 *
 * @param widths shares of the channels, falling, the first 1
 * @param exits shares of the multiply-adds behind which early exits stand, rising, each above 0 and
 *     below 1; empty for none
 * @param nested whether weights are stored in 8 bits, of which the upper 4 are points of their own
 * @param training how long and how
 * @param sharing how the points learn from each other
 */
public record ElasticOptions(
    List<Double> widths,
    List<Double> exits,
    boolean nested,
    TrainingOptions training,
    SharedWeightsOptions sharing) {

  public ElasticOptions {
    widths = List.copyOf(widths);
    exits = List.copyOf(exits);
    if (widths.isEmpty() || widths.getFirst() != 1) {
      throw new IllegalArgumentException("widths start with 1, unlike " + widths);
    }
    for (int i = 1; i < widths.size(); i++) {
      if (!(widths.get(i) > 0 && widths.get(i) < widths.get(i - 1))) {
        throw new IllegalArgumentException("widths fall from 1 towards 0, unlike " + widths);
      }
    }
    double last = 0;
    for (double exit : exits) {
      if (!(exit > last && exit < 1)) {
        throw new IllegalArgumentException("exits rise from 0 towards 1, unlike " + exits);
      }
      last = exit;
    }
  }

  /** Four widths and two exits: twelve points, stored in floating point. */
  public static ElasticOptions defaults() {
    return new ElasticOptions(
        List.of(1.0, 0.75, 0.5, 0.25),
        List.of(0.3, 0.6),
        false,
        TrainingOptions.of(Loss.crossEntropy()),
        SharedWeightsOptions.defaults());
  }

  /** The same with other widths. */
  public ElasticOptions withWidths(List<Double> value) {
    return new ElasticOptions(value, exits, nested, training, sharing);
  }

  /** The same with other exits. */
  public ElasticOptions withExits(List<Double> value) {
    return new ElasticOptions(widths, value, nested, training, sharing);
  }

  /** The same with weights in nested bits or not. */
  public ElasticOptions withNested(boolean value) {
    return new ElasticOptions(widths, exits, value, training, sharing);
  }

  /** The same with another training. */
  public ElasticOptions withTraining(TrainingOptions value) {
    return new ElasticOptions(widths, exits, nested, value, sharing);
  }

  /** The same with another way to learn from each other. */
  public ElasticOptions withSharing(SharedWeightsOptions value) {
    return new ElasticOptions(widths, exits, nested, training, value);
  }
}
