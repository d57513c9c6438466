package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.compress.math.Cholesky;
import dev.tinytitan.compress.math.HessianAccumulator;
import dev.tinytitan.op.Conv;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * One layer's weights as rows, with what the layer reads: between tensors and rounding problems.
 */
final class LayerFit {
  /**
   * How far the target goes from the layer's own weights to those that would make up best for what
   * the layers before it leave. All the way also learns the noise of the samples, and makes signals
   * weaker from layer to layer; half of it measured best.
   */
  private static final double CORRECTION = 0.5;

  private final WeightSlot slot;
  private final List<HessianAccumulator.Moments> groups;
  private final int perGroup;
  private final int width;
  private final float[] weights;
  private final double[][] target;

  /**
   * @param centred whether a bias takes the mean of the error
   */
  LayerFit(WeightSlot slot, HessianAccumulator seen, boolean centred) {
    int count = slot.node().operator() instanceof Conv conv ? conv.group() : 1;
    this.slot = slot;
    this.groups = IntStream.range(0, count).mapToObj(g -> seen.moments(g, centred)).toList();
    this.perGroup = slot.channels() / count;
    this.width = groups.get(0).width();
    this.weights = slot.weights().toFloatArray();
    this.target = new double[slot.channels()][];
    for (int group = 0; group < count; group++) {
      setTargets(group);
    }
  }

  private void setTargets(int group) {
    HessianAccumulator.Moments moments = groups.get(group);
    Cholesky factor = Cholesky.damped(RoundingProblem.damped(moments), 1e-9);
    double added = RoundingProblem.added(moments);
    IntStream.range(group * perGroup, (group + 1) * perGroup)
        .parallel()
        .forEach(row -> {
          double[] right = new double[width];
          for (int i = 0; i < width; i++) {
            double sum = added * weight(row, i);
            for (int j = 0; j < width; j++) {
              sum += moments.cross()[i][j] * weight(row, j);
            }
            right[i] = sum;
          }
          factor.solve(right);
          for (int i = 0; i < width; i++) {
            right[i] = weight(row, i) + CORRECTION * (right[i] - weight(row, i));
          }
          target[row] = right;
        });
  }

  WeightSlot slot() {
    return slot;
  }

  /** Where a weight of an output channel lies in the tensor. */
  private int index(int row, int column) {
    return slot.outputAxis() == 0 ? row * width + column : column * slot.channels() + row;
  }

  private double weight(int row, int column) {
    return weights[index(row, column)];
  }

  /** The weights that would be best if any number could be stored, in the weights' shape. */
  Tensor target() {
    float[] values = new float[weights.length];
    for (int row = 0; row < target.length; row++) {
      for (int column = 0; column < width; column++) {
        values[index(row, column)] = (float) target[row][column];
      }
    }
    return Tensor.of(values, slot.weights().shape().toArray());
  }

  /** How much a squared error of each weight counts, for each output channel. */
  double[][] importance() {
    double[][] importance = new double[slot.channels()][width];
    for (int row = 0; row < importance.length; row++) {
      HessianAccumulator.Moments moments = groups.get(row / perGroup);
      double added = RoundingProblem.added(moments);
      for (int i = 0; i < width; i++) {
        importance[row][i] = moments.covariance()[i][i] + added;
      }
    }
    return importance;
  }

  /** What is to be solved, one problem for each group of channels. */
  List<RoundingProblem> problems(GridWeights start) {
    List<RoundingProblem> problems = new ArrayList<>();
    for (int group = 0; group < groups.size(); group++) {
      float[][] scales = new float[perGroup][width];
      int[][] zeroPoints = new int[perGroup][width];
      int[][] levels = new int[perGroup][width];
      double[][] targets = new double[perGroup][];
      for (int i = 0; i < perGroup; i++) {
        int row = group * perGroup + i;
        targets[i] = target[row];
        for (int column = 0; column < width; column++) {
          int element = index(row, column);
          int scale = start.scaleIndex(element);
          scales[i][column] = start.scales().getFloat(scale);
          zeroPoints[i][column] = start.zeroPoint(scale);
          levels[i][column] = start.values().getInt(element);
        }
      }
      problems.add(
          new RoundingProblem(
              targets,
              RoundingProblem.damped(groups.get(group)),
              scales,
              zeroPoints,
              start.lowest(),
              start.highest(),
              levels));
    }
    return problems;
  }

  /** The solved problems' levels and, with one scale for each channel, scales. */
  GridWeights store(GridWeights start, List<RoundingProblem> problems) {
    int[] levels = new int[weights.length];
    float[] scales = new float[slot.channels()];
    for (int row = 0; row < scales.length; row++) {
      RoundingProblem problem = problems.get(row / perGroup);
      scales[row] = problem.scales()[row % perGroup][0];
      for (int column = 0; column < width; column++) {
        levels[index(row, column)] = problem.levels()[row % perGroup][column];
      }
    }
    return start instanceof ChannelQuantized channels
        ? channels.withScales(scales).withLevels(levels)
        : start.withLevels(levels);
  }

  /** The bias that takes the mean of the error. */
  Tensor bias(Tensor old, Tensor rounded) {
    float[] values = old.toFloatArray();
    for (int row = 0; row < values.length; row++) {
      HessianAccumulator.Moments moments = groups.get(row / perGroup);
      double error = 0;
      for (int column = 0; column < width; column++) {
        error +=
            rounded.getFloat(index(row, column)) * moments.actualMean()[column]
                - weight(row, column) * moments.originalMean()[column];
      }
      values[row] -= (float) error;
    }
    return Tensor.of(values, old.shape().toArray());
  }
}
