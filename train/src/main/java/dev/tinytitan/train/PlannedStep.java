package dev.tinytitan.train;

import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.tensor.Tensor;
import java.util.Locale;

/**
 * The session that runs the steps of training, with its planned memory.
 *
 * @param session to be closed
 * @param binding its memory
 */
record PlannedStep(Session session, Binding binding) {
  /** More segments than this keep so much that nothing is gained. */
  private static final int MOST_SEGMENTS = 64;

  /**
   * Plans the steps. Within a budget of memory, activations are computed again, in the fewest
   * segments that will do.
   *
   * @throws OverBudgetException if none of the plans does; says how much the smallest takes
   */
  static PlannedStep of(TrainingGraph training, ModelInfo info, TrainingOptions options) {
    PlannedStep whole = open(training.graph(), info, options);
    long budget = options.memoryBudget();
    long state = stateBytes(training, options);
    if (budget == 0 || whole.binding.byteSize() + state <= budget) {
      return whole;
    }
    long least = whole.binding.byteSize() + state;
    whole.session.close();
    Recomputation recomputation = new Recomputation(training.graph(), TrainingGraph.LOSS);
    int most = Math.min(MOST_SEGMENTS, recomputation.most());
    for (int segments = 2; segments <= most; segments++) {
      PlannedStep planned = open(recomputation.with(segments), info, options);
      long bytes = planned.binding.byteSize() + state;
      if (bytes <= budget) {
        return planned;
      }
      planned.session.close();
      least = Math.min(least, bytes);
    }
    throw new OverBudgetException(
        String.format(
            Locale.ROOT,
            "Training in batches of %d takes at least %,d bytes, activations computed again, and"
                + " %,d are allowed: allow more, or make batches smaller.",
            options.batch(),
            least,
            budget));
  }

  private static PlannedStep open(Graph graph, ModelInfo info, TrainingOptions options) {
    SessionOptions sessionOptions =
        SessionOptions.defaults()
            .withEngine(options.engine())
            .withThreads(options.threads())
            .withLiteralQuantization(true)
            .withOptimize(false);
    Session session = Model.of(graph, ModelInfo.of(info.opset())).open(sessionOptions);
    return new PlannedStep(session, session.binding());
  }

  /** Bytes that the optimizer, averages and the best parameters take. */
  static long stateBytes(TrainingGraph training, TrainingOptions options) {
    long size = training.parameters().values().stream().mapToLong(Tensor::size).sum();
    int copies = options.averaging() > 0 ? 2 : 1;
    return ParameterUpdate.byteSize(options.optimizer(), size) + 4L * copies * size;
  }
}
