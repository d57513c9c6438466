package dev.tinytitan.cli.demo;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.DatasetOptions;
import dev.tinytitan.edge.learn.Budget;
import dev.tinytitan.edge.learn.Learner;
import dev.tinytitan.edge.learn.LearnerOptions;
import dev.tinytitan.edge.learn.StreamMonitor;
import dev.tinytitan.edge.learn.UpdatePlan;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.zoo.Zoo;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * A recognizer of activities for the wrist: trained with many persons, made of integers, deployed;
 * then it meets a person whom it does not know, and learns on the device.
 */
public final class LivingDemo {
  /** Training memory of the device, in bytes. */
  public static final long BUDGET = 128_000;

  private static final String ACTIVITIES = "synthetic:activity:5400";
  private static final int STRANGERS = 4;
  private static final int LESSONS_OF_A_CLASS = 5;
  private static final int MEMORY = 240;
  private static final int CALIBRATION = 200;

  private final Path folder;
  private final ProgressDisplay progress;
  private final float[][] samples;
  private final int[] sampleShape;
  private final int[] labels;
  private final long[] persons;
  private final List<String> classNames;

  /**
   * What came of it.
   *
   * @param plan what learned, and its memory
   * @param classNames of the activities
   * @param strangers what each person whom the model did not know got of it
   * @param model the deployed model's file
   * @param delta what was learned of the first of them, as a file
   */
  public record Outcome(
      UpdatePlan plan, List<String> classNames, List<Stranger> strangers, Path model, Path delta) {
    /** Copies the lists. */
    public Outcome {
      classNames = List.copyOf(classNames);
      strangers = List.copyOf(strangers);
    }

    /** The mean of a figure of the strangers. */
    public double mean(ToDoubleFunction<Stranger> figure) {
      return strangers.stream().mapToDouble(figure).average().orElse(Double.NaN);
    }
  }

  /**
   * One person whom the model did not know.
   *
   * @param person the number
   * @param lessons labelled windows that were learned
   * @param before accuracy on the person's other windows before, from 0 to 1
   * @param after the same after
   * @param othersBefore accuracy on persons whom the model knew, before
   * @param othersAfter the same after
   * @param novelty how unusual the person's windows are, 1 being usual
   * @param seconds that all lessons took
   */
  public record Stranger(
      long person,
      int lessons,
      double before,
      double after,
      double othersBefore,
      double othersAfter,
      double novelty,
      double seconds) {}

  private LivingDemo(Path folder, ProgressDisplay progress, Dataset data) {
    this.folder = folder;
    this.progress = progress;
    this.labels =
        data.labels()
            .orElseThrow(() -> new BadDataException("The activities have no labels y."))
            .toIntArray();
    this.persons =
        data.groups()
            .orElseThrow(() -> new BadDataException("The activities do not say whose they are."))
            .toLongArray();
    this.classNames = data.classNames();
    int[] dims = data.sampleShape().toArray();
    // Files have a row for each moment; models take a row for each axis.
    boolean turned = dims.length == 2 && dims[0] > dims[1];
    this.sampleShape = turned ? new int[] {1, dims[1], dims[0]} : new int[] {1, dims[0], dims[1]};
    float[] all = data.samples(0, data.size()).toFloatArray();
    int size = sampleShape[1] * sampleShape[2];
    this.samples = new float[data.size()][size];
    for (int i = 0; i < samples.length; i++) {
      for (int k = 0; k < size; k++) {
        int from = turned ? k % sampleShape[2] * sampleShape[1] + k / sampleShape[2] : k;
        samples[i][k] = all[i * size + from];
      }
    }
  }

  /**
   * Runs it.
   *
   * @param folder where the files go; made if missing
   * @param wisdm an .npz of activities with x [n, moments, 3], y and subject; empty for synthetic
   *     ones
   */
  public static Outcome run(Path folder, Optional<Path> wisdm, ProgressDisplay progress) {
    DatasetOptions options =
        wisdm.isPresent()
            ? new DatasetOptions(
                List.of(), Optional.empty(), Optional.of("subject"), Optional.empty(), 0)
            : DatasetOptions.DEFAULT;
    try (Dataset data = Dataset.open(wisdm.orElse(Path.of(ACTIVITIES)), options)) {
      Files.createDirectories(folder);
      return new LivingDemo(folder, progress, data).run();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private Outcome run() {
    long[] people = Arrays.stream(persons).distinct().sorted().toArray();
    List<Long> strangers = new ArrayList<>();
    for (int i = 0; i < STRANGERS; i++) {
      strangers.add(people[people.length - 1 - i]);
    }
    int[] known = where(strangers, false);
    Model model = deployed(known);
    Path file = folder.resolve("activity.onnx");
    model.save(file);
    Path delta = folder.resolve("person.delta");
    List<Stranger> results = new ArrayList<>();
    UpdatePlan plan = null;
    for (long person : strangers) {
      progress.report("meeting a new person", results.size() + 1, strangers.size());
      try (Learner learner = Learner.of(model, options())) {
        plan = learner.plan();
        results.add(meet(learner, model, known, person));
        if (results.size() == 1) {
          learner.delta().save(delta);
        }
      }
    }
    return new Outcome(Objects.requireNonNull(plan), classNames, results, file, delta);
  }

  private int[] where(List<Long> strangers, boolean inside) {
    return IntStream.range(0, labels.length)
        .filter(i -> strangers.contains(persons[i]) == inside)
        .toArray();
  }

  private LearnerOptions options() {
    return LearnerOptions.of(Budget.ofBytes(BUDGET))
        .withLearningRate(3e-3)
        .withSteps(10)
        .withReplayBytes(32_000)
        .withHoldBack(0)
        .withGateEvery(0);
  }

  /** Trained in floats, deployed in integers. */
  private Model deployed(int[] known) {
    double sum = 0;
    double squares = 0;
    for (int i : known) {
      for (float value : samples[i]) {
        sum += value;
        squares += (double) value * value;
      }
    }
    double count = (double) known.length * samples[0].length;
    double mean = sum / count;
    int classes = 1 + Arrays.stream(labels).max().orElse(0);
    Shape shape = Shape.of(sampleShape[1], sampleShape[2]);
    double deviation = Math.sqrt(squares / count - mean * mean);
    Model fresh = Zoo.build("cnn-1d", new Zoo.Task(shape, classes, true, mean, deviation), 1);
    TrainingOptions options =
        TrainingOptions.of(Loss.crossEntropy()).withOptimizer(Optimizer.adamW(3e-3)).withEpochs(6);
    Model trained;
    try (Trainer trainer = Trainer.of(fresh, options)) {
      trained =
          trainer
              .fit(TrainingData.of(dataset(known)), Optional.empty(), new Shown(progress))
              .model();
    }
    int[] some =
        IntStream.range(0, CALIBRATION).map(i -> known[i * known.length / CALIBRATION]).toArray();
    Samples calibration = Samples.of(dataset(some), trained.inputs().getFirst().name());
    return new Quantizer(QuantizationOptions.of(Scheme.INT8), progress)
        .quantize(trained, calibration)
        .model();
  }

  /** Shows how far training is. */
  private record Shown(ProgressDisplay progress) implements TrainingListener {
    @Override
    public void onStep(int step, int steps, double loss) {
      progress.report("training the general model", step, steps);
    }
  }

  private Dataset dataset(int[] which) {
    int size = samples[0].length;
    float[] all = new float[which.length * size];
    long[] own = new long[which.length];
    for (int i = 0; i < which.length; i++) {
      System.arraycopy(samples[which[i]], 0, all, i * size, size);
      own[i] = labels[which[i]];
    }
    return Dataset.of(
        Tensor.of(all, which.length, sampleShape[1], sampleShape[2]), Tensor.of(own, which.length));
  }

  private Stranger meet(Learner learner, Model model, int[] known, long person) {
    List<Integer> lessons = new ArrayList<>();
    List<Integer> tests = new ArrayList<>();
    int[] seen = new int[1 + Arrays.stream(labels).max().orElse(0)];
    for (int i = 0; i < labels.length; i++) {
      if (persons[i] == person) {
        // Every sixth window of a recording: two minutes in all.
        boolean isLesson = seen[labels[i]] % 6 == 2 && seen[labels[i]] < 6 * LESSONS_OF_A_CLASS;
        (isLesson ? lessons : tests).add(i);
        seen[labels[i]]++;
      }
    }
    int[] others =
        IntStream.range(0, MEMORY)
            .map(i -> known[(int) ((long) (2 * i + 1) * known.length / (2 * MEMORY))])
            .toArray();
    for (int i = 0; i < MEMORY; i++) {
      int index = known[(int) ((long) i * known.length / MEMORY)];
      learner.remember(sample(index), labels[index]);
    }
    double before = accuracy(learner, tests);
    List<Integer> rest = Arrays.stream(others).boxed().toList();
    double othersBefore = accuracy(learner, rest);
    double novelty = novelty(model, known, tests);
    long start = System.nanoTime();
    for (int i : lessons) {
      learner.learn(sample(i), labels[i]);
    }
    learner.commit();
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Stranger(
        person,
        lessons.size(),
        before,
        accuracy(learner, tests),
        othersBefore,
        accuracy(learner, rest),
        novelty,
        seconds);
  }

  private double novelty(Model model, int[] known, List<Integer> tests) {
    try (StreamMonitor monitor = StreamMonitor.of(model)) {
      for (int i = 0; i < MEMORY; i++) {
        monitor.addUsual(sample(known[(int) ((long) i * known.length / MEMORY)]));
      }
      return tests.stream()
          .mapToDouble(i -> monitor.observe(sample(i)).novelty())
          .average()
          .orElse(Double.NaN);
    }
  }

  private double accuracy(Learner learner, List<Integer> which) {
    int right = 0;
    for (int i : which) {
      right += learner.classify(sample(i)) == labels[i] ? 1 : 0;
    }
    return right / (double) which.size();
  }

  private Tensor sample(int index) {
    return Tensor.of(samples[index].clone(), sampleShape);
  }
}
