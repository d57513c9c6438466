package dev.tinytitan.compress;

import dev.tinytitan.Model;
import dev.tinytitan.train.Masking;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import java.util.Optional;

/**
 * Trains a model on from the parameters that it has. Compression calls it for models between two
 * forms, which may hold operators for training alone.
 */
@FunctionalInterface
public interface FineTuning {

  /**
   * Trains.
   *
   * @param masking what is kept at zero
   * @return the same graph with other parameters
   * @throws dev.tinytitan.BadDataException if the data do not fit the model
   * @throws dev.tinytitan.UnsupportedModelException if a node has no gradient
   */
  Model train(Model model, Masking masking);

  /** Trains; weights that are zero, as those of pruned models are, stay zero. */
  default Model train(Model model) {
    return train(model, Masking.keepZeros());
  }

  /**
   * Training on data. Where the loss diverges, the best parameters before are kept.
   *
   * @param validation judges each epoch, and says which is kept; empty to keep the last
   * @param listener is told how far it is
   */
  static FineTuning of(
      TrainingOptions options,
      TrainingData data,
      Optional<TrainingData> validation,
      TrainingListener listener) {
    return (model, masking) -> {
      try (Trainer trainer = Trainer.of(model, options.withMasking(masking))) {
        return trainer.fit(data, validation, listener).model();
      }
    };
  }
}
