package dev.tinytitan.compress.prune;

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
}
