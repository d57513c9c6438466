package dev.tinytitan.cli.demo;

import dev.tinytitan.Model;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.DatasetOptions;
import dev.tinytitan.edge.elastic.ElasticModel;
import dev.tinytitan.edge.elastic.ElasticOptions;
import dev.tinytitan.edge.elastic.ElasticPoint;
import dev.tinytitan.edge.elastic.ElasticTrainer;
import dev.tinytitan.edge.elastic.OperatingPoint;
import dev.tinytitan.edge.learn.Budget;
import dev.tinytitan.edge.learn.Learner;
import dev.tinytitan.edge.learn.LearnerOptions;
import dev.tinytitan.edge.learn.Method;
import dev.tinytitan.edge.learn.UpdatePlan;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.SharedWeightsOptions;
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
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A recognizer of activities for the wrist: trained with many persons at several widths, made of
 * integers, deployed; then it meets persons whom it does not know, and learns on the device; then
 * it gets through a day, switching between its widths.
 */
public final class LivingDemo {
  /** Training memory of the device, in bytes. */
  public static final long BUDGET = 128_000;

  /**
   * How many points the general ability may lose by a person's delta, on the samples of the gate.
   */
  public static final double ALLOWED_DROP = 2;

  private static final String ACTIVITIES = "synthetic:activity:5400";
  private static final List<Double> WIDTHS = List.of(1.0, 0.5, 0.25, 0.125);
  private static final int STRANGERS = 4;
  private static final int LESSONS_OF_A_CLASS = 5;

  /** Windows of known persons: as many to remember, for the gate, and to judge with. */
  private static final int MEMORY = 240;

  private static final int CALIBRATION = 200;

  private final Path folder;
  private final ProgressDisplay progress;
  private final Windows windows;

  /**
   * What came of it.
   *
   * @param plan what learned at the full width, and its memory
   * @param strangers what each person whom the model did not know got of it
   * @param points the widths, the largest first, for the first of these persons
   * @param day that person's day
   * @param model the deployed model's file, at the full width
   * @param delta what was learned of the first person, as a file
   */
  public record Outcome(
      UpdatePlan plan,
      List<Stranger> strangers,
      List<Point> points,
      LivingDay day,
      Path model,
      Path delta) {
    /** Copies the lists. */
    public Outcome {
      strangers = List.copyOf(strangers);
      points = List.copyOf(points);
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
   * @param lessons labelled windows that were learned or held back for the gate
   * @param before accuracy on the person's other windows before, from 0 to 1
   * @param after the same after
   * @param othersBefore accuracy on persons whom the model knew, before: as it stays without the
   *     person's delta
   * @param othersAfter the same with the person's delta
   * @param versions that passed the gate, one after the other
   * @param seconds that all lessons took
   */
  public record Stranger(
      long person,
      int lessons,
      double before,
      double after,
      double othersBefore,
      double othersAfter,
      long versions,
      double seconds) {}

  /**
   * A width.
   *
   * @param point with the accuracy after learning that the controller goes by: the mean of the
   *     person's and the known persons'
   * @param before the person's accuracy before, 0 to 1
   * @param after the person's accuracy after
   * @param deltaBytes of what it learned of the person
   */
  public record Point(OperatingPoint point, double before, double after, int deltaBytes) {}

  /** What a learner of one width came to. */
  @SuppressWarnings("ArrayRecordComponent") // made once, never compared
  private record Learned(Stranger stranger, UpdatePlan plan, Model model, byte[] delta) {}

  private LivingDemo(Path folder, ProgressDisplay progress, Windows windows) {
    this.folder = folder;
    this.progress = progress;
    this.windows = windows;
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
      return new LivingDemo(folder, progress, new Windows(data)).run();
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private Outcome run() throws IOException {
    long[] people = windows.people();
    List<Long> strangers =
        Arrays.stream(people, people.length - STRANGERS, people.length).boxed().toList().reversed();
    int[] known = Windows.shuffled(windows.of(strangers, false), 1);
    ElasticModel elastic = trained(known);
    elastic.save(folder.resolve("activity.onnx"));
    List<Model> deployed = new ArrayList<>();
    for (ElasticPoint point : elastic.points()) {
      Model model = quantized(elastic.at(point), known);
      model.save(file(point.name()));
      deployed.add(model);
    }
    List<Stranger> met = new ArrayList<>();
    UpdatePlan plan = null;
    List<Model> personal = new ArrayList<>();
    List<Point> points = new ArrayList<>();
    int rounds = STRANGERS + deployed.size() - 1;
    for (int i = 0; i < rounds; i++) {
      // The first person is learned at each width, the others at the full one.
      boolean isFirst = i < deployed.size();
      Model model = isFirst ? deployed.get(i) : deployed.getFirst();
      long person = strangers.get(isFirst ? 0 : i - deployed.size() + 1);
      progress.report("learning on the device", i + 1, rounds);
      Learned learned = learn(model, known, person);
      if (isFirst) {
        personal.add(learned.model());
        points.add(point(elastic.points().get(i).point(), model, learned));
      }
      if (i == 0) {
        plan = learned.plan();
        Files.write(folder.resolve("person.delta"), learned.delta());
      }
      if (i == 0 || !isFirst) {
        met.add(learned.stranger());
      }
    }
    int[] judged = windows.lessons(strangers.getFirst(), LESSONS_OF_A_CLASS).judged();
    LivingDay day =
        LivingDay.play(
            points.stream().map(Point::point).toList(),
            personal,
            Arrays.stream(judged).mapToObj(windows::sample).toList(),
            Arrays.stream(judged).map(windows::label).toArray());
    return new Outcome(
        Objects.requireNonNull(plan),
        met,
        points,
        day,
        file(elastic.points().getFirst().name()),
        folder.resolve("person.delta"));
  }

  private Path file(String point) {
    return folder.resolve(String.format(Locale.ROOT, "activity-%s-int8.onnx", point));
  }

  private static Point point(OperatingPoint point, Model model, Learned learned) {
    return new Point(
        new OperatingPoint(
            point.name(),
            (learned.stranger().after() + learned.stranger().othersAfter()) / 2,
            point.multiplyAdds(),
            model.graph().initializers().values().stream().mapToLong(Tensor::byteSize).sum()),
        learned.stranger().before(),
        learned.stranger().after(),
        learned.delta().length);
  }

  /** All widths together, in floats. */
  private ElasticModel trained(int[] known) {
    Model fresh =
        Zoo.build(
            "cnn-1d",
            new Zoo.Task(
                windows.shape(),
                windows.classes(),
                true,
                windows.mean(known),
                windows.deviation(known)),
            1);
    TrainingOptions options =
        TrainingOptions.of(Loss.crossEntropy()).withOptimizer(Optimizer.adamW(3e-3)).withEpochs(6);
    // The windows of the gate and those that judge are not trained with.
    int[] seen = Arrays.copyOf(known, known.length - 2 * MEMORY);
    System.arraycopy(known, 3 * MEMORY, seen, MEMORY, seen.length - MEMORY);
    TrainingData all = TrainingData.of(windows.dataset(seen));
    return new ElasticTrainer(
            ElasticOptions.defaults()
                .withWidths(WIDTHS)
                .withExits(List.of())
                .withTraining(options)
                .withSharing(new SharedWeightsOptions(0.5, 2, 50)))
        .train(fresh, all, TrainingData.of(windows.dataset(part(known, 2))), new Shown(progress));
  }

  /** Shows how far training is. */
  private record Shown(ProgressDisplay progress) implements TrainingListener {
    @Override
    public void onStep(int step, int steps, double loss) {
      progress.report("training the general model", step, steps);
    }
  }

  private Model quantized(Model model, int[] known) {
    Samples calibration =
        Samples.of(
            windows.dataset(Arrays.copyOf(known, CALIBRATION)), model.inputs().getFirst().name());
    return new Quantizer(QuantizationOptions.of(Scheme.INT8), progress)
        .quantize(model, calibration)
        .model();
  }

  /** The last layer alone, which takes a seventh of the budget and learns a person in a moment. */
  private static LearnerOptions options() {
    return LearnerOptions.of(Budget.ofBytes(BUDGET))
        .withMethod(Method.LAST_LAYER)
        .withLearningRate(3e-3)
        .withSteps(20)
        .withHoldBack(6)
        .withGateEvery(5)
        .withAllowedDrop(ALLOWED_DROP);
  }

  private Learned learn(Model model, int[] known, long person) {
    Windows.Lessons lessons = windows.lessons(person, LESSONS_OF_A_CLASS);
    int[] others = part(known, 2);
    try (Learner learner = Learner.of(model, options())) {
      for (int i : part(known, 0)) {
        learner.remember(windows.sample(i), windows.label(i));
      }
      for (int i : part(known, 1)) {
        learner.hold(windows.sample(i), windows.label(i));
      }
      double before = accuracy(learner, lessons.judged());
      double othersBefore = accuracy(learner, others);
      long start = System.nanoTime();
      for (int i : lessons.learned()) {
        learner.learn(windows.sample(i), windows.label(i));
      }
      learner.commit();
      double seconds = (System.nanoTime() - start) / 1e9;
      return new Learned(
          new Stranger(
              person,
              lessons.learned().length,
              before,
              accuracy(learner, lessons.judged()),
              othersBefore,
              accuracy(learner, others),
              learner.version(),
              seconds),
          learner.plan(),
          learner.model(),
          learner.delta().toBytes());
    }
  }

  /** To remember (0), for the gate (1), and to judge with (2): never the same windows. */
  private static int[] part(int[] known, int number) {
    return Arrays.copyOfRange(known, number * MEMORY, (number + 1) * MEMORY);
  }

  private double accuracy(Learner learner, int[] which) {
    return Arrays.stream(which)
            .filter(i -> learner.classify(windows.sample(i)) == windows.label(i))
            .count()
        / (double) which.length;
  }
}
