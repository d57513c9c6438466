package dev.tinytitan.bench.cases;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.compress.metric.Confusion;
import dev.tinytitan.train.BatchedSession;
import dev.tinytitan.train.Evaluation;
import dev.tinytitan.train.TrainingData;
import java.util.function.IntUnaryOperator;

/** How good answers are. */
enum Measure {
  /** The part of right answers. */
  ACCURACY,
  /** The mean F1 over classes, which does not forget the rare ones. */
  MACRO_F1,
  /** The root of the mean squared error. */
  RMSE;

  /** True if less is better. */
  boolean isError() {
    return this == RMSE;
  }

  /** Measures a model on data, where a class may stand for a kind. */
  double of(Model model, TrainingData data, int outputs, IntUnaryOperator kinds) {
    try (BatchedSession session = new BatchedSession(model, SessionOptions.defaults())) {
      float[] predictions = session.predictions(data.samples(), data.size());
      if (this == RMSE) {
        return Evaluation.score(predictions, data);
      }
      Confusion confusion = new Confusion(outputs);
      int[] answers = Evaluation.classes(predictions, data.size());
      for (int i = 0; i < answers.length; i++) {
        confusion.add(kinds.applyAsInt(data.classes()[i]), kinds.applyAsInt(answers[i]));
      }
      return this == MACRO_F1 ? confusion.macroF1() : (double) confusion.hits() / confusion.total();
    }
  }
}
