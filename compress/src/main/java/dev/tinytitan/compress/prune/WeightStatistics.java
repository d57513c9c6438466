package dev.tinytitan.compress.prune;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.TrainingSamples;
import dev.tinytitan.train.GradientStatistics;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.TrainingData;
import java.util.Optional;

/**
 * What training knows of weights, for importance by gradients: a trainer fills it by running
 * samples forwards and backwards. Weights go by the names of their constants; elements lie
 * row-major.
 */
public interface WeightStatistics {

  /** The mean over samples of the loss's gradient. */
  Optional<double[]> gradient(String constant);

  /**
   * The mean over samples of the squared gradient: the diagonal of the empirical Fisher matrix,
   * which stands for that of the Hessian.
   */
  Optional<double[]> squaredGradient(String constant);

  /**
   * Measured on samples, by cross-entropy where they have classes, else by the squared error.
   *
   * @param threads of each run
   * @throws BadDataException if there are no samples, or one has neither a class nor targets
   * @throws dev.tinytitan.UnsupportedModelException if a node has no gradient; lists all of them
   */
  static WeightStatistics measured(Model model, Samples samples, int threads) {
    if (samples.size() == 0 || !samples.get(0).isAnswered()) {
      throw new BadDataException(
          "Importance by gradients needs samples with labels, or values to be predicted: give"
              + " them, or take another criterion.");
    }
    TrainingData data = TrainingSamples.of(samples);
    Loss loss = data.hasClasses() ? Loss.crossEntropy() : Loss.meanSquaredError();
    GradientStatistics measured = GradientStatistics.of(model, data, loss, threads);
    return new WeightStatistics() {
      @Override
      public Optional<double[]> gradient(String constant) {
        return measured.mean(constant);
      }

      @Override
      public Optional<double[]> squaredGradient(String constant) {
        return measured.meanSquare(constant);
      }
    };
  }
}
