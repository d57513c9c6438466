package dev.tinytitan.compress.search;

import dev.tinytitan.compress.prune.SparsePattern;
import dev.tinytitan.compress.prune.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Says which recipe to try next, from what came of those before: the same history gives the same
 * proposal, so that a search goes on after a kill where it was.
 *
 * <p>First what needs no training. Then a ladder of ever fewer multiply-adds, trained shortly; of
 * its promising rungs the better half is trained three times as long, and again (successive
 * halving; Jamieson and Talwalkar 2016). Then zeros among the weights, other endings for what holds
 * the budget, and ladders between what holds and what does not. Immutable.
 */
final class Proposer {
  private static final double[] LADDER = {0.7, 0.5, 0.35, 0.25, 0.15, 0.1, 0.06};
  private static final double[] UNTRAINED_LADDER = {0.95, 0.9, 0.8};

  /** Samples that the shortest training sees. */
  private static final int SHORTEST = 16_384;

  private static final int TIMES_LONGER = 3;
  private static final int LONGEST = 2;
  private static final int MOST_EPOCHS = 100;

  /**
   * A ladder is not climbed on, nor a rung trained longer, if so much more than allowed is lost.
   */
  private static final double SLACK = 0.05;

  private static final int REFINEMENTS = 3;
  private static final int MOST_AWARE = 2;
  private static final double[] SPARSITIES = {0.5, 0.7, 0.8, 0.9};

  private final Traits traits;
  private final SearchOptions options;
  private final Comparator<Trial.Measured> cheaperFirst;

  /**
   * What a recipe is made of.
   *
   * @param left the share of multiply-adds; 1 for no pruning
   * @param sparsity the share of weights set to zero; 0 for none
   * @param training how long it is trained, from 0; -1 for not at all
   */
  private record Plan(double left, double sparsity, int training, Finish finish) {
    Plan with(int longer) {
      return new Plan(left, sparsity, longer, finish);
    }

    Plan with(Finish other) {
      return new Plan(left, sparsity, training, other);
    }
  }

  Proposer(Traits traits, SearchOptions options) {
    this.traits = traits;
    this.options = options;
    this.cheaperFirst = Comparator.comparing(Trial.Measured::figures, options.cheaperFirst());
  }

  /**
   * The next steps to try; empty if there is nothing left that is worth it.
   *
   * @param trials all before
   * @param secondsLeft trainings that will not be done by then are not proposed
   */
  Optional<List<Step>> next(List<Trial> trials, double secondsLeft) {
    History history = new History(trials, secondsLeft);
    return history
        .open(untrained())
        .or(() -> history.open(ladder(history)))
        .or(() -> history.open(longer(history)))
        .or(() -> history.open(sparser(history)))
        .or(() -> history.open(otherEndings(history)))
        .or(() -> history.open(between(history)))
        .or(() -> history.open(patient(history)))
        .map(this::steps);
  }

  /** What is tried first, as long as each rung holds what it promises. */
  List<List<Step>> beginning() {
    Finish finish = endings().stream().findFirst().orElse(Finish.NONE);
    List<Plan> plans = new ArrayList<>(untrained());
    for (double left : traits.trainable() ? LADDER : UNTRAINED_LADDER) {
      plans.add(new Plan(left, 0, traits.trainable() ? 0 : -1, finish));
    }
    return plans.stream().map(this::steps).toList();
  }

  private List<Step> steps(Plan plan) {
    List<Step> steps = new ArrayList<>();
    if (plan.left() < 1) {
      steps.add(
          PruneStructured.of(Target.Figure.MULTIPLY_ADDS, plan.left())
              .withExclude(options.exclude()));
    }
    if (plan.sparsity() > 0) {
      steps.add(PruneSparse.of(pattern(), plan.sparsity()).withExclude(options.exclude()));
    }
    if (plan.training() >= 0) {
      steps.add(Distill.of(training(plan.training())));
    }
    plan.finish().step(options.exclude(), training(0)).ifPresent(steps::add);
    return steps;
  }

  /** Blocks that kernels know, for speed; anywhere, for archives. */
  private SparsePattern pattern() {
    return options.objective() == Objective.SIZE
        ? new SparsePattern.Unstructured()
        : new SparsePattern.Block(1, 4);
  }

  private static TrainingPlan plan(long seen, int trainingSize) {
    if (seen < trainingSize) {
      return TrainingPlan.of(1, (int) seen);
    }
    return TrainingPlan.of(Math.clamp(Math.round((double) seen / trainingSize), 1, MOST_EPOCHS));
  }

  private TrainingPlan training(int length) {
    return plan(SHORTEST * Math.round(Math.pow(TIMES_LONGER, length)), traits.trainingSize());
  }

  /** What became of plans. */
  private final class History {
    private final Map<List<Step>, Trial> trials = new HashMap<>();
    private final List<Trial> all;
    private final double secondsLeft;

    History(List<Trial> all, double secondsLeft) {
      this.all = all;
      this.secondsLeft = secondsLeft;
      all.forEach(trial -> trials.put(trial.steps(), trial));
    }

    Optional<Trial> of(Plan plan) {
      return Optional.ofNullable(trials.get(steps(plan)));
    }

    Optional<Trial.Measured> measured(Plan plan) {
      return of(plan).flatMap(Trial::measured);
    }

    /** The first that was not tried and can be done in time. */
    Optional<Plan> open(List<Plan> plans) {
      return plans.stream()
          .filter(plan -> of(plan).isEmpty() && seconds(plan) <= secondsLeft)
          .findFirst();
    }

    /**
     * What a trial will take, by the slowest before; nothing that is known for one that trains not.
     */
    private double seconds(Plan plan) {
      double perSample = 0;
      for (Trial trial : all) {
        double seen = seen(trial.steps());
        perSample = seen == 0 ? perSample : Math.max(perSample, trial.seconds() / seen);
      }
      return perSample * seen(steps(plan));
    }

    /** Samples that the trainings of these steps see, together. */
    private double seen(List<Step> steps) {
      return steps.stream().flatMap(step -> step.training().stream()).mapToDouble(this::seen).sum();
    }

    private double seen(TrainingPlan tune) {
      return (double) tune.epochs()
          * (tune.samples() == 0 ? traits.trainingSize() : tune.samples());
    }

    boolean holds(Plan plan) {
      return measured(plan).map(each -> Proposer.this.holds(each)).orElse(false);
    }

    /** The cheapest that holds the budget so far. */
    Optional<Trial.Measured> best() {
      return all.stream()
          .map(Trial::measured)
          .flatMap(Optional::stream)
          .filter(Proposer.this::holds)
          .min(cheaperFirst);
    }
  }

  private boolean holds(Trial.Measured trial) {
    return options.expected(trial.score()) <= options.maxDrop();
  }

  private boolean isPromising(Trial.Measured trial) {
    double whole = options.metric().scale(trial.score().before());
    return trial.score().drop() <= options.maxDrop() + SLACK * whole;
  }

  // What is tried, in order.

  private List<Plan> untrained() {
    return endings().stream().map(finish -> new Plan(1, 0, -1, finish)).toList();
  }

  /** Endings that can serve the objective, the one that is tried first first. */
  private Set<Finish> endings() {
    EnumSet<Finish> endings = EnumSet.noneOf(Finish.class);
    if (traits.quantized()) {
      return endings;
    }
    endings.add(Finish.INT8);
    if (traits.products() && !traits.convolutional()) {
      endings.add(Finish.DYNAMIC);
    }
    if (options.objective() == Objective.SIZE) {
      endings.add(Finish.INT8_WEIGHTS_4);
      endings.add(Finish.WEIGHTS_8);
      endings.add(Finish.WEIGHTS_4);
      endings.add(Finish.HALF);
      endings.add(Finish.CLUSTERS);
    }
    return endings;
  }

  /** The ending that holds the budget and costs least without anything before it; or none. */
  private Finish ending(History history) {
    return endings().stream()
        .filter(finish -> history.holds(new Plan(1, 0, -1, finish)))
        .min(
            Comparator.comparing(
                finish -> history.measured(new Plan(1, 0, -1, finish)).orElseThrow(), cheaperFirst))
        .orElse(Finish.NONE);
  }

  private List<Plan> ladder(History history) {
    List<Plan> plans = new ArrayList<>();
    Finish finish = ending(history);
    for (double left : traits.trainable() ? LADDER : UNTRAINED_LADDER) {
      Plan plan = new Plan(left, 0, traits.trainable() ? 0 : -1, finish);
      plans.add(plan);
      boolean ends =
          history.of(plan).isPresent()
              && !history.measured(plan).map(this::isPromising).orElse(false);
      if (ends) {
        break;
      }
    }
    return plans;
  }

  /**
   * Of those that do not hold yet, cost less than what holds, and are promising, the better half.
   */
  private List<Plan> longer(History history) {
    List<Plan> plans = new ArrayList<>();
    if (!traits.trainable()) {
      return plans;
    }
    List<Plan> rungs = ladder(history);
    for (int training = 0; training < LONGEST; training++) {
      List<Plan> promising = new ArrayList<>();
      for (Plan rung : rungs) {
        Plan plan = rung.with(training);
        boolean worth =
            history
                .measured(plan)
                .map(each -> isPromising(each) && !holds(each) && isCheaper(each, history))
                .orElse(false);
        if (worth) {
          promising.add(rung);
        }
      }
      int length = training;
      promising.sort(Comparator.comparingDouble(rung -> drop(history, rung.with(length))));
      List<Plan> half = promising.subList(0, Math.ceilDiv(promising.size(), 2));
      for (Plan rung : half) {
        plans.add(rung.with(training + 1));
      }
      rungs = half;
    }
    return plans;
  }

  /** Where a short training saves not even the first rung, longer ones may. */
  private List<Plan> patient(History history) {
    List<Plan> rungs = ladder(history);
    boolean hopeless =
        traits.trainable()
            && rungs.size() == 1
            && !history.measured(rungs.get(0)).map(this::isPromising).orElse(false);
    List<Plan> plans = new ArrayList<>();
    for (int training = 1; hopeless && training <= LONGEST; training++) {
      plans.add(rungs.get(0).with(training));
    }
    return plans;
  }

  private static double drop(History history, Plan plan) {
    return history.measured(plan).map(each -> each.score().drop()).orElse(Double.MAX_VALUE);
  }

  private boolean isCheaper(Trial.Measured trial, History history) {
    return history
        .best()
        .map(best -> options.cost(trial.figures()) < options.cost(best.figures()))
        .orElse(true);
  }

  /**
   * Ever more zeros in what is best: for archives, and for speed, where kernels may gain from them.
   */
  private List<Plan> sparser(History history) {
    List<Plan> plans = new ArrayList<>();
    boolean useful = options.objective() != Objective.SIZE || options.archive();
    if (!useful || !traits.trainable()) {
      return plans;
    }
    Plan dense = new Plan(1, 0, -1, ending(history));
    for (Plan plan : known(history)) {
      if (plan.sparsity() == 0 && history.holds(plan) && plan.left() < dense.left()) {
        dense = plan;
      }
    }
    Finish finish = options.objective() == Objective.SIZE ? Finish.CLUSTERS : dense.finish();
    for (double sparsity : SPARSITIES) {
      Plan plan = new Plan(dense.left(), sparsity, Math.max(0, dense.training()), finish);
      plans.add(plan);
      boolean ends =
          history.of(plan).isPresent()
              && !history.measured(plan).map(this::isPromising).orElse(false);
      if (ends) {
        break;
      }
    }
    return plans;
  }

  /**
   * Other endings, of which the steps before are kept. For size: all kinds of few bits behind what
   * is best. Where the ending is what loses too much: one that trains.
   */
  private List<Plan> otherEndings(History history) {
    List<Plan> plans = new ArrayList<>();
    for (Plan plan : known(history)) {
      boolean best =
          history.best().map(each -> each.trial().steps().equals(steps(plan))).orElse(false);
      if (best && options.objective() == Objective.SIZE) {
        plans.add(plan.with(Finish.INT8));
        plans.add(plan.with(Finish.INT8_WEIGHTS_4));
        plans.add(plan.with(Finish.CLUSTERS));
        if (traits.trainable()) {
          plans.add(plan.with(Finish.AWARE_4));
        }
      }
    }
    if (traits.trainable() && options.objective() != Objective.SIZE) {
      known(history).stream()
          .filter(plan -> plan.finish() == Finish.INT8)
          .filter(plan ->
              history
                  .measured(plan)
                  .map(each -> isPromising(each) && !holds(each) && isCheaper(each, history))
                  .orElse(false))
          .sorted(Comparator.comparingDouble(plan -> drop(history, plan)))
          .limit(MOST_AWARE)
          .forEach(plan -> plans.add(plan.with(Finish.AWARE_8)));
    }
    return plans;
  }

  /** All plans that prune and were measured. */
  private List<Plan> known(History history) {
    List<Plan> plans = new ArrayList<>();
    for (Trial trial : history.all) {
      double left = 1;
      double sparsity = 0;
      for (Step step : trial.steps()) {
        left = step instanceof PruneStructured prune ? prune.left() : left;
        sparsity = step instanceof PruneSparse prune ? prune.sparsity() : sparsity;
      }
      if (left == 1 && sparsity == 0) {
        continue;
      }
      for (int training = -1; training <= LONGEST; training++) {
        for (Finish finish : Finish.values()) {
          Plan plan = new Plan(left, sparsity, training, finish);
          if (history.measured(plan).isPresent() && steps(plan).equals(trial.steps())) {
            plans.add(plan);
          }
        }
      }
    }
    return plans;
  }

  /**
   * Halfway, in proportion, between the fewest multiply-adds that hold and the most that do not.
   */
  private List<Plan> between(History history) {
    List<Plan> plans = new ArrayList<>();
    double low = 0;
    double high = 1;
    int longest = traits.trainable() ? 0 : -1;
    List<Plan> known =
        known(history).stream().filter(plan -> plan.left() < 1 && plan.sparsity() == 0).toList();
    for (Plan plan : known) {
      longest = Math.max(longest, plan.training());
      if (history.holds(plan)) {
        high = Math.min(high, plan.left());
      }
    }
    for (Plan plan : known) {
      if (plan.left() < high) {
        low = Math.max(low, plan.left());
      }
    }
    long refined =
        known.stream().mapToDouble(Plan::left).distinct().filter(left -> !isOnLadder(left)).count();
    if (low > 0 && refined < REFINEMENTS && high / low > 1.1) {
      double middle = Math.round(1000 * Math.sqrt(low * high)) / 1000.0;
      plans.add(new Plan(middle, 0, longest, ending(history)));
    }
    return plans;
  }

  private boolean isOnLadder(double left) {
    for (double each : traits.trainable() ? LADDER : UNTRAINED_LADDER) {
      if (each == left) {
        return true;
      }
    }
    return false;
  }
}
