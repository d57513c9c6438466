package dev.tinytitan.compress.prune;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Masking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.DoubleStream;

/**
 * Weights that become zero while a model is trained, more and more of them by a {@link
 * SparsitySchedule}.
 *
 * <ul>
 *   <li>By magnitude: the smallest at each time; what is zero stays zero (Zhu and Gupta 2017).
 *   <li>By movement: those that training moves towards zero, or away from it the least. A score of
 *       each weight, zeros included, goes against the gradient times the weight, and the weight
 *       comes back where its score rises again (Sanh, Wolf and Rush 2020, arXiv:2005.07683).
 * </ul>
 */
final class GradualMasking implements Masking {
  /** The part of all steps after which sparsity begins to grow. */
  private static final double BEGIN = 0.1;

  /** The part of all steps after which it is reached; the others make up for what is lost. */
  private static final double END = 0.7;

  /** How often masks are chosen anew, at most. */
  private static final int REVISIONS = 60;

  /** How much magnitude counts by movement, at the time at which sparsity begins to grow. */
  private static final double MAGNITUDE = 10;

  private final SparseOptions options;
  private final List<WeightMatrix> matrices;

  GradualMasking(SparseOptions options, List<WeightMatrix> matrices) {
    this.options = options;
    this.matrices = matrices;
  }

  @Override
  public Run begin(Map<String, Tensor> parameters, int steps) {
    List<WeightMatrix> trained =
        matrices.stream().filter(matrix -> parameters.containsKey(constant(matrix))).toList();
    if (trained.isEmpty()) {
      throw new BadDataException("None of the layers that are to become sparse is trained.");
    }
    long begin = Math.max(1, (long) (BEGIN * steps));
    long end = Math.max(begin + 1, (long) (END * steps));
    return new Growing(new SparsitySchedule(0, options.sparsity(), begin, end), trained);
  }

  private static String constant(WeightMatrix matrix) {
    return matrix.slot().constant();
  }

  /** The masks of one run. */
  private final class Growing implements Run {
    private final SparsitySchedule schedule;
    private final List<WeightMatrix> trained;
    private final long every;
    private final Map<String, float[]> keep = new LinkedHashMap<>();

    /** By movement: the score of each weight. */
    private final Map<String, float[]> scores = new LinkedHashMap<>();

    /** By movement: the weights as they are or, where they are zero now, as they last were. */
    private final Map<String, float[]> dense = new LinkedHashMap<>();

    Growing(SparsitySchedule schedule, List<WeightMatrix> trained) {
      this.schedule = schedule;
      this.trained = trained;
      this.every = Math.max(1, (schedule.end() - schedule.begin()) / REVISIONS);
      for (WeightMatrix matrix : trained) {
        float[] weights = matrix.slot().weights().toFloatArray();
        float[] ones = new float[weights.length];
        Arrays.fill(ones, 1f);
        keep.put(constant(matrix), ones);
        if (byMovement()) {
          scores.put(constant(matrix), new float[weights.length]);
          dense.put(constant(matrix), weights);
        }
      }
    }

    private boolean byMovement() {
      return options.method() == SparseMethod.MOVEMENT;
    }

    @Override
    public Map<String, float[]> keep() {
      return keep;
    }

    @Override
    public List<float[]> state() {
      List<float[]> arrays = new ArrayList<>(scores.values());
      arrays.addAll(dense.values());
      return arrays;
    }

    @Override
    public boolean isSettled(int step) {
      return step >= schedule.end() + every;
    }

    @Override
    public void beforeStep(
        Map<String, float[]> weights, Map<String, float[]> gradients, double rate) {
      scores.forEach((name, score) -> {
        float[] gradient = Objects.requireNonNull(gradients.get(name));
        float[] weight = Objects.requireNonNull(dense.get(name));
        for (int i = 0; i < score.length; i++) {
          score[i] = (float) (score[i] - rate * gradient[i] * weight[i]);
        }
      });
    }

    @Override
    public void afterStep(int step, Map<String, float[]> weights) {
      dense.forEach((name, known) -> {
        float[] mask = Objects.requireNonNull(keep.get(name));
        float[] now = Objects.requireNonNull(weights.get(name));
        for (int i = 0; i < known.length; i++) {
          known[i] = mask[i] == 0 ? known[i] : now[i];
        }
      });
      if (step == schedule.begin()) {
        scores.forEach(
            (name, score) -> addMagnitude(score, Objects.requireNonNull(dense.get(name))));
      }
      if (step <= schedule.begin() || step >= schedule.end() + every || step % every != 0) {
        return;
      }
      List<double[]> all = new ArrayList<>();
      for (WeightMatrix matrix : trained) {
        String name = constant(matrix);
        all.add(
            byMovement()
                ? matrix.read(Objects.requireNonNull(scores.get(name)))
                : SparsePruner.squares(matrix.read(Objects.requireNonNull(weights.get(name)))));
      }
      double share = schedule.at(step);
      double[] shares =
          options.method() == SparseMethod.GRADUAL_GLOBAL
              ? SparsePruner.sharesOfAll(all, share)
              : DoubleStream.generate(() -> share).limit(all.size()).toArray();
      for (int i = 0; i < trained.size(); i++) {
        revise(trained.get(i), all.get(i), shares[i]);
      }
      dense.forEach((name, known) -> {
        float[] now = Objects.requireNonNull(weights.get(name));
        System.arraycopy(known, 0, now, 0, known.length);
      });
    }

    /**
     * Lets magnitude count more than what moved so far: the weights of a network that has converged
     * move at random, and taking them at random would end it (measured).
     */
    private static void addMagnitude(float[] score, float[] weights) {
      double moved = 0;
      double size = 0;
      for (int i = 0; i < score.length; i++) {
        moved += Math.abs(score[i]);
        size += (double) weights[i] * weights[i];
      }
      double factor = size == 0 ? 0 : MAGNITUDE * moved / size;
      for (int i = 0; i < score.length; i++) {
        score[i] = (float) (score[i] + factor * weights[i] * weights[i]);
      }
    }

    private void revise(WeightMatrix matrix, double[] judged, double share) {
      boolean[] zero =
          MaskSelection.pick(judged, matrix.columns(), options.pattern(), share, false);
      double[] ones = new double[zero.length];
      for (int i = 0; i < zero.length; i++) {
        ones[i] = zero[i] ? 0 : 1;
      }
      float[] mask = Objects.requireNonNull(keep.get(constant(matrix)));
      float[] fresh = matrix.write(ones).toFloatArray();
      System.arraycopy(fresh, 0, mask, 0, mask.length);
    }
  }
}
