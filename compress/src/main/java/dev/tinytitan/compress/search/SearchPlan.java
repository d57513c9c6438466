package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.TitanException;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.metric.Scoring;
import dev.tinytitan.compress.prune.Footprint;
import dev.tinytitan.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a search would begin with, without being done. Later trials depend on what comes of these.
 *
 * @param before the original's score on some samples of the part to choose by
 * @param scored how many samples that were
 * @param footprint the original's size
 * @param first the recipes that would be tried first, in order, as long as each holds what it
 *     promises
 * @param warnings what is not as it should be with the data
 */
public record SearchPlan(
    double before, int scored, Footprint footprint, List<Candidate> first, List<String> warnings) {
  /** So many samples say how fast models run and learn here. */
  private static final int TIMED = 128;

  private static final int FLOAT_BITS = 32;

  /**
   * A recipe that would be tried.
   *
   * @param steps of it
   * @param multiplyAdds that are left, about
   * @param bytes of the file, about
   * @param seconds that the trial takes, about: by a few steps of training and some runs now, which
   *     are slower than later ones
   */
  public record Candidate(List<Step> steps, long multiplyAdds, long bytes, double seconds) {
    public Candidate {
      steps = List.copyOf(steps);
    }
  }

  public SearchPlan {
    first = List.copyOf(first);
    warnings = List.copyOf(warnings);
  }

  /**
   * Plans a search; takes a few seconds, and writes nothing.
   *
   * @throws dev.tinytitan.BadDataException if the data do not fit the model
   * @throws dev.tinytitan.OverBudgetException if no model could be shown to hold the budget on so
   *     few samples
   */
  public static SearchPlan of(Model model, SearchData data, SearchOptions options) {
    List<String> warnings = DataCheck.check(model, data, options);
    Traits traits = Traits.of(model, data, options.threads());
    Samples scored = data.validation().first(TIMED);
    long start = System.nanoTime();
    double before = Scoring.score(model, options.metric(), scored, options.threads());
    double perRun = (System.nanoTime() - start) / 1e9 / scored.size();
    double perLesson = traits.trainable() ? secondsOfLesson(model, data, options) : 0;
    Map<String, Shape> shapes = new HashMap<>();
    scored.get(0).inputs().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    Footprint footprint = Footprint.of(model, shapes);
    List<Candidate> first = new ArrayList<>();
    for (List<Step> steps : new Proposer(traits, options).beginning()) {
      first.add(candidate(steps, footprint, perRun * data.validation().size(), perLesson, traits));
    }
    return new SearchPlan(before, scored.size(), footprint, first, warnings);
  }

  /**
   * What one sample takes in training, its teacher's answer counted: by how much longer some more
   * samples take.
   */
  private static double secondsOfLesson(Model model, SearchData data, SearchOptions options) {
    int few = Math.min(TIMED, data.training().size());
    int epochs = 3;
    StepContext context =
        new StepContext(
            model,
            model,
            data,
            options.seed(),
            options.threads(),
            (stage, done, total) -> {},
            () -> false);
    try {
      double once = seconds(model, context, TrainingPlan.of(1, few));
      double more = seconds(model, context, TrainingPlan.of(epochs, few));
      return Math.max(0, more - once) / ((epochs - 1.0) * few);
    } catch (TitanException error) {
      // The trials would say why; nothing is known about their time.
      return 0;
    }
  }

  private static double seconds(Model model, StepContext context, TrainingPlan plan) {
    long start = System.nanoTime();
    Distill.of(plan).apply(model, context);
    return (System.nanoTime() - start) / 1e9;
  }

  private static Candidate candidate(
      List<Step> steps, Footprint whole, double judging, double perLesson, Traits traits) {
    double left = 1;
    double bits = FLOAT_BITS;
    double lessons = 0;
    for (Step step : steps) {
      left = step instanceof PruneStructured prune ? prune.left() : left;
      left = step instanceof PruneLayers prune ? left * prune.left() : left;
      bits = bits(step).orElse(bits);
      if (step.training().isPresent()) {
        TrainingPlan plan = step.training().get();
        lessons +=
            (double) plan.epochs() * (plan.samples() == 0 ? traits.trainingSize() : plan.samples());
      }
    }
    long structure = Math.max(0, whole.bytes() - whole.parameters() * FLOAT_BITS / 8);
    return new Candidate(
        steps,
        Math.round(left * whole.multiplyAdds()),
        structure + Math.round(left * whole.parameters() * bits / 8),
        judging + lessons * perLesson);
  }

  /** Bits of a weight behind a step that changes them. */
  private static Optional<Double> bits(Step step) {
    return switch (step) {
      case Quantize quantize ->
          Optional.of(
              switch (quantize.scheme()) {
                case INT8 -> (double) quantize.weightBits();
                case INT4_WEIGHTS, CLUSTERS -> 4.0;
                case FP16 -> 16.0;
                case INT8_DYNAMIC, INT8_WEIGHTS, MIXED -> 8.0;
              });
      case QuantizationAware aware -> Optional.of((double) aware.weightBits());
      case Cluster cluster -> Optional.of(Math.ceil(Math.log(cluster.clusters()) / Math.log(2)));
      default -> Optional.empty();
    };
  }
}
