package dev.tinytitan.compress.prune;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How much each unit of a group matters. Scores are compared within a group, and, as shares of the
 * group's sum, between groups; they are at least 0.
 */
public interface Importance {

  /** What it goes by, such as {@code l2}. */
  String name();

  /** The score of each unit, in the order of the group's units; more matters more. */
  double[] scores(DependencyGraph dependencies, ChannelGroup group);

  /**
   * By the size of all weights that go with a unit: the sum of their magnitudes (1) or squares (2);
   * Li et al. 2017, arXiv:1608.08710, over the whole group as in DepGraph, arXiv:2301.12900.
   *
   * @param power 1 or 2
   */
  static Importance magnitude(int power) {
    if (power != 1 && power != 2) {
      throw new IllegalArgumentException("the power must be 1 or 2, not " + power);
    }
    return PerUnit.of(
        "l" + power,
        unit -> {
          double[] sum = new double[1];
          unit.forEachElement((cut, index) -> {
            Tensor tensor = unit.weights(cut);
            if (tensor.shape().rank() > 1) {
              double weight = tensor.getDouble((int) index);
              sum[0] += power == 1 ? Math.abs(weight) : weight * weight;
            }
          });
          return sum[0];
        });
  }

  /**
   * By the scales of the batch normalizations that a unit passes (network slimming, Liu et al.
   * 2017, arXiv:1708.06519); units that pass none go by the squares of their weights.
   */
  static Importance batchNormalizationScale() {
    Importance fallback = magnitude(2);
    return new PerUnit(
        "bn-scale",
        (dependencies, unit) -> {
          double sum = 0;
          boolean found = false;
          for (WeightCut cut : unit.cuts()) {
            boolean scale =
                unit.scope().graph().consumers(cut.constant()).stream()
                    .anyMatch(node ->
                        node.operator() instanceof BatchNormalization
                            && node.input(1).equals(cut.constant()));
            for (int place : scale ? cut.places() : List.<Integer>of()) {
              found = true;
              sum += Math.abs(unit.weights(cut).getDouble(place));
            }
          }
          return found ? sum : Double.NaN;
        },
        fallback);
  }

  /**
   * By what a unit brings to the layers that read it: the mean square of its values on samples,
   * times the squares of the weights that weigh them.
   *
   * @throws BadDataException if there are no samples, or one does not fit
   */
  static Importance activations(
      DependencyGraph dependencies, ModelInfo info, Samples samples, int threads) {
    return ActivationImportance.observe(dependencies, info, samples, threads);
  }

  /**
   * By the change of the loss to first order, the square of gradient times weight summed over the
   * unit; Molchanov et al. 2019, arXiv:1906.10771.
   */
  static Importance taylor(WeightStatistics statistics) {
    return PerUnit.of(
        "taylor",
        unit -> {
          double[] sum = new double[1];
          unit.forEachElement((cut, index) ->
              statistics
                  .gradient(cut.constant())
                  .ifPresent(gradient ->
                      sum[0] += gradient[(int) index] * unit.weights(cut).getDouble((int) index)));
          return sum[0] * sum[0];
        });
  }

  /**
   * By the change of the loss to second order with a diagonal Hessian, half the curvature times the
   * squared weight; optimal brain damage, LeCun et al. 1990.
   */
  static Importance hessian(WeightStatistics statistics) {
    return PerUnit.of(
        "hessian",
        unit -> {
          double[] sum = new double[1];
          unit.forEachElement((cut, index) -> {
            double weight = unit.weights(cut).getDouble((int) index);
            statistics
                .squaredGradient(cut.constant())
                .ifPresent(square -> sum[0] += 0.5 * square[(int) index] * weight * weight);
          });
          return sum[0];
        });
  }

  /** Scores that are given: by the group's name, in the order of its units. */
  static Importance given(Map<String, List<Double>> scores) {
    Map<String, List<Double>> copy = Map.copyOf(scores);
    return new Importance() {
      @Override
      public String name() {
        return "given";
      }

      @Override
      public double[] scores(DependencyGraph dependencies, ChannelGroup group) {
        List<Double> list = copy.get(group.name());
        if (list == null || list.size() != group.units().size()) {
          throw new BadDataException("There are no scores for group '" + group.name() + "'.");
        }
        return list.stream().mapToDouble(Double::doubleValue).toArray();
      }
    };
  }

  /** For importance by one number per unit. */
  static Importance of(String name, ToDoubleFunction<ChannelUnit> score) {
    return PerUnit.of(name, score);
  }
}
