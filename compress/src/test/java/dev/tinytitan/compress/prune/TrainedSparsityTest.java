package dev.tinytitan.compress.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.compress.FineTuning;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.SmallImages;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Zeros and training: before it, while it goes on, and kept by it. */
class TrainedSparsityTest {
  private static final SparsePattern ANYWHERE = new SparsePattern.Unstructured();

  private static SmallImages images;
  private static Model model;

  @BeforeAll
  static void learn() {
    images = new SmallImages();
    model = images.learned(30);
  }

  private static SparsePruner pruner(SparseMethod method, double sparsity) {
    return new SparsePruner(SparseOptions.of(ANYWHERE, sparsity, method).withThreads(1));
  }

  @ParameterizedTest
  @EnumSource(names = {"MAGNITUDE", "SPARSE_GPT", "GRADUAL", "GRADUAL_GLOBAL", "MOVEMENT"})
  void trainingRecoversWhatZerosCost(SparseMethod method) {
    double whole = images.accuracy(model);
    double untrained = images.accuracy(pruner(SparseMethod.MAGNITUDE, 0.7).prune(model).model());
    SparseResult result =
        pruner(method, 0.7)
            .withTraining(images.training(20))
            .prune(model, images.samples, Samples.none());
    assertThat(result.after().sparsity()).isBetween(0.68, 0.70);
    assertThat(untrained).isLessThan(whole - 0.2);
    assertThat(images.accuracy(result.model())).isGreaterThan(whole - 0.06);
  }

  @ParameterizedTest
  @EnumSource(names = {"GRADUAL", "MOVEMENT"})
  void blocksBecomeZeroWhole(SparseMethod method) {
    SparsePattern blocks = SparsePattern.of("1x4");
    SparseResult result =
        new SparsePruner(SparseOptions.of(blocks, 0.5, method).withThreads(1))
            .withTraining(images.training(2))
            .prune(model);
    for (WeightMatrix matrix : WeightMatrix.of(result.model().graph())) {
      double[] weights = matrix.read();
      int columns = matrix.columns();
      for (int row = 0; row < matrix.rows(); row++) {
        for (int column = 0; column + 4 <= columns; column += 4) {
          int zeros = 0;
          for (int i = 0; i < 4; i++) {
            zeros += weights[row * columns + column + i] == 0 ? 1 : 0;
          }
          assertThat(zeros % 4).isZero();
        }
      }
    }
  }

  /** Elements come back where their score rises: the masks are not those of magnitude. */
  @Test
  void movementIsNotMagnitude() {
    Model moved =
        pruner(SparseMethod.MOVEMENT, 0.5).withTraining(images.training(4)).prune(model).model();
    Model gradual =
        pruner(SparseMethod.GRADUAL, 0.5).withTraining(images.training(4)).prune(model).model();
    int differ = 0;
    int all = 0;
    for (int i = 0; i < WeightMatrix.of(moved.graph()).size(); i++) {
      double[] one = WeightMatrix.of(moved.graph()).get(i).read();
      double[] other = WeightMatrix.of(gradual.graph()).get(i).read();
      for (int j = 0; j < one.length; j++) {
        differ += (one[j] == 0) != (other[j] == 0) ? 1 : 0;
        all++;
      }
    }
    assertThat(differ).isGreaterThan(all / 20);
  }

  @Test
  void rewindsToEarlierParameters() {
    Model early = images.learned(1);
    SparsePruner pruner =
        pruner(SparseMethod.MAGNITUDE, 0.7).withTraining((pruned, masking) -> pruned);
    Model rewound = pruner.withRewinding(early).prune(model).model();
    Model pruned = pruner.prune(model).model();
    int kept = 0;
    for (int i = 0; i < WeightMatrix.of(pruned.graph()).size(); i++) {
      double[] zeros = WeightMatrix.of(pruned.graph()).get(i).read();
      double[] back = WeightMatrix.of(rewound.graph()).get(i).read();
      double[] before = WeightMatrix.of(early.graph()).get(i).read();
      for (int j = 0; j < zeros.length; j++) {
        assertThat(back[j]).isEqualTo(zeros[j] == 0 ? 0 : before[j]);
        kept += zeros[j] == 0 ? 0 : 1;
      }
    }
    assertThat(kept).isPositive();
    assertThatThrownBy(() -> pruner(SparseMethod.MAGNITUDE, 0.7).withRewinding(early).prune(model))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("without training");
  }

  @Test
  void methodsThatTrainNeedTraining() {
    assertThatThrownBy(() -> pruner(SparseMethod.MOVEMENT, 0.5).prune(model))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("say how to train");
  }

  /** Masks and scores are in the checkpoint: a run in two pieces is the run in one. */
  @ParameterizedTest
  @EnumSource(names = {"GRADUAL", "MOVEMENT"})
  void resumesWithItsMasks(SparseMethod method, @TempDir Path folder) {
    TrainingOptions options = SmallImages.options(6).withAveraging(0.9);
    Model whole =
        pruner(method, 0.6)
            .withTraining(
                FineTuning.of(options, images.train, Optional.empty(), TrainingListener.SILENT))
            .prune(model)
            .model();
    TrainingOptions resumable = options.withCheckpoint(folder.resolve("state"));
    int[] asked = {0};
    TrainingListener killer =
        new TrainingListener() {
          @Override
          public boolean stops() {
            return ++asked[0] == 90;
          }
        };
    FineTuning broken =
        (each, masking) -> {
          try (Trainer trainer = Trainer.of(each, resumable.withMasking(masking))) {
            TrainingResult result = trainer.fit(images.train, Optional.empty(), killer);
            assertThat(result.stop()).isEqualTo(TrainingResult.Stop.INTERRUPTED);
            return result.model();
          }
        };
    pruner(method, 0.6).withTraining(broken).prune(model);
    Model resumed =
        pruner(method, 0.6)
            .withTraining(
                FineTuning.of(resumable, images.train, Optional.empty(), TrainingListener.SILENT))
            .prune(model)
            .model();
    assertThat(resumed.graph()).isEqualTo(whole.graph());
  }
}
