package dev.tinytitan.compress.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.compress.distill.DistillationLoss.ValuePair;
import dev.tinytitan.compress.distill.DistillationResult.Measure;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.Evaluation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Network;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import dev.tinytitan.train.zoo.Zoo;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistillerTest {
  private static final Model TEACHER = Halves.teacher();
  private static final TrainingData TRAIN = Halves.data(320, 5);
  private static final TrainingData VALIDATION = Halves.data(200, 6);

  private static DistillationOptions options(DistillationLoss loss) {
    return DistillationOptions.of(loss, Halves.training());
  }

  private static DistillationResult distill(
      Model student, TrainingData train, DistillationOptions options) {
    return new Distiller(TEACHER, options)
        .distill(student, train, Optional.of(VALIDATION), TrainingListener.SILENT);
  }

  private static Model student() {
    return Halves.network("student", 4, 8);
  }

  /** How often a model's class is the teacher's. */
  private static double agreement(Model model) {
    TrainingData data = Halves.data(400, 9);
    try (Teacher teacher = new Teacher(TEACHER, true, List.of(), SessionOptions.defaults())) {
      int[] classes = Evaluation.classes(teacher.answer(data.samples(), data.size()), data.size());
      TrainingData answered =
          new TrainingData(data.size(), data.samples(), data.sampleSize(), classes, new float[0]);
      return Evaluation.score(model, answered, SessionOptions.defaults());
    }
  }

  @Test
  void everyLossTeachesWithoutLabels() {
    TrainingData unlabelled = TRAIN.withoutTargets();
    for (DistillationLoss loss :
        List.of(
            DistillationLoss.softTargets(3),
            DistillationLoss.decoupled(3),
            new DistillationLoss.Outputs(),
            new DistillationLoss.Embedding())) {
      DistillationResult result =
          new Distiller(TEACHER, options(loss).withLabelWeight(0))
              .distill(
                  student(),
                  unlabelled,
                  Optional.of(VALIDATION.withoutTargets()),
                  TrainingListener.SILENT);
      assertThat(result.training().stop()).isEqualTo(TrainingResult.Stop.COMPLETED);
      assertThat(agreement(result.model())).as("%s", loss).isGreaterThan(0.85);
      assertThat(result.teacherScore()).isEmpty();
      boolean classes =
          loss instanceof DistillationLoss.SoftTargets
              || loss instanceof DistillationLoss.Decoupled;
      assertThat(result.judgedBy()).isEqualTo(classes ? Measure.AGREEMENT : Measure.DIFFERENCE);
    }
  }

  @Test
  void featuresAndAttentionComeNearToTheTeachers() {
    for (DistillationLoss loss :
        List.of(DistillationLoss.features(), DistillationLoss.attentionTransfer())) {
      DistillationOptions options =
          options(loss).withLabelWeight(0).withTraining(Halves.training().withEpochs(6));
      DistillationResult result = distill(student(), TRAIN, options);
      double first = result.training().history().getFirst().loss();
      double last = result.training().history().getLast().loss();
      assertThat(last).as("%s", loss).isLessThan(0.8 * first);
    }
  }

  @Test
  void labelsAndSeveralLossesCountTogether() {
    DistillationOptions options =
        options(DistillationLoss.softTargets(3))
            .withPart(DistillationLoss.features(), 0.5)
            .withPart(DistillationLoss.attentionTransfer(), 10);
    DistillationResult result = distill(student(), TRAIN, options);
    assertThat(result.judgedBy()).isEqualTo(Measure.ACCURACY);
    assertThat(result.teacherScore().orElseThrow()).isGreaterThan(0.9);
    assertThat(agreement(result.model())).isGreaterThan(0.85);
    assertThat(result.model().graph().initializers().keySet())
        .isEqualTo(student().graph().initializers().keySet());
  }

  @Test
  void isTheSameForASeedHoweverAnswersAreKept(@TempDir Path folder) {
    DistillationOptions options =
        options(DistillationLoss.softTargets(2)).withPart(DistillationLoss.features(), 1);
    Graph kept = distill(student(), TRAIN, options).model().graph();
    DistillationOptions none = options.withCacheBytes(0);
    assertThat(distill(student(), TRAIN, none).model().graph()).isEqualTo(kept);
    DistillationOptions file = none.withCacheFolder(folder);
    assertThat(distill(student(), TRAIN, file).model().graph()).isEqualTo(kept);
    assertThat(folder).isEmptyDirectory();
    DistillationOptions threads = options.withTraining(Halves.training().withThreads(2));
    assertThat(distill(student(), TRAIN, threads).model().graph()).isEqualTo(kept);
  }

  @Test
  void theTeacherSeesAugmentedSamples() {
    Augmentation inverted =
        (sample, shape, random) -> {
          for (int i = 0; i < sample.length; i++) {
            sample[i] = -sample[i];
          }
        };
    DistillationOptions options =
        options(DistillationLoss.softTargets(1))
            .withLabelWeight(0)
            .withTraining(Halves.training().withAugmentation(inverted));
    Model student = distill(student(), TRAIN, options).model();
    TrainingData data = Halves.data(300, 11);
    float[] samples = data.samples().clone();
    inverted.apply(samples, Shape.of(1), new Random(1));
    try (Teacher teacher = new Teacher(TEACHER, true, List.of(), SessionOptions.defaults())) {
      int[] classes = Evaluation.classes(teacher.answer(samples, data.size()), data.size());
      TrainingData answered =
          new TrainingData(data.size(), samples, data.sampleSize(), classes, new float[0]);
      // Had the teacher answered for the samples as they were, these would be other classes.
      assertThat(Evaluation.score(student, answered, SessionOptions.defaults())).isGreaterThan(0.8);
    }
  }

  @Test
  void aPrunedTeacherRecovers() {
    Model pruned = Students.narrower(TEACHER, 0.25);
    double before = agreement(pruned);
    Model recovered = distill(pruned, TRAIN, options(DistillationLoss.softTargets(2))).model();
    assertThat(agreement(recovered)).isGreaterThan(Math.max(0.9, before));
    assertThat(recovered.graph().nodes()).hasSameSizeAs(TEACHER.graph().nodes());
  }

  @Test
  void anEncoderWithEverySecondLayerLearnsFromUnlabelledSignals() {
    Model encoder = Zoo.build("transformer", new Zoo.Task(Shape.of(3, 12), 8, false, 0, 1), 1);
    Random random = new Random(2);
    float[] samples = new float[96 * 36];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) random.nextGaussian();
    }
    TrainingData signals = new TrainingData(96, samples, 36, new int[0], new float[0]);
    DistillationOptions options =
        DistillationOptions.of(
                new DistillationLoss.Embedding(),
                TrainingOptions.of(Loss.meanSquaredError()).withEpochs(4).withBatch(16))
            .withLabelWeight(0)
            .withPart(DistillationLoss.features(), 0.1);
    DistillationResult result =
        new Distiller(encoder, options)
            .distill(
                Students.shallower(encoder, 0.5),
                signals,
                Optional.of(signals),
                TrainingListener.SILENT);
    assertThat(result.judgedBy()).isEqualTo(Measure.DIFFERENCE);
    assertThat(result.training().history().getLast().loss())
        .isLessThan(0.7 * result.training().history().getFirst().loss());
  }

  @Test
  void saysWhatDoesNotFit() {
    Network network = new Network("other", 1);
    Layer x = network.input(1, 8, 8).conv(4, 3, 1).relu();
    Model four = network.classifier(x.globalAveragePool().dense(4));
    assertThatThrownBy(() ->
            distill(
                four,
                TRAIN.withoutTargets(),
                options(DistillationLoss.softTargets(2)).withLabelWeight(0)))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("[3]")
        .hasMessageContaining("[4]")
        .hasMessageContaining("as many outputs");
    DistillationLoss unknown =
        new DistillationLoss.Features(List.of(new ValuePair("nothing", "conv_0")));
    assertThatThrownBy(() -> distill(student(), TRAIN, options(unknown)))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("no value 'nothing'");
    Network vectors = new Network("vectors", 1);
    Model flat = vectors.classifier(vectors.input(1, 8, 8).flatten().dense(3));
    assertThatThrownBy(() -> distill(flat, TRAIN, options(DistillationLoss.features())))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("no feature maps of one size");
    TrainingData wide = new TrainingData(20, new float[20 * 9], 9, new int[20], new float[0]);
    assertThatThrownBy(() -> distill(student(), wide, options(DistillationLoss.softTargets(2))))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("9 elements");
    assertThatThrownBy(() ->
            new Distiller(
                TEACHER,
                DistillationOptions.of(
                    DistillationLoss.softTargets(2),
                    Halves.training().withLoss(Loss.meanSquaredError()))))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
