package dev.tinytitan.edge.learn;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A deployed model that goes on learning where it runs: float, quantized or pruned ONNX in, the
 * same kind out. Samples come one at a time. What learns is chosen within a budget of memory before
 * the first step ({@link #plan}); the part of the model before it runs as it is deployed, in
 * integers if it is quantized.
 *
 * <pre>{@code
 * LearnerOptions options = LearnerOptions.of(Budget.ofBytes(128_000));
 * try (Learner learner = Learner.of(Model.load(file), options)) {
 *   learner.learn(sample, label);     // on one thread
 *   learner.predict(other);           // on any thread, meanwhile
 *   learner.commit();                 // judge what was learned; use it if it is no worse
 *   learner.model().save(file);
 * }
 * }</pre>
 *
 * <p>Answers come from the last good version: a new one is used only after it was judged on samples
 * that were held back ({@link #commit}); otherwise learning goes on from the last good one. The
 * same samples in the same order with the same options give the same model. Safe for use by many
 * threads; those that learn take turns, and none of them holds up one that asks for an answer.
 */
public final class Learner implements AutoCloseable {
  /** How many versions can be gone back to. */
  private static final int KEPT = 3;

  private final Model base;
  private final LearnerOptions options;
  private final Optional<LearnerStore> store;
  private final ReentrantLock learning = new ReentrantLock();
  private final TensorType sampleType;
  private final Deque<Model> previous = new ArrayDeque<>();
  private LearnerCore core;
  private volatile Serving serving;
  private boolean closed;

  private Learner(
      Model base, Model good, long version, LearnerOptions options, Optional<LearnerStore> store) {
    this.base = base;
    this.options = options;
    this.store = store;
    this.sampleType = TailBuilder.withBatch(base.graph(), 1).inputs().getFirst().tensorType();
    this.core = LearnerCore.of(grown(base, good), good, options);
    this.serving = new Serving(good, good.open(options.session()), version);
  }

  /** The version that answers. */
  private record Serving(Model model, Session session, long version) {}

  /**
   * Makes a model ready to learn.
   *
   * @throws dev.tinytitan.OverBudgetException if nothing can learn within the budget; says the
   *     least that works
   * @throws dev.tinytitan.UnsupportedModelException if the model has several inputs, or no layer
   *     that could learn
   */
  public static Learner of(Model model, LearnerOptions options) {
    return new Learner(model, model, 0, options, Optional.empty());
  }

  /**
   * Makes a model ready to learn, with a folder that holds each version and a journal. Where the
   * folder has some, learning goes on from the last good version, whatever ended the process
   * before.
   *
   * @param base what the first version began with
   * @throws BadDataException if another learner uses the folder, it belongs to another base model,
   *     or it cannot be written
   * @throws dev.tinytitan.OverBudgetException if nothing can learn within the budget
   */
  public static Learner open(Model base, LearnerOptions options, Path folder) {
    return open(base, options, folder, InstantSource.system());
  }

  static Learner open(Model base, LearnerOptions options, Path folder, InstantSource clock) {
    LearnerStore store = LearnerStore.open(folder, base, clock);
    try {
      Model good = store.lastGood();
      Learner learner = new Learner(base, good, store.version(), options, Optional.of(store));
      learner.recall(store.entries());
      store.appendOpened();
      return learner;
    } catch (RuntimeException error) {
      store.close();
      throw error;
    }
  }

  /**
   * The last version that a journal leads to, learned again from its lines.
   *
   * @param base the model that the first line began with
   * @param options those of the learner that wrote the journal
   * @throws BadDataException if the journal is damaged, or holds no samples
   */
  public static Model reproduce(Model base, LearnerOptions options, Path journal) {
    List<JournalEntry> entries;
    try {
      entries = LearnerStore.readJournal(journal);
    } catch (IOException error) {
      throw new BadDataException("The journal '" + journal + "' cannot be read: " + error, error);
    }
    Learner learner = of(base, options);
    try {
      for (int i = 0; i < entries.size(); i++) {
        JournalEntry entry = entries.get(i);
        if (entry.event() == JournalEntry.Event.OPENED && i > 0) {
          Model good = learner.model();
          long version = learner.version();
          learner.close();
          learner = new Learner(base, good, version, options, Optional.empty());
          learner.recall(entries.subList(0, i));
        } else {
          learner.repeat(entry);
        }
      }
      return learner.model();
    } finally {
      learner.close();
    }
  }

  private void repeat(JournalEntry entry) {
    switch (entry.event()) {
      case LEARNED -> learn(sample(entry), entry.label(), entry.weight());
      case REMEMBERED -> remember(sample(entry), entry.label());
      case HELD -> hold(sample(entry), entry.label());
      case ASKED -> commit();
      case ROLLED_BACK -> rollBack();
      case REVERTED -> revert();
      case OPENED, ACCEPTED, REFUSED -> {
        // What follows from the other lines.
      }
    }
  }

  private Tensor sample(JournalEntry entry) {
    if (entry.data().isEmpty()) {
      throw new BadDataException(
          "The journal holds hashes of samples only, so nothing can be learned again from it.");
    }
    return SampleText.decode(entry.data(), sampleType);
  }

  /** Fills the memory of samples from a journal, without learning. */
  private void recall(List<JournalEntry> entries) {
    for (JournalEntry entry : entries) {
      boolean isSample =
          switch (entry.event()) {
            case LEARNED, REMEMBERED, HELD -> !entry.data().isEmpty();
            default -> false;
          };
      if (isSample) {
        grow(entry.label());
        core.recall(sample(entry), entry);
      }
    }
  }

  /** The base with as many classes as a version that learned. */
  private Model grown(Model from, Model like) {
    Model model = from;
    while (options.objective() == Objective.CLASSES
        && TailBuilder.classes(model) < TailBuilder.classes(like)) {
      model = HeadGrowth.grow(model);
    }
    return model;
  }

  /** What learns and what that takes. */
  public UpdatePlan plan() {
    learning.lock();
    try {
      return core.plan();
    } finally {
      learning.unlock();
    }
  }

  /** The last good version. */
  public Model model() {
    return serving.model();
  }

  /** The number of the last good version; 0 is the base. */
  public long version() {
    return serving.version();
  }

  /** What the last good version learned, as a small file beside the base. */
  public ModelDelta delta() {
    return ModelDelta.between(base, serving.model());
  }

  /**
   * Runs the last good version; any thread.
   *
   * @param sample of the shape of the model's input, with or without a batch of 1
   * @return the model's outputs, which the caller owns
   * @throws ShapeMismatchException if the sample does not fit the model
   */
  public Map<String, Tensor> predict(Tensor sample) {
    Tensor shaped = shaped(sample);
    while (true) {
      Serving current = serving;
      try {
        return current.session().run(Map.of(current.model().inputs().getFirst().name(), shaped));
      } catch (IllegalStateException error) {
        // A new version took over between the two lines: ask that one.
        if (current == serving) {
          throw error;
        }
      }
    }
  }

  /** The class that the last good version gives; any thread. */
  public int classify(Tensor sample) {
    return greatest(predict(sample).values().iterator().next().toFloatArray());
  }

  /**
   * Learns from a labelled sample. A label that follows the last class makes the head grow.
   *
   * @throws BadDataException if the sample holds NaN or infinity, or there is no such class
   */
  public Lesson learn(Tensor sample, int label) {
    return learn(sample, label, 1);
  }

  /**
   * Learns from a sample whose label is not certain.
   *
   * @param weight how much to trust the label, above 0 and up to 1
   * @throws BadDataException if the sample holds NaN or infinity, or there is no such class
   */
  public Lesson learn(Tensor sample, int label, double weight) {
    if (!(weight > 0 && weight <= 1)) {
      throw new IllegalArgumentException("a weight of " + weight);
    }
    Tensor shaped = finite(shaped(sample));
    return locked(() -> {
      grow(label);
      int predicted = classify(shaped);
      write(JournalEntry.Event.LEARNED, shaped, label, weight);
      LearnerCore.Step step = core.learn(shaped, label, weight);
      judgeWhenDue();
      return new Lesson(step.use(), step.loss(), predicted, predicted == label, version());
    });
  }

  /**
   * Learns from a sample with values as the target; for {@link Objective#VALUES}. Such lessons are
   * not in the journal.
   *
   * @throws BadDataException if a number is NaN or infinite, or there are not as many as outputs
   */
  public Lesson learn(Tensor sample, float[] target) {
    Tensor shaped = finite(shaped(sample));
    finite(Tensor.of(target.clone(), target.length));
    return locked(() -> {
      LearnerCore.Step step = core.learn(shaped, target);
      judgeWhenDue();
      return new Lesson(step.use(), step.loss(), -1, false, version());
    });
  }

  private void judgeWhenDue() {
    if (options.gateEvery() > 0 && core.learnedSinceCommit() >= options.gateEvery()) {
      judge();
    }
  }

  /**
   * Puts a sample into the replay buffer without learning it: of what the model knew before, so
   * that it is not forgotten.
   *
   * @throws BadDataException if the sample holds NaN or infinity, or there is no such class
   */
  public void remember(Tensor sample, int label) {
    Tensor shaped = finite(shaped(sample));
    locked(() -> {
      core.requireClass(label);
      write(JournalEntry.Event.REMEMBERED, shaped, label, 1);
      core.remember(shaped, label);
      return label;
    });
  }

  /**
   * Keeps a sample whose label is certain, to judge new versions with.
   *
   * @throws BadDataException if the sample holds NaN or infinity, or there is no such class
   */
  public void hold(Tensor sample, int label) {
    Tensor shaped = finite(shaped(sample));
    locked(() -> {
      core.requireClass(label);
      write(JournalEntry.Event.HELD, shaped, label, 1);
      core.hold(shaped, label);
      return label;
    });
  }

  /**
   * Judges what was learned since the last good version on the samples held back. If it is no
   * worse, it answers from now on; else learning goes back to the last good version.
   */
  public Verdict commit() {
    return locked(() -> {
      store.ifPresent(folder -> folder.append(JournalEntry.Event.ASKED, -1, 0, "", "", ""));
      return judge();
    });
  }

  private Verdict judge() {
    Model candidate = core.candidate();
    Verdict verdict = core.judge(candidate);
    if (verdict.accepted()) {
      long number = version() + 1;
      store.ifPresent(folder -> folder.save(candidate, number));
      previous.addLast(model());
      if (previous.size() > KEPT) {
        previous.removeFirst();
      }
      serve(candidate, number);
      core.accept(candidate);
    } else {
      core.rollBack();
    }
    JournalEntry.Event event =
        verdict.accepted() ? JournalEntry.Event.ACCEPTED : JournalEntry.Event.REFUSED;
    store.ifPresent(folder -> folder.append(event, -1, 0, "", "", verdict.reason()));
    return verdict;
  }

  /** Forgets what was learned since the last good version. */
  public void rollBack() {
    locked(() -> {
      core.rollBack();
      store.ifPresent(folder -> folder.append(JournalEntry.Event.ROLLED_BACK, -1, 0, "", "", ""));
      return version();
    });
  }

  /**
   * Goes back to the version before the last good one, up to three times; then to the base. What is
   * remembered of samples stays where the classes are the same.
   *
   * @return its number
   */
  public long revert() {
    return locked(() -> {
      Model model = previous.isEmpty() ? base : previous.removeLast();
      long number = Math.max(0, version() - 1);
      if (store.isPresent()) {
        model = store.get().revert();
        number = store.get().version();
      }
      LearnerCore now = core.reverted(grown(base, model), model);
      core.close();
      core = now;
      serve(model, number);
      store.ifPresent(folder -> folder.append(JournalEntry.Event.REVERTED, -1, 0, "", "", ""));
      return number;
    });
  }

  private void serve(Model model, long version) {
    Serving old = serving;
    serving = new Serving(model, model.open(options.session()), version);
    old.session().close();
  }

  private void write(JournalEntry.Event event, Tensor sample, int label, double weight) {
    store.ifPresent(folder ->
        folder.append(
            event,
            label,
            weight,
            SampleText.hash(sample),
            options.keepSamples() ? SampleText.encode(sample) : "",
            ""));
  }

  private void grow(int label) {
    int classes = core.classes();
    if (label >= 0 && label < classes) {
      return;
    }
    if (label != classes || !options.growing()) {
      throw new BadDataException(
          "The label is "
              + label
              + ", but the model knows the classes 0 to "
              + (classes - 1)
              + (options.growing() ? "; a new class takes the next number, " + classes : "")
              + ".");
    }
    if (core.learnedSinceCommit() > 0) {
      judge();
    }
    LearnerCore wider = core.grown();
    core.close();
    core = wider;
  }

  /** What is done under the lock of those that learn. */
  private interface Turn<T> {
    T take();
  }

  private <T> T locked(Turn<T> turn) {
    learning.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the learner is closed");
      }
      return turn.take();
    } finally {
      learning.unlock();
    }
  }

  private Tensor shaped(Tensor sample) {
    Shape shape = sampleType.shape();
    int[] dims = shape.toArray();
    boolean fits =
        sample.shape().equals(shape)
            || sample.shape().equals(Shape.of(Arrays.copyOfRange(dims, 1, dims.length)));
    if (!fits || sample.dtype() != sampleType.dtype()) {
      throw new ShapeMismatchException(
          "A sample is " + sampleType + ", not " + sample.dtype().label() + sample.shape() + ".");
    }
    return sample.reshape(shape);
  }

  private static Tensor finite(Tensor sample) {
    if (sample.dtype() == DType.STRING || !sample.dtype().isFloat()) {
      return sample;
    }
    for (int i = 0; i < sample.size(); i++) {
      if (!Float.isFinite(sample.getFloat(i))) {
        throw new BadDataException(
            "The sample holds "
                + sample.getFloat(i)
                + " in element "
                + i
                + "; nothing was learned from it.");
      }
    }
    return sample;
  }

  static int greatest(float[] values) {
    int best = 0;
    for (int i = 1; i < values.length; i++) {
      best = values[i] > values[best] ? i : best;
    }
    return best;
  }

  /** Waits for running calls, and frees threads, memory and the folder. */
  @Override
  public void close() {
    learning.lock();
    try {
      if (!closed) {
        closed = true;
        core.close();
        serving.session().close();
        store.ifPresent(LearnerStore::close);
      }
    } finally {
      learning.unlock();
    }
  }
}
