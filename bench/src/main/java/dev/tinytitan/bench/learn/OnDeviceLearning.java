package dev.tinytitan.bench.learn;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.edge.learn.Budget;
import dev.tinytitan.edge.learn.Learner;
import dev.tinytitan.edge.learn.LearnerOptions;
import dev.tinytitan.edge.learn.Method;
import dev.tinytitan.edge.learn.UpdatePlan;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.zoo.Zoo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * What learning on a device reaches on real data: {@code activities} (a person nobody knew, two
 * minutes of data), {@code digits} (a tenth digit and a new speaker from 50 clips), {@code
 * keywords} (the keyword network fine-tuned in little memory). Persons are never in both parts.
 * Base models are kept in a folder, so that a second run is quick.
 *
 * <p>Arguments: the shared folder, the folder for base models, then which of the three. There are
 * no speech commands among the shared data: the keyword network of MLPerf Tiny (DS-CNN, the zoo's)
 * is trained and tuned on spoken digits.
 */
public final class OnDeviceLearning {
  private static final long SEED = 1;

  private final Path shared;
  private final Path models;

  private OnDeviceLearning(Path shared, Path models) {
    this.shared = shared;
    this.models = models;
  }

  /** Runs what the arguments name. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length < 3) {
      System.err.println("SHARED MODELS (activities | digits | keywords)...");
      System.exit(2);
    }
    Files.createDirectories(Path.of(arguments[1]));
    OnDeviceLearning all = new OnDeviceLearning(Path.of(arguments[0]), Path.of(arguments[1]));
    for (String name : Arrays.asList(arguments).subList(2, arguments.length)) {
      switch (name) {
        case "activities" -> all.activities();
        case "digits" -> all.digits();
        case "keywords" -> all.keywords();
        default -> throw new IllegalArgumentException("unknown: " + name);
      }
    }
  }

  /** A trained model of the zoo, from the folder if it is there. */
  private Model base(String name, String architecture, Clips clips, int[] which, int classes) {
    Path file = models.resolve(name + ".onnx");
    if (Files.exists(file)) {
      return Model.load(file);
    }
    double sum = 0;
    double squares = 0;
    long count = 0;
    for (int i : which) {
      for (float value : clips.samples()[i]) {
        sum += value;
        squares += (double) value * value;
        count++;
      }
    }
    double mean = sum / count;
    double deviation = Math.sqrt(squares / count - mean * mean);
    int[] dims = clips.shape();
    Shape sample = Shape.of(Arrays.copyOfRange(dims, 1, dims.length));
    Model fresh =
        Zoo.build(architecture, new Zoo.Task(sample, classes, true, mean, deviation), SEED);
    TrainingOptions options =
        TrainingOptions.of(Loss.crossEntropy())
            .withOptimizer(Optimizer.adamW(2e-3))
            .withEpochs(12)
            .withThreads(2)
            .withSeed(SEED);
    try (Trainer trainer = Trainer.of(fresh, options)) {
      Model trained =
          trainer
              .fit(TrainingData.of(clips.dataset(which)), Optional.empty(), TrainingListener.SILENT)
              .model();
      trained.save(file);
      return trained;
    }
  }

  private Model quantized(String name, Model model, Clips clips, int[] which) {
    Path file = models.resolve(name + "-int8.onnx");
    if (!Files.exists(file)) {
      int[] some = IntStream.range(0, 256).map(i -> which[i * which.length / 256]).toArray();
      Samples samples = Samples.of(clips.dataset(some), model.inputs().getFirst().name());
      new Quantizer(QuantizationOptions.of(Scheme.INT8))
          .quantize(model, samples)
          .model()
          .save(file);
    }
    return Model.load(file);
  }

  private static LearnerOptions options(Method method, long budget) {
    return LearnerOptions.of(Budget.ofBytes(budget))
        .withMethod(method)
        .withHoldBack(0)
        .withGateEvery(0);
  }

  private static double accuracy(Learner learner, Clips clips, int[] which) {
    int right = 0;
    for (int i : which) {
      right += learner.classify(clips.sample(i)) == clips.labels()[i] ? 1 : 0;
    }
    return right / (double) which.length;
  }

  private static int[] shuffled(int[] values, long seed) {
    int[] order = values.clone();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int moved = order[i];
      order[i] = order[j];
      order[j] = moved;
    }
    return order;
  }

  private static void say(String format, Object... values) {
    System.out.printf(Locale.ROOT, format + "%n", values);
  }

  private static String told(UpdatePlan plan) {
    return String.format(
        Locale.ROOT,
        "%s%s, %d numbers, %d × %d samples a step, %d bytes of training memory, %d of replay, step"
            + " %.3f ms",
        plan.method().label(),
        plan.inBytes() ? " in bytes" : "",
        plan.parameters(),
        plan.runs(),
        plan.batch(),
        plan.memory().training(),
        plan.memory().replay(),
        plan.stepMillis());
  }

  // A person whom nobody knew.

  private void activities() {
    Clips clips = Clips.activities(shared);
    int[] people = clips.people();
    List<Integer> heldOut =
        IntStream.range(0, people.length).filter(i -> i % 4 == 0).mapToObj(i -> people[i]).toList();
    int[] train = clips.where(i -> !heldOut.contains(clips.persons()[i]));
    Model base = base("activities", "cnn-1d", clips, train, 6);
    Model integer = quantized("activities", base, clips, train);
    say(
        "activities: %d persons to train with, %d held out; 30 windows of 4 s each to learn from,"
            + " every sixth of a recording",
        people.length - heldOut.size(), heldOut.size());
    record Try(Method method, long budget, double rate, int steps) {}
    for (Try each :
        List.of(
            new Try(Method.LAST_LAYER, 64_000, 5e-3, 20),
            new Try(Method.SPARSE, 256_000, 5e-4, 20),
            new Try(Method.FULL, 2_000_000, 3e-4, 20))) {
      for (Model model : List.of(base, integer)) {
        double before = 0;
        double after = 0;
        String plan = "";
        for (int person : heldOut) {
          int[] learn =
              clips.where(i -> clips.persons()[i] == person && clips.numbers()[i] % 6 == 2);
          int[] test =
              clips.where(i -> clips.persons()[i] == person && clips.numbers()[i] % 6 != 2);
          LearnerOptions options =
              options(each.method(), each.budget())
                  .withLearningRate(each.rate())
                  .withSteps(each.steps())
                  .withDistillation(0);
          try (Learner learner = Learner.of(model, options)) {
            plan = told(learner.plan());
            before += 1 - accuracy(learner, clips, test);
            for (int i : shuffled(learn, person)) {
              learner.learn(clips.sample(i), clips.labels()[i]);
            }
            learner.commit();
            after += 1 - accuracy(learner, clips, test);
          }
        }
        say(
            "%s %s: error %.2f %% -> %.2f %%, %.1f %% of it gone",
            model == base ? "float" : "int8",
            plan,
            100 * before / heldOut.size(),
            100 * after / heldOut.size(),
            100 * (1 - after / before));
      }
    }
  }

  // A tenth digit, and a new speaker.

  private void digits() {
    Clips clips = Clips.digits(shared);
    int stranger = 5;
    int[] known = clips.where(i -> clips.persons()[i] != stranger && clips.labels()[i] != 9);
    int[] train = Arrays.stream(known).filter(i -> clips.numbers()[i] >= 10).toArray();
    int[] old = Arrays.stream(known).filter(i -> clips.numbers()[i] < 10).toArray();
    Model base = base("digits", "ds-cnn", clips, train, 9);
    Model integer = quantized("digits", base, clips, train);
    // 20 clips of the digit by those who are known, 30 of the stranger: three of each digit.
    int[] learn =
        clips.where(i ->
            clips.persons()[i] == stranger
                ? clips.numbers()[i] >= 10 && clips.numbers()[i] < 13
                : clips.labels()[i] == 9 && clips.numbers()[i] >= 10 && clips.numbers()[i] < 14);
    int[] nine =
        clips.where(i ->
            clips.persons()[i] != stranger
                && clips.labels()[i] == 9
                && (clips.numbers()[i] < 10 || clips.numbers()[i] >= 20));
    int[] strange =
        clips.where(i ->
            clips.persons()[i] == stranger
                && (clips.numbers()[i] < 10 || clips.numbers()[i] >= 20));
    say("digits: %d clips to learn from", learn.length);
    for (Method method : List.of(Method.LAST_LAYER, Method.SPARSE)) {
      for (Model model : List.of(base, integer)) {
        LearnerOptions options =
            options(method, 256_000).withReplayBytes(64_000).withLearningRate(3e-3).withSteps(20);
        try (Learner learner = Learner.of(model, options)) {
          int[] memory = shuffled(train, 7);
          for (int i = 0; i < 600; i++) {
            learner.remember(clips.sample(memory[i]), clips.labels()[memory[i]]);
          }
          double oldBefore = accuracy(learner, clips, old);
          double strangeBefore = accuracy(learner, clips, strange);
          // The stranger's digits before the new class first, as labels take the next number.
          for (int i : shuffled(learn, 3)) {
            learner.learn(clips.sample(i), clips.labels()[i]);
          }
          learner.commit();
          say(
              "%s %s: known digits %.2f %% -> %.2f %%, new digit %.2f %%, new speaker %.2f %% ->"
                  + " %.2f %%",
              model == base ? "float" : "int8",
              told(learner.plan()),
              100 * oldBefore,
              100 * accuracy(learner, clips, old),
              100 * accuracy(learner, clips, nine),
              100 * strangeBefore,
              100 * accuracy(learner, clips, strange));
        }
      }
    }
  }

  // The keyword network in little memory.

  private void keywords() throws IOException {
    Clips clips = Clips.digits(shared);
    int[] train = clips.where(i -> clips.persons()[i] < 4);
    Model base = base("keywords", "ds-cnn", clips, train, 10);
    Model integer = quantized("keywords", base, clips, train);
    int[] learn = clips.where(i -> clips.persons()[i] >= 4 && clips.numbers()[i] % 4 == 1);
    int[] test = clips.where(i -> clips.persons()[i] >= 4 && clips.numbers()[i] % 4 != 1);
    say("keywords: four speakers to train with; %d clips of two others to learn", learn.length);
    record Try(Method method, long budget, double rate) {}
    for (Try each :
        List.of(
            new Try(Method.FULL, 8_000_000, 1e-3),
            new Try(Method.LAST_LAYER, 141_000, 5e-3),
            new Try(Method.SPARSE, 141_000, 3e-3),
            new Try(Method.SPARSE, 256_000, 1e-3))) {
      for (Model model : List.of(base, integer)) {
        LearnerOptions options =
            options(each.method(), each.budget())
                .withLearningRate(each.rate())
                .withSteps(10)
                .withDistillation(0);
        try (Learner learner = Learner.of(model, options)) {
          double before = accuracy(learner, clips, test);
          long start = System.nanoTime();
          for (int i : shuffled(learn, 3)) {
            learner.learn(clips.sample(i), clips.labels()[i]);
          }
          learner.commit();
          say(
              "%s %s: %.2f %% -> %.2f %%, %.1f s, step / inference %.2f",
              model == base ? "float" : "int8",
              told(learner.plan()),
              100 * before,
              100 * accuracy(learner, clips, test),
              (System.nanoTime() - start) / 1e9,
              learner.plan().stepMillis() / inferenceMillis(model));
        }
      }
    }
    Runtime runtime = Runtime.getRuntime();
    say(
        "heap of this process in use: %.1f MB",
        (runtime.totalMemory() - runtime.freeMemory()) / 1e6);
    Path status = Path.of("/proc/self/status");
    if (Files.isReadable(status)) {
      Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmRSS"))
          .forEach(line -> say("resident memory of this process: %s", line.substring(6).strip()));
    }
  }

  /** The fastest of many inferences, on one thread. */
  private static double inferenceMillis(Model model) {
    try (Session session = model.open(SessionOptions.defaults().withThreads(1))) {
      var binding =
          session.binding(
              session.inputs().stream()
                  .collect(
                      java.util.stream.Collectors.toMap(
                          value -> value.name(),
                          value -> {
                            int[] dims =
                                value.tensorType().knownDims().stream()
                                    .mapToInt(dim -> dim.isFixed() ? dim.size() : 1)
                                    .toArray();
                            return Shape.of(dims);
                          })));
      long best = Long.MAX_VALUE;
      for (int i = 0; i < 3000; i++) {
        long start = System.nanoTime();
        binding.run();
        best = Math.min(best, System.nanoTime() - start);
      }
      return best / 1e6;
    }
  }
}
