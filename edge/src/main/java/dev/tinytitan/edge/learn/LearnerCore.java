package dev.tinytitan.edge.learn;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The learning half of a {@link Learner}, for one set of classes: the frozen front, the trainer of
 * the tail, what is remembered and what is held back. One thread at a time.
 */
final class LearnerCore implements AutoCloseable {
  /** The greatest norm of a step's gradients. */
  private static final float CLIP = 5;

  /** The most samples that are held back, as a share of the replay buffer's bytes. */
  private static final double HELD_SHARE = 0.25;

  private static final long LEAST_HELD_BYTES = 8_000;

  private final LearnerOptions options;
  private final UpdatePlanner.Chosen chosen;
  private final Model baseModel;
  private final Tail tail;
  private final StepRunner trainer;
  private final Front front;
  private final ReplayBuffer replay;

  /** Of the stream, each so many-th. */
  private final ReplayBuffer held;

  /** Of what is certain: a stream of wrong labels does not reach it. */
  private final ReplayBuffer trusted;

  private final Session base;
  private final byte[] latent;
  private Model good;
  private List<float[]> goodValues;
  private int learned;
  private int offered;

  /** What came of a sample. */
  record Step(Lesson.Use use, double loss) {}

  /**
   * @param base what is not to be forgotten
   * @param good what learning begins with
   * @param before whose memory of samples is taken over; empty for none
   */
  private LearnerCore(
      Model base,
      Model good,
      LearnerOptions options,
      UpdatePlanner.Chosen chosen,
      Optional<LearnerCore> before) {
    this.options = options;
    this.chosen = chosen;
    this.baseModel = base;
    this.tail = chosen.tail();
    this.trainer = chosen.trainer(good.graph(), options);
    this.front = new Front(base, tail, chosen.codecs(), options.session());
    int room = options.objective() == Objective.CLASSES ? classes() : 0;
    long heldBytes = Math.max(LEAST_HELD_BYTES, (long) (HELD_SHARE * options.replayBytes()));
    this.replay = buffer(before.map(core -> core.replay), room, options.replayBytes(), 0);
    this.held = buffer(before.map(core -> core.held), room, heldBytes, 1);
    this.trusted = buffer(before.map(core -> core.trusted), room, heldBytes, 2);
    this.base = backOf(base);
    this.latent = new byte[front.byteSize()];
    this.good = good;
    this.goodValues = trainer.snapshot();
    this.offered = before.map(core -> core.offered).orElse(0);
  }

  private ReplayBuffer buffer(Optional<ReplayBuffer> old, int room, long bytes, int number) {
    return old.isPresent()
        ? old.get().grown(room)
        : new ReplayBuffer(room == 0 ? 0 : bytes, front.byteSize(), room, options.seed() + number);
  }

  static LearnerCore of(Model base, Model good, LearnerOptions options) {
    return new LearnerCore(
        base, good, options, new UpdatePlanner(good, options).choose(), Optional.empty());
  }

  /**
   * A learner of one more class that remembers what this one does. This one is to be closed.
   *
   * @throws dev.tinytitan.OverBudgetException if the larger head does not fit the budget
   * @throws dev.tinytitan.UnsupportedModelException if the head cannot grow
   */
  LearnerCore grown() {
    return again(HeadGrowth.grow(baseModel), HeadGrowth.grow(good), true);
  }

  /** A learner that goes on from another version. This one is to be closed. */
  LearnerCore reverted(Model base, Model version) {
    return again(base, version, TailBuilder.classes(version) >= TailBuilder.classes(good));
  }

  private LearnerCore again(Model base, Model version, boolean remembers) {
    UpdatePlanner planner = new UpdatePlanner(version, options);
    return new LearnerCore(
        base,
        version,
        options,
        planner.again(chosen),
        remembers ? Optional.of(this) : Optional.empty());
  }

  private static ModelInfo info(Model model) {
    return ModelInfo.of(model.info().opset());
  }

  private Session backOf(Model model) {
    Graph.Builder back = tail.back().toBuilder();
    Map<String, Tensor> constants = new LinkedHashMap<>(tail.back().initializers());
    constants.replaceAll((name, old) -> model.graph().constant(name).orElse(old));
    return Model.of(back.initializers(constants).build(), info(model)).open(options.session());
  }

  UpdatePlan plan() {
    return chosen.plan();
  }

  int classes() {
    return trainer.logitsShape().dim(1);
  }

  int learnedSinceCommit() {
    return learned;
  }

  /** Runs the frozen front; leaves the sample as it is remembered in {@link #latent}. */
  private List<Tensor> encode(Tensor sample) {
    return front.encode(sample, latent);
  }

  Step learn(Tensor sample, int label, double weight) {
    List<Tensor> values = encode(sample);
    if (isHeldBack()) {
      held.offer(latent, label, new float[0], weight);
      return new Step(Lesson.Use.HELD_BACK, Double.NaN);
    }
    byte[] own = latent.clone();
    // Now, as the frozen part runs for other samples below.
    float[] opinion = opinion(values);
    double loss = Double.NaN;
    for (int step = 0; step < options.steps(); step++) {
      boolean alone = replay.size() == 0;
      int runs = alone ? 1 : plan().runs();
      trainer.begin((float) options.learningRate());
      loss = 0;
      for (int run = 0; run < runs && Double.isFinite(loss); run++) {
        fill(own, label, weight, run == 0 && (step == 0 || alone));
        loss += trainer.run(1f / runs, CLIP) / runs;
      }
      if (Double.isNaN(loss)) {
        trainer.restore(goodValues);
        return new Step(Lesson.Use.SKIPPED, loss);
      }
      trainer.finish();
    }
    replay.offer(own, label, opinion, weight);
    learned++;
    return new Step(Lesson.Use.LEARNED, loss);
  }

  /** Fills a run with the new sample, where that is wanted, and remembered ones. */
  private void fill(byte[] own, int label, double weight, boolean withNew) {
    float[] targets = trainer.targets();
    Arrays.fill(targets, 0);
    for (int row = 0; row < plan().batch(); row++) {
      if (row == 0 && withNew) {
        put(own, 0, row, targets, label, weight);
      } else if (replay.size() > 0) {
        putRemembered(row, targets);
      } else {
        put(own, 0, row, targets, label, 0);
      }
    }
  }

  private void put(byte[] source, int from, int row, float[] targets, int label, double weight) {
    front.read(source, from, cutTensors(), row);
    targets[row * classes() + label] = (float) weight;
  }

  private void putRemembered(int row, float[] targets) {
    int number = replay.draw();
    front.read(replay.entries(), replay.offset(number), cutTensors(), row);
    double weight = replay.weight(number);
    double old = options.distillation();
    double told = 0;
    for (int i = 0; i < classes(); i++) {
      told += replay.opinion(number, i);
    }
    int label = replay.label(number);
    // A sample that the base model got wrong, or whose class it did not know, has no opinion of
    // use.
    boolean trusted = told > 0 && replay.opinion(number, label) >= 0.5 * told;
    for (int i = 0; i < classes(); i++) {
      double own = i == label ? 1 : 0;
      double share = trusted ? replay.opinion(number, i) / told : own;
      targets[row * classes() + i] = (float) (weight * ((1 - old) * own + old * share));
    }
  }

  private List<Tensor> cutTensors() {
    return tail.cuts().stream().map(trainer::cut).toList();
  }

  /** What the base model says of a sample at the cut. */
  private float[] opinion(List<Tensor> values) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (int i = 0; i < values.size(); i++) {
      inputs.put(tail.cuts().get(i), values.get(i));
    }
    return Probabilities.of(base.run(inputs).values().iterator().next().toFloatArray());
  }

  Step learn(Tensor sample, float[] target) {
    int outputs = trainer.logitsShape().size() / plan().batch();
    if (target.length != outputs) {
      throw new BadDataException(
          "A target has " + target.length + " values, but the model gives " + outputs + ".");
    }
    encode(sample);
    double loss = Double.NaN;
    for (int step = 0; step < options.steps(); step++) {
      for (int row = 0; row < plan().batch(); row++) {
        front.read(latent, 0, cutTensors(), row);
        System.arraycopy(target, 0, trainer.targets(), row * outputs, outputs);
      }
      trainer.begin((float) options.learningRate());
      loss = trainer.run(1, CLIP);
      if (Double.isNaN(loss)) {
        trainer.restore(goodValues);
        return new Step(Lesson.Use.SKIPPED, loss);
      }
      trainer.finish();
    }
    learned++;
    return new Step(Lesson.Use.LEARNED, loss);
  }

  /** Puts a sample of a journal where it went when it was given. */
  void recall(Tensor sample, JournalEntry entry) {
    switch (entry.event()) {
      case LEARNED -> {
        List<Tensor> values = encode(sample);
        if (isHeldBack()) {
          held.offer(latent, entry.label(), new float[0], entry.weight());
        } else {
          replay.offer(latent, entry.label(), opinion(values), entry.weight());
        }
      }
      case REMEMBERED -> remember(sample, entry.label());
      case HELD -> hold(sample, entry.label());
      default -> throw new IllegalArgumentException("a line without a sample");
    }
  }

  private boolean isHeldBack() {
    offered++;
    return options.holdBack() > 0 && offered % options.holdBack() == 0;
  }

  void remember(Tensor sample, int label) {
    List<Tensor> values = encode(sample);
    replay.offer(latent, label, opinion(values), 1);
  }

  void hold(Tensor sample, int label) {
    encode(sample);
    trusted.offer(latent, label, new float[0], 1);
  }

  void requireClass(int label) {
    if (label < 0 || label >= classes()) {
      throw new BadDataException(
          "The label is "
              + label
              + ", but the model knows the classes 0 to "
              + (classes() - 1)
              + ".");
    }
  }

  /** The model with what was learned. */
  Model candidate() {
    return Model.of(Constants.replace(good.graph(), trainer.learned()), good.info());
  }

  Verdict judge(Model candidate) {
    for (Map.Entry<String, Tensor> each : candidate.graph().initializers().entrySet()) {
      if (each.getValue().dtype().isFloat() && !isFinite(each.getValue())) {
        return new Verdict(
            false, Double.NaN, Double.NaN, 0, "The weights '" + each.getKey() + "' hold NaN.");
      }
    }
    if (held.size() + trusted.size() == 0) {
      return new Verdict(
          true, Double.NaN, Double.NaN, 0, "No samples were held back to judge with.");
    }
    try (Session before = backOf(good);
        Session after = backOf(candidate)) {
      double beforeHeld = right(before, held);
      double afterHeld = right(after, held);
      double beforeTrusted = right(before, trusted);
      double afterTrusted = right(after, trusted);
      int all = held.size() + trusted.size();
      double share = options.allowedDrop() / 100;
      boolean isForgetting = afterTrusted < beforeTrusted - share * trusted.size();
      boolean isWorse = afterHeld < beforeHeld - share * held.size();
      String reason =
          isForgetting
              ? "It forgets: it is worse on samples whose labels are certain."
              : isWorse
                  ? "It is worse on the samples held back."
                  : "It is no worse on the samples held back.";
      return new Verdict(
          !isForgetting && !isWorse,
          (beforeHeld + beforeTrusted) / all,
          (afterHeld + afterTrusted) / all,
          all,
          reason);
    }
  }

  private static boolean isFinite(Tensor tensor) {
    for (int i = 0; i < tensor.size(); i++) {
      if (!Float.isFinite(tensor.getFloat(i))) {
        return false;
      }
    }
    return true;
  }

  /** How many samples of a buffer are answered rightly. */
  private int right(Session back, ReplayBuffer samples) {
    int right = 0;
    for (int i = 0; i < samples.size(); i++) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      List<Tensor> values = new ArrayList<>();
      for (int k = 0; k < tail.cuts().size(); k++) {
        TensorType type = chosen.codecs().cut().types().get(k);
        Tensor value = Tensor.zeros(type.dtype(), type.shape());
        values.add(value);
        inputs.put(tail.cuts().get(k), value);
      }
      front.read(samples.entries(), samples.offset(i), values, 0);
      float[] outputs = back.run(inputs).values().iterator().next().toFloatArray();
      right += Learner.greatest(outputs) == samples.label(i) ? 1 : 0;
    }
    return right;
  }

  void accept(Model model) {
    good = model;
    goodValues = trainer.snapshot();
    learned = 0;
  }

  void rollBack() {
    trainer.restore(goodValues);
    learned = 0;
  }

  @Override
  public void close() {
    trainer.close();
    front.close();
    base.close();
  }
}
