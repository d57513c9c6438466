package dev.tinytitan.compress.distill;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.distill.DistillationLoss.ValuePair;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.op.Conv;
import dev.tinytitan.train.Evaluation;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;

/**
 * Trains a student to answer as a teacher does.
 *
 * <pre>{@code
 * TrainingOptions training = TrainingOptions.of(Loss.crossEntropy()).withEpochs(10);
 * DistillationOptions options =
 *     DistillationOptions.of(DistillationLoss.softTargets(4), training);
 * Model student = Students.ofArchitecture("lenet5", teacher, train, 1);
 * new Distiller(teacher, options)
 *     .distill(student, train, Optional.of(validation), TrainingListener.SILENT)
 *     .model()
 *     .save(Path.of("student.onnx"));
 * }</pre>
 *
 * <p>The teacher is any model, quantized ones included; the student any that can be trained: a new
 * network, a pruned or shortened teacher that is to recover, a graph with fake quantization. The
 * same models, data and options give the same student, at any number of threads. Immutable.
 */
public final class Distiller {
  private final Model teacher;
  private final DistillationOptions options;

  /**
   * A distiller.
   *
   * @throws IllegalArgumentException if soft targets are to go with labels whose loss is not of
   *     logits
   */
  public Distiller(Model teacher, DistillationOptions options) {
    this.teacher = teacher;
    this.options = options;
    if (comparesClasses()
        && options.labelWeight() > 0
        && !options.training().loss().takesLogits()) {
      throw new IllegalArgumentException(
          "soft targets do not go with labels by " + options.training().loss());
    }
  }

  private boolean comparesClasses() {
    return options.parts().stream()
        .map(DistillationOptions.Part::loss)
        .anyMatch(loss ->
            loss instanceof DistillationLoss.SoftTargets
                || loss instanceof DistillationLoss.Decoupled);
  }

  /**
   * Trains all parameters of a student; see {@link #distill(Model, Predicate, TrainingData,
   * Optional, TrainingListener)}.
   */
  public DistillationResult distill(
      Model student,
      TrainingData train,
      Optional<TrainingData> validation,
      TrainingListener listener) {
    return distill(student, name -> true, train, validation, listener);
  }

  /**
   * Trains a student.
   *
   * @param trainable which of its parameters are trained, by the names of initializers
   * @param train samples for teacher and student; labels are needed only where they count
   * @param validation judges each epoch, and says which is kept; without labels, by how well the
   *     student agrees with the teacher; empty to keep the last
   * @throws BadDataException if the data do not fit, or the student cannot match what the teacher
   *     gives
   * @throws dev.tinytitan.UnsupportedModelException if a node of the student has no gradient; lists
   *     all of them
   */
  public DistillationResult distill(
      Model student,
      Predicate<String> trainable,
      TrainingData train,
      Optional<TrainingData> validation,
      TrainingListener listener) {
    TrainingOptions training = training();
    boolean wantsLogits = training.loss().takesLogits();
    SessionOptions running =
        SessionOptions.defaults().withEngine(training.engine()).withThreads(training.threads());
    List<List<ValuePair>> pairs = new ArrayList<>();
    for (DistillationOptions.Part part : options.parts()) {
      pairs.add(pairs(part.loss(), student.graph()));
    }
    List<String> values =
        pairs.stream().flatMap(List::stream).map(ValuePair::teacher).distinct().toList();
    try (Teacher answering = new Teacher(teacher, wantsLogits, values, running)) {
      if (answering.sampleSize() != train.sampleSize()) {
        throw new BadDataException(
            "A sample has "
                + train.sampleSize()
                + " elements, but the teacher takes "
                + answering.sampleSize()
                + ".");
      }
      Optional<TrainingData> given = validation.map(data -> usable(data, training.loss()));
      boolean labelled = given.isPresent() && given.get().hasTargets();
      Optional<TrainingData> judging =
          labelled ? given : given.map(data -> answered(data, answering, wantsLogits));
      TeacherGuidance guidance =
          new TeacherGuidance(answering, options, pairs, convolves(), train.size());
      try (Trainer trainer = Trainer.of(student, training, trainable, guidance)) {
        OptionalDouble teacherScore =
            labelled
                ? OptionalDouble.of(score(answering, judging.orElseThrow()))
                : OptionalDouble.empty();
        TrainingResult result = trainer.fit(usable(train, training.loss()), judging, listener);
        return new DistillationResult(
            result, measure(judging, labelled, wantsLogits), teacherScore);
      } finally {
        guidance.closeCache();
      }
    }
  }

  /**
   * Fine-tuning by this teacher, for compression that trains models between two forms, such as
   * quantization-aware training.
   *
   * @param listener is told how far it is
   */
  public FineTuning fineTuning(
      TrainingData train, Optional<TrainingData> validation, TrainingListener listener) {
    return (student, masking) ->
        new Distiller(teacher, options.withTraining(options.training().withMasking(masking)))
            .distill(student, train, validation, listener)
            .model();
  }

  /** Where labels do not count, their loss still says what of the student is compared. */
  private TrainingOptions training() {
    boolean outputs =
        options.parts().stream()
            .map(DistillationOptions.Part::loss)
            .anyMatch(loss ->
                loss instanceof DistillationLoss.Outputs
                    || loss instanceof DistillationLoss.Embedding);
    if (options.labelWeight() > 0 || (!comparesClasses() && !outputs)) {
      return options.training();
    }
    return options
        .training()
        .withLoss(comparesClasses() ? Loss.crossEntropy() : Loss.meanSquaredError());
  }

  /** The data without labels that the loss has no use for, where labels do not count. */
  private TrainingData usable(TrainingData data, Loss loss) {
    boolean useless = options.labelWeight() == 0 && data.hasClasses() && !loss.takesClasses();
    return useless ? data.withoutTargets() : data;
  }

  private boolean convolves() {
    return teacher.graph().nodes().stream().anyMatch(node -> node.operator() instanceof Conv);
  }

  private List<ValuePair> pairs(DistillationLoss loss, Graph student) {
    List<ValuePair> given =
        switch (loss) {
          case DistillationLoss.Features features -> features.pairs();
          case DistillationLoss.AttentionTransfer attention -> attention.pairs();
          default -> List.of();
        };
    boolean inside =
        loss instanceof DistillationLoss.Features
            || loss instanceof DistillationLoss.AttentionTransfer;
    return inside && given.isEmpty() ? ValuePairing.of(teacher.graph(), student) : given;
  }

  private static double score(Teacher teacher, TrainingData data) {
    return Evaluation.score(teacher.answer(data.samples(), data.size()), data);
  }

  /** The data with what the teacher answers for targets. */
  private static TrainingData answered(TrainingData data, Teacher teacher, boolean classes) {
    float[] answers = teacher.answer(data.samples(), data.size());
    return new TrainingData(
        data.size(),
        data.samples(),
        data.sampleSize(),
        classes ? Evaluation.classes(answers, data.size()) : new int[0],
        classes ? new float[0] : answers);
  }

  private static DistillationResult.Measure measure(
      Optional<TrainingData> judging, boolean labelled, boolean wantsLogits) {
    boolean classes = judging.map(TrainingData::hasClasses).orElse(wantsLogits);
    if (labelled) {
      return classes ? DistillationResult.Measure.ACCURACY : DistillationResult.Measure.ERROR;
    }
    return classes ? DistillationResult.Measure.AGREEMENT : DistillationResult.Measure.DIFFERENCE;
  }
}
