package dev.tinytitan.examples;

import dev.tinytitan.Model;
import dev.tinytitan.compress.distill.DistillationLoss;
import dev.tinytitan.compress.distill.DistillationOptions;
import dev.tinytitan.compress.distill.DistillationResult;
import dev.tinytitan.compress.distill.Distiller;
import dev.tinytitan.compress.distill.Students;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.Split;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.zoo.Zoo;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** A network half as wide learns from a larger one, on images without labels. */
public final class TaughtStudent {
  private TaughtStudent() {}

  /** Trains a teacher, distills it, and prints how often the student's answer is the teacher's. */
  public static void main(String[] args) {
    DistillationResult result = distill(Path.of("synthetic:images"), 6);
    System.out.printf(
        Locale.ROOT,
        "%s: %.1f %%%n",
        result.judgedBy().label(),
        100 * result.training().history().getLast().score());
  }

  static DistillationResult distill(Path images, int epochs) {
    try (Dataset data = Dataset.open(images)) {
      TrainingData all = TrainingData.of(data);
      Split split = Split.of(data, 0.2, 1);
      TrainingData train = all.select(split.train());
      TrainingData heldBack = all.select(split.heldBack());
      TrainingOptions training =
          TrainingOptions.of(Loss.crossEntropy())
              .withEpochs(epochs)
              .withOptimizer(Optimizer.adamW(3e-3));
      Model teacher = teacher(data, train, training);

      // The student sees no labels: the teacher's answers are all it learns from.
      Model student = Students.narrower(teacher, 0.5);
      DistillationOptions options =
          DistillationOptions.of(DistillationLoss.softTargets(2), training).withLabelWeight(0);
      return new Distiller(teacher, options)
          .distill(
              student,
              train.withoutTargets(),
              Optional.of(heldBack.withoutTargets()),
              TrainingListener.SILENT);
    }
  }

  private static Model teacher(Dataset data, TrainingData train, TrainingOptions training) {
    TrainingData.Moments moments = train.moments();
    int classes = data.classNames().size();
    Zoo.Task task =
        new Zoo.Task(data.sampleShape(), classes, true, moments.mean(), moments.deviation());
    try (Trainer trainer = Trainer.of(Zoo.build("mlp", task, 1), training)) {
      return trainer.fit(train, Optional.empty(), TrainingListener.SILENT).model();
    }
  }
}
