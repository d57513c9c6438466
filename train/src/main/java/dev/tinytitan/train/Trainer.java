package dev.tinytitan.train;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Trains a model: makes a graph of its forward pass, the loss and the gradients, and runs it on the
 * engine that also runs models. All memory of the steps is planned when the trainer is made ({@link
 * #byteSize}). The result is the same for the same seed, at any number of threads.
 *
 * <pre>{@code
 * try (Trainer trainer = Trainer.of(model, TrainingOptions.of(Loss.crossEntropy()))) {
 *   trainer.fit(train, Optional.of(validation), TrainingListener.SILENT).model().save(file);
 * }
 * }</pre>
 *
 * <p>One thread at a time.
 */
public final class Trainer implements AutoCloseable {
  /** Steps whose mean loss tells where it began. */
  private static final int FIRST_STEPS = 20;

  /** How far beyond where it began the running loss may rise. */
  private static final double EXPLOSION = 10;

  private final Model model;
  private final TrainingOptions options;
  private final TrainingGraph training;
  private final Session session;
  private final Binding binding;
  private final Weights weights;
  private final Weights statistics;
  private final Map<String, ParameterUpdate> updates = new LinkedHashMap<>();
  private final Optional<Weights> average;
  private final Optional<Guidance> guidance;
  private final Map<String, Tensor> guidanceInputs = new LinkedHashMap<>();
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();
  private final InputLayout layout;
  private Optional<Masking.Run> masks = Optional.empty();
  private Weights best;

  private Trainer(
      Model model,
      TrainingOptions options,
      Predicate<String> trainable,
      Optional<Guidance> guidance) {
    this.model = model;
    this.options = options;
    this.guidance = guidance;
    this.training =
        TrainingGraph.of(
            model.graph(), options.batch(), options.loss(), trainable, options.seed(), guidance);
    if (training.gradients().isEmpty()) {
      throw new BadDataException("The model has no parameters to train.");
    }
    PlannedStep planned = PlannedStep.of(training, model.info(), options);
    this.session = planned.session();
    this.binding = planned.binding();
    this.layout = InputLayout.of(training.inputs());
    training.inputs().forEach(input -> inputs.put(input.name(), binding.input(input.name())));
    training.guidance().forEach((name, input) -> guidanceInputs.put(name, binding.input(input)));
    Map<String, float[]> arrays = new LinkedHashMap<>();
    training
        .parameters()
        .forEach((name, initial) -> {
          Tensor own = binding.input(name);
          own.copyFrom(initial);
          arrays.put(name, own.floatArray());
          boolean decays = initial.shape().rank() > 1;
          updates.put(name, new ParameterUpdate(options.optimizer(), initial.size(), decays));
        });
    this.weights = new Weights(arrays);
    Map<String, float[]> running = new LinkedHashMap<>();
    for (TrainingGraph.RunningStatistics each : training.statistics()) {
      for (String name : List.of(each.mean(), each.variance())) {
        running.put(
            name, Objects.requireNonNull(model.graph().initializers().get(name)).toFloatArray());
      }
    }
    this.statistics = new Weights(running);
    this.average = options.averaging() > 0 ? Optional.of(weights.copy()) : Optional.empty();
    this.best = snapshot();
  }

  /**
   * Makes ready to train all parameters of a model.
   *
   * @throws dev.tinytitan.UnsupportedModelException if a node has no gradient; lists all of them
   * @throws dev.tinytitan.OverBudgetException if the options' memory does not do; says what would
   */
  public static Trainer of(Model model, TrainingOptions options) {
    return of(model, options, name -> true);
  }

  /**
   * Makes ready to train some parameters of a model; the others stay as they are.
   *
   * @param trainable which, by the names of initializers
   * @throws dev.tinytitan.UnsupportedModelException if a node has no gradient; lists all of them
   */
  public static Trainer of(Model model, TrainingOptions options, Predicate<String> trainable) {
    return new Trainer(model, options, trainable, Optional.empty());
  }

  /**
   * Makes ready to train some parameters of a model by a guidance, and by targets as far as it lets
   * them count. The parameters of the guidance itself are all trained.
   *
   * @param trainable which, by the names of initializers
   * @throws dev.tinytitan.UnsupportedModelException if a node has no gradient; lists all of them
   */
  public static Trainer of(
      Model model, TrainingOptions options, Predicate<String> trainable, Guidance guidance) {
    return new Trainer(model, options, trainable, Optional.of(guidance));
  }

  /**
   * Bytes that training takes at its peak, data and the model itself aside: the planned memory of a
   * step (parameters, activations and gradients), the optimizer's state, averages, and the best
   * parameters.
   */
  public long byteSize() {
    return binding.byteSize() + PlannedStep.stateBytes(training, options);
  }

  /** The number of numbers that are trained. */
  public long parameterCount() {
    return training.parameters().values().stream().mapToLong(Tensor::size).sum();
  }

  /** The session that runs the steps; for explanations. */
  Session session() {
    return session;
  }

  /**
   * Trains.
   *
   * @param validation judges each epoch, and says which is kept; empty to keep the last
   * @throws BadDataException if the data do not fit the model, or the checkpoint not the run
   */
  public TrainingResult fit(
      TrainingData train, Optional<TrainingData> validation, TrainingListener listener) {
    requireFits(train);
    validation.ifPresent(data ->
        data.requireFits(layout.sampleShape(), training.predictionShape(), options.loss(), true));
    if (train.size() < options.batch()) {
      throw new BadDataException(
          "There are "
              + train.size()
              + " samples, fewer than a batch of "
              + options.batch()
              + "; make batches smaller.");
    }
    return new Run(train, validation, listener).run();
  }

  /**
   * Checks data before they are split, so that what is said of a sample names its place in the
   * data.
   *
   * @throws BadDataException if they do not fit the model: says which sample, and why
   */
  public void requireFits(TrainingData data) {
    data.requireFits(
        layout.sampleShape(),
        training.predictionShape(),
        options.loss(),
        training.target().isPresent());
  }

  /** One step on a batch; gives the loss. */
  private double step(Batch batch, double rate, int step) {
    layout.fill(batch.samples(), 0, inputs);
    training
        .target()
        .ifPresent(name ->
            System.arraycopy(
                batch.targets(), 0, binding.input(name).floatArray(), 0, batch.targets().length));
    guidance.ifPresent(given -> given.fill(batch, guidanceInputs));
    training.step().ifPresent(name -> binding.input(name).setLong(0, step));
    binding.run();
    double loss = binding.output(TrainingGraph.LOSS).getFloat(0);
    float scale = gradientScale();
    if (!Double.isFinite(loss) || !Float.isFinite(scale)) {
      return Double.NaN;
    }
    masks.ifPresent(run -> run.beforeStep(weights.arrays(), gradients(), rate));
    updates.forEach((name, update) -> {
      float[] gradient =
          binding.output(Objects.requireNonNull(training.gradients().get(name))).floatArray();
      update.step(weights.get(name), gradient, scale, rate, step);
    });
    masks.ifPresent(run -> {
      run.afterStep(step, weights.arrays());
      weights.mask(run.keep());
    });
    for (TrainingGraph.RunningStatistics each : training.statistics()) {
      move(each, each.mean(), each.batchMean(), 1);
      // The running variance is of all places, not of this sample of them.
      double factor = each.places() > 1 ? each.places() / (each.places() - 1.0) : 1;
      move(each, each.variance(), each.batchVariance(), factor);
    }
    average.ifPresent(values -> {
      values.approach(weights, averagingAt(step));
      masks.ifPresent(run -> values.mask(run.keep()));
    });
    return loss;
  }

  /** The gradients of the last step, by parameter. */
  private Map<String, float[]> gradients() {
    Map<String, float[]> gradients = new LinkedHashMap<>();
    training
        .gradients()
        .forEach((name, output) -> gradients.put(name, binding.output(output).floatArray()));
    return gradients;
  }

  /** Early averages forget the beginning sooner. */
  private float averagingAt(int step) {
    return (float) Math.min(options.averaging(), (1.0 + step) / (10.0 + step));
  }

  private void move(
      TrainingGraph.RunningStatistics each, String running, String current, double factor) {
    float[] values = statistics.get(running);
    Tensor batch = binding.output(current);
    for (int i = 0; i < values.length; i++) {
      values[i] =
          each.momentum() * values[i]
              + (1 - each.momentum()) * (float) (factor * batch.getFloat(i));
    }
  }

  private float gradientScale() {
    if (options.clipNorm() == 0) {
      return 1;
    }
    double squares = 0;
    for (Map.Entry<String, String> each : training.gradients().entrySet()) {
      float[] gradient = binding.output(each.getValue()).floatArray();
      int size = weights.get(each.getKey()).length;
      for (int i = 0; i < size && i < gradient.length; i++) {
        squares += (double) gradient[i] * gradient[i];
      }
    }
    double norm = Math.sqrt(squares);
    return Double.isNaN(norm)
        ? Float.NaN
        : (float) Math.min(1, options.clipNorm() / Math.max(norm, 1e-30));
  }

  /** The parameters to keep, averaged if so wanted, with the running statistics. */
  private Weights snapshot() {
    Map<String, float[]> all = new LinkedHashMap<>(average.orElse(weights).copy().arrays());
    all.putAll(statistics.copy().arrays());
    return new Weights(all);
  }

  @Override
  public void close() {
    session.close();
  }

  /** One run over all epochs. */
  private final class Run {
    private final TrainingData train;
    private final Optional<TrainingData> validation;
    private final TrainingListener listener;
    private final BatchMaker batches;
    private final int stepsOfEpoch;
    private final float[] samples;
    private final float[] targets;
    private final List<EpochReport> history = new ArrayList<>();
    private final SessionOptions judging;
    private int epoch;
    private int stale;

    /** How many epochs were done before the masks settled. */
    private int settledFrom;

    private double firstLoss;
    private double runningLoss;
    private double rate;

    Run(TrainingData train, Optional<TrainingData> validation, TrainingListener listener) {
      this.train = train;
      this.validation = validation;
      this.listener = listener;
      int batch = options.batch();
      int targetSize = training.predictionShape().size() / batch;
      this.batches = new BatchMaker(train, options, layout.sampleShape(), batch, targetSize);
      this.targets = new float[train.hasTargets() ? batch * targetSize : 0];
      this.samples = new float[batch * layout.sampleSize()];
      this.stepsOfEpoch = train.size() / batch;
      this.judging =
          SessionOptions.defaults().withEngine(options.engine()).withThreads(options.threads());
    }

    TrainingResult run() {
      masks = options.masking().map(masking -> masking.begin(training.parameters(), allSteps()));
      resume();
      masks.ifPresent(run -> weights.mask(run.keep()));
      while (epoch < options.epochs()) {
        Optional<TrainingResult> end = runEpoch();
        if (end.isPresent()) {
          return end.get();
        }
        epoch++;
        options.checkpoint().ifPresent(file -> checkpoint().write(file));
        if (options.patience() > 0 && stale >= options.patience()) {
          return result(
              TrainingResult.Stop.EARLY,
              "No better for " + stale + " epochs; stopped after epoch " + epoch + ".");
        }
      }
      return result(TrainingResult.Stop.COMPLETED, "All " + epoch + " epochs are done.");
    }

    private Optional<TrainingResult> runEpoch() {
      int[] order = batches.order(epoch);
      boolean original = options.augmentation().isEmpty() && options.mixup() == 0;
      double sum = 0;
      long start = System.nanoTime();
      int steps = allSteps();
      for (int i = 0; i < stepsOfEpoch; i++) {
        int step = epoch * stepsOfEpoch + i;
        int from = i * options.batch();
        batches.fill(order, from, epoch, samples, targets);
        int[] indices = Arrays.copyOfRange(order, from, from + options.batch());
        rate =
            options.optimizer().learningRate() * options.schedule().factor((double) step / steps);
        Batch batch = new Batch(indices, samples, targets, original);
        double loss = step(batch, rate, step + 1);
        track(step, loss);
        if (Double.isNaN(loss) || runningLoss > EXPLOSION * (firstLoss + 1)) {
          return Optional.of(
              result(
                  TrainingResult.Stop.DIVERGED,
                  "The loss "
                      + (Double.isNaN(loss) ? "became NaN" : "grew to " + runningLoss)
                      + " at step "
                      + (step + 1)
                      + ", in epoch "
                      + (epoch + 1)
                      + (history.isEmpty()
                          ? ", before any epoch was done."
                          : "; the best parameters before are kept.")
                      + " Lower the learning rate or clip gradients."));
        }
        sum += loss;
        listener.onStep(step + 1, steps, loss);
        if (listener.stops()) {
          return Optional.of(
              result(
                  TrainingResult.Stop.INTERRUPTED,
                  "Stopped at step " + (step + 1) + ", in epoch " + (epoch + 1) + "."));
        }
      }
      report(sum / stepsOfEpoch, (System.nanoTime() - start) / 1e9);
      return Optional.empty();
    }

    private int allSteps() {
      return stepsOfEpoch * options.epochs();
    }

    private void track(int step, double loss) {
      if (step < FIRST_STEPS) {
        firstLoss += (loss - firstLoss) / (step + 1);
        runningLoss = firstLoss;
      } else {
        runningLoss = 0.9 * runningLoss + 0.1 * loss;
      }
    }

    private void report(double loss, double seconds) {
      Weights now = snapshot();
      double score = Double.NaN;
      boolean better = true;
      if (!masks.map(run -> run.isSettled((epoch + 1) * stepsOfEpoch)).orElse(true)) {
        // More will be pruned: no epoch so far can be the one to keep.
        settledFrom = history.size() + 1;
      }
      if (validation.isPresent()) {
        score = Evaluation.score(now.in(model), validation.get(), judging);
        List<EpochReport> rivals =
            history.subList(Math.min(settledFrom, history.size()), history.size());
        for (EpochReport before : rivals) {
          better &= validation.get().hasClasses() ? score > before.score() : score < before.score();
        }
      }
      stale = better ? 0 : stale + 1;
      if (better) {
        best = now;
      }
      double perSecond = (double) stepsOfEpoch * options.batch() / seconds;
      EpochReport report =
          new EpochReport(epoch + 1, loss, score, better, rate, seconds, perSecond);
      history.add(report);
      listener.onEpoch(report);
    }

    private TrainingResult result(TrainingResult.Stop stop, String detail) {
      if (stop == TrainingResult.Stop.INTERRUPTED && history.isEmpty()) {
        // Nothing was judged yet: what was learned so far is all there is.
        best = snapshot();
      }
      listener.onEnd(stop, detail);
      return new TrainingResult(best.in(model), history, stop, detail);
    }

    // Checkpoints.

    private List<float[]> state() {
      List<float[]> arrays = new ArrayList<>();
      training
          .gradients()
          .keySet()
          .forEach(name -> {
            ParameterUpdate update = Objects.requireNonNull(updates.get(name));
            arrays.add(update.mean());
            arrays.add(update.squares());
          });
      arrays.addAll(statistics.arrays().values());
      average.ifPresent(values -> arrays.addAll(values.arrays().values()));
      arrays.addAll(best.arrays().values());
      masks.ifPresent(run -> {
        arrays.addAll(run.keep().values());
        arrays.addAll(run.state());
      });
      return arrays;
    }

    private Checkpoint checkpoint() {
      List<float[]> arrays = new ArrayList<>();
      training
          .gradients()
          .forEach((name, gradient) -> {
            int size = Objects.requireNonNull(training.parameters().get(name)).size();
            arrays.add(Arrays.copyOf(weights.get(name), size));
          });
      arrays.addAll(state());
      return new Checkpoint(fingerprint(), epoch, stale, firstLoss, history, arrays);
    }

    private void resume() {
      if (options.checkpoint().isEmpty() || !Files.exists(options.checkpoint().get())) {
        return;
      }
      List<Integer> sizes = new ArrayList<>();
      training.parameters().values().forEach(tensor -> sizes.add(tensor.size()));
      state().forEach(array -> sizes.add(array.length));
      Checkpoint saved = Checkpoint.read(options.checkpoint().get(), fingerprint(), sizes);
      int next = 0;
      for (String name : training.parameters().keySet()) {
        float[] array = saved.arrays().get(next++);
        System.arraycopy(array, 0, weights.get(name), 0, array.length);
      }
      for (float[] array : state()) {
        System.arraycopy(saved.arrays().get(next++), 0, array, 0, array.length);
      }
      epoch = saved.epoch();
      stale = saved.stale();
      firstLoss = saved.firstLoss();
      runningLoss = firstLoss;
      history.addAll(saved.history());
      for (int done = 1; done <= epoch; done++) {
        int step = done * stepsOfEpoch;
        if (!masks.map(run -> run.isSettled(step)).orElse(true)) {
          settledFrom = done;
        }
      }
    }

    private long fingerprint() {
      // Texts, as the hash codes of enums differ from process to process.
      long hash =
          Objects.hash(
              model.graph().nodes().toString(),
              options.loss().toString(),
              options.optimizer().toString(),
              guidance.map(Guidance::identity),
              options.epochs(),
              options.batch(),
              options.seed(),
              options.clipNorm(),
              options.averaging(),
              options.mixup(),
              options.patience(),
              train.size(),
              train.sampleSize());
      for (double progress : new double[] {0, 0.01, 0.1, 0.35, 0.5, 0.7, 0.99}) {
        hash = hash * 31 + Double.hashCode(options.schedule().factor(progress));
      }
      for (Tensor initial : training.parameters().values()) {
        hash = hash * 31 + Arrays.hashCode(initial.toFloatArray());
      }
      hash = hash * 31 + Arrays.hashCode(train.samples());
      hash = hash * 31 + Arrays.hashCode(train.targets());
      return (hash * 31 + augmentationFingerprint()) * 31 + Arrays.hashCode(train.classes());
    }

    /** Of what it does, as functions have no identity that lasts from process to process. */
    private int augmentationFingerprint() {
      if (options.augmentation().isEmpty()) {
        return 0;
      }
      float[] probe = new float[layout.sampleSize()];
      for (int i = 0; i < probe.length; i++) {
        probe[i] = i % 97;
      }
      SplittableRandom random = new SplittableRandom(1);
      options.augmentation().get().apply(probe, layout.sampleShape(), random);
      options.augmentation().get().apply(probe, layout.sampleShape(), random);
      return Arrays.hashCode(probe);
    }
  }
}
