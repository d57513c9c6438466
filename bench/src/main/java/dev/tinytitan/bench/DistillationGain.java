package dev.tinytitan.bench;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.compress.distill.DistillationLoss;
import dev.tinytitan.compress.distill.DistillationOptions;
import dev.tinytitan.compress.distill.Distiller;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.EpochReport;
import dev.tinytitan.train.Evaluation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Network;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.zoo.Zoo;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What distillation gains on Fashion-MNIST: the same student with the same initial weights, data,
 * order and number of steps, once by labels alone and once taught by a resnet8 of ten times its
 * size. The teacher has seen 50 000 samples, the student sees the first 5000 of them, as where few
 * are labelled. Epochs are judged by 10 000 samples held back from the training set; the test set
 * is looked at once, at the end.
 *
 * <p>Arguments: the folder with the four IDX files, and the teacher's file, which is trained and
 * written if it does not exist.
 */
public final class DistillationGain {
  private static final int SEEDS = 3;
  private static final int STUDENT_SAMPLES = 5000;
  private static final double TEMPERATURE = 2;
  private static final double TEACHER_WEIGHT = 0.9;

  private final TrainingData train;
  private final TrainingData validation;
  private final TrainingData test;
  private final String splitHash;

  private DistillationGain(Path folder) {
    try (Dataset all = Dataset.open(folder.resolve("train-images-idx3-ubyte.gz"));
        Dataset tests = Dataset.open(folder.resolve("t10k-images-idx3-ubyte.gz"))) {
      TrainingData data = TrainingData.of(all);
      Split split = Split.of(all, 1.0 / 6, 1);
      this.train = data.select(split.train());
      this.validation = data.select(split.heldBack());
      this.test = TrainingData.of(tests);
      this.splitHash = hash(split.heldBack());
    }
  }

  /** Runs the comparison and prints a table. */
  public static void main(String[] arguments) {
    if (arguments.length != 2) {
      System.err.println("Usage: DistillationGain FOLDER TEACHER.onnx");
      System.exit(2);
    }
    DistillationGain gain = new DistillationGain(Path.of(arguments[0]));
    gain.run(gain.teacher(Path.of(arguments[1])));
  }

  /** SHA-256 of the numbers of the samples that are held back. */
  private static String hash(int[] indices) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * indices.length);
    bytes.asIntBuffer().put(indices);
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes.array());
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException("every Java has SHA-256", error);
    }
  }

  private static TrainingOptions options() {
    return TrainingOptions.of(Loss.crossEntropy())
        .withBatch(64)
        .withOptimizer(Optimizer.adamW(3e-3));
  }

  private Model teacher(Path file) {
    if (Files.exists(file)) {
      return Model.load(file);
    }
    TrainingData.Moments moments = train.moments();
    Model fresh =
        Zoo.build(
            "resnet8",
            new Zoo.Task(Shape.of(1, 28, 28), 10, true, moments.mean(), moments.deviation()),
            1);
    TrainingOptions options =
        options()
            .withEpochs(6)
            .withAugmentation(
                Augmentation.all(List.of(Augmentation.shift(2), Augmentation.flip())));
    try (Trainer trainer = Trainer.of(fresh, options)) {
      Model trained =
          trainer
              .fit(
                  train,
                  Optional.of(validation),
                  new TrainingListener() {
                    @Override
                    public void onEpoch(EpochReport report) {
                      System.out.println("teacher: " + report);
                    }
                  })
              .model();
      trained.save(file);
      return trained;
    }
  }

  /** Two convolutions of 8 and 16 filters, and one layer of classes. */
  private Model student(long seed) {
    TrainingData.Moments moments = train.moments();
    Network network = new Network("student", seed);
    Layer x = network.input(1, 28, 28).standardize(moments.mean(), moments.deviation());
    x = x.conv(8, 5, 2, 1, 1, Layer.Padding.VALID, true).relu();
    x = x.conv(16, 5, 2, 1, 1, Layer.Padding.VALID, true).relu();
    return network.classifier(x.flatten().dense(10));
  }

  private static long parameters(Model model) {
    return model.graph().initializers().values().stream()
        .filter(tensor -> tensor.dtype().isFloat())
        .mapToLong(tensor -> tensor.size())
        .sum();
  }

  private static double percent(Model model, TrainingData data) {
    return 100 * Evaluation.score(model, data, SessionOptions.defaults());
  }

  private void run(Model teacher) {
    TrainingData few = train.select(IntStream.range(0, STUDENT_SAMPLES).toArray());
    List<Model> alone = new ArrayList<>();
    List<Model> taught = new ArrayList<>();
    for (int seed = 1; seed <= SEEDS; seed++) {
      TrainingOptions options = options().withEpochs(40).withSeed(seed);
      Model student = student(seed);
      try (Trainer trainer = Trainer.of(student, options)) {
        alone.add(trainer.fit(few, Optional.of(validation), TrainingListener.SILENT).model());
      }
      DistillationOptions distillation =
          DistillationOptions.of(DistillationLoss.softTargets(TEMPERATURE), options)
              .withParts(
                  List.of(
                      new DistillationOptions.Part(
                          DistillationLoss.softTargets(TEMPERATURE), TEACHER_WEIGHT)))
              .withLabelWeight(1 - TEACHER_WEIGHT);
      taught.add(
          new Distiller(teacher, distillation)
              .distill(student, few, Optional.of(validation), TrainingListener.SILENT)
              .model());
    }
    print(teacher, alone, taught);
  }

  private void print(Model teacher, List<Model> alone, List<Model> taught) {
    System.out.printf(
        Locale.ROOT,
        "Teacher: %,d numbers, %.2f %% of the test set. Student: %,d numbers, %d samples. Held back:"
            + " %d samples, SHA-256 of their numbers %s.%n%n",
        parameters(teacher),
        percent(teacher, test),
        parameters(alone.getFirst()),
        STUDENT_SAMPLES,
        validation.size(),
        splitHash);
    System.out.println(
        "| seed | alone, held back | taught, held back | alone, test | taught, test | gain, test |");
    System.out.println("|---|---:|---:|---:|---:|---:|");
    double[] sums = new double[4];
    for (int i = 0; i < SEEDS; i++) {
      double[] row = {
        percent(alone.get(i), validation),
        percent(taught.get(i), validation),
        percent(alone.get(i), test),
        percent(taught.get(i), test)
      };
      Arrays.setAll(sums, j -> sums[j] + row[j] / SEEDS);
      print(String.valueOf(i + 1), row);
    }
    print("mean", sums);
  }

  private static void print(String name, double[] row) {
    System.out.printf(
        Locale.ROOT,
        "| %s | %.2f | %.2f | %.2f | %.2f | %+.2f |%n",
        name,
        row[0],
        row[1],
        row[2],
        row[3],
        row[3] - row[2]);
  }
}
