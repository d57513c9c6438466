package dev.tinytitan.compress.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.prune.Criterion;
import dev.tinytitan.compress.prune.SparseMethod;
import dev.tinytitan.compress.prune.SparsePattern;
import dev.tinytitan.compress.prune.Target;
import dev.tinytitan.compress.quantize.Calibrator;
import dev.tinytitan.compress.quantize.Rounding;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.train.SampleChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecipeTest {
  private static final TrainingPlan CHANGED =
      TrainingPlan.of(3, 5000)
          .withLearningRate(5e-4)
          .withBatch(16)
          .withAugment(List.of(SampleChange.SHIFT, SampleChange.FLIP))
          .withAveraging(0.99);

  private static final Recipe ALL =
      Recipe.of(
              7,
              new PruneStructured(
                  Target.Figure.BYTES, 0.35, Criterion.L1, 4, List.of("stem", "head*"), 32),
              new PruneLayers(Target.Figure.PARAMETERS, 0.75, List.of("stem"), 16),
              new PruneSparse(
                  SparsePattern.of("1x4"),
                  0.8,
                  SparseMethod.MAGNITUDE,
                  Optional.empty(),
                  List.of(),
                  64),
              new PruneSparse(
                  SparsePattern.of("unstructured"),
                  0.9,
                  SparseMethod.GRADUAL,
                  Optional.of(new Distill(CHANGED, 1, 0.3)),
                  List.of(),
                  64),
              new FineTune(CHANGED),
              new Distill(TrainingPlan.of(2), 2, 0.5),
              new QuantizationAware(
                  4, OptionalLong.empty(), new Distill(CHANGED, 1, 0.3), List.of("head"), 60),
              new QuantizationAware(
                  8,
                  OptionalLong.of(30_000),
                  Distill.of(TrainingPlan.of(1)),
                  List.of(),
                  Quantize.DEFAULT_SAMPLES),
              new Quantize(
                  Scheme.MIXED,
                  Calibrator.PERCENTILE,
                  Rounding.GPTQ,
                  8,
                  OptionalLong.of(30_000),
                  List.of("head"),
                  100),
              new Cluster(32, Optional.empty(), List.of("stem"), 50),
              new Cluster(8, Optional.of(Distill.of(CHANGED)), List.of(), 50),
              new DropDeadUnits(),
              new NarrowBiases(),
              new ShortenNames())
          .withTrainingShare(0.9)
          .withOrigin(new Origin("0.1.0", "codegen", "amd64", "abc", Map.of("training", "def")));

  @TempDir private Path folder;

  @Test
  void survivesJson() {
    assertThat(Recipe.parse(ALL.toJson())).isEqualTo(ALL);
    assertThat(Recipe.parse(ALL.toJson()).toJson()).isEqualTo(ALL.toJson());
  }

  @Test
  void survivesAFile() {
    Path file = folder.resolve("recipe.json");
    ALL.save(file);
    assertThat(Recipe.load(file)).isEqualTo(ALL);
  }

  @Test
  void saysItselfInWords() {
    assertThat(Recipe.of(1).words()).isEqualTo("leave the model as it is");
    assertThat(
            Recipe.of(
                    1,
                    PruneStructured.of(Target.Figure.MULTIPLY_ADDS, 0.5),
                    new FineTune(TrainingPlan.of(2)),
                    Quantize.of(Scheme.INT8))
                .words())
        .isEqualTo(
            "take out channels, neurons and heads until 50 % of the multiply-adds are left; then"
                + " train on for 2 epochs at a learning rate of 0.001; then quantize weights to 8"
                + " bits and activations to 8, computing in integers");
  }

  @Test
  void whatIsLeftOutHasADefault() {
    assertThat(
            Recipe.parse(
                """
                {"recipe": 1, "steps": [{"step": "quantize"}, {"step": "prune-structured", "left": 0.5}]}
                """))
        .isEqualTo(
            Recipe.of(
                1, Quantize.of(Scheme.INT8), PruneStructured.of(Target.Figure.MULTIPLY_ADDS, 0.5)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{ | The recipe is no JSON, in line 1, column 2",
        "{} {} | The recipe is no JSON",
        "[] | the recipe must be an object in braces",
        "{'steps': []} | The recipe: 'recipe' is missing.",
        "{'recipe': 2, 'steps': []} | The recipe is of format 2; this version of TinyTitan reads format 1.",
        "{'recipe': 1} | The recipe: 'steps' is missing.",
        "{'recipe': 1, 'steps': {}} | The recipe: 'steps' must be a list in brackets.",
        "{'recipe': 1, 'steps': [], 'sed': 3} | The recipe: 'sed' is not known here.",
        "{'recipe': 1, 'steps': [], 'seed': 1.5} | The recipe: 'seed' must be a whole number, not 1.5.",
        "{'recipe': 1, 'steps': [{}]} | Step 1: 'step' is missing.",
        "{'recipe': 1, 'steps': [{'step': 'shrink'}]} | Step 1: there is no step 'shrink'; there are",
        "{'recipe': 1, 'steps': [{'step': 'quantize'}, {'step': 'cluster', 'clusters': 1}]} | Step 2: a layer has 2 to 256 clusters, not 1.",
        "{'recipe': 1, 'steps': [{'step': 'quantize', 'scheme': 'int9'}]} | Step 1: There is no scheme 'int9'",
        "{'recipe': 1, 'steps': [{'step': 'quantize', 'scheme': 'mixed'}]} | Step 1: the scheme mixed and maxBytes go together.",
        "{'recipe': 1, 'steps': [{'step': 'quantize', 'weightBits': 5}]} | Step 1: weights have 2, 3, 4 or 8 bits, not 5.",
        "{'recipe': 1, 'steps': [{'step': 'quantize', 'bits': 4}]} | Step 1: 'bits' is not known here.",
        "{'recipe': 1, 'steps': [{'step': 'prune-structured', 'left': '50%'}]} | Step 1: 'left' must be a number",
        "{'recipe': 1, 'steps': [{'step': 'prune-structured', 'left': 1.5}]} | Step 1: what is left must be over 0 and below 1, not 1.5.",
        "{'recipe': 1, 'steps': [{'step': 'prune-sparse', 'pattern': '9'}]} | Step 1: '9' is no pattern",
        "{'recipe': 1, 'steps': [{'step': 'fine-tune', 'epochs': 99999999999}]} | Step 1: 'epochs' is too large: 99999999999.",
        "{'recipe': 1, 'steps': [{'step': 'fine-tune', 'epochs': 1, 'epochs': 2}]} | Duplicate",
        "{'recipe': 1, 'steps': [{'step': 'fine-tune', 'epochs': 1, 'augment': ['turn']}]} | Step 1: there is no change 'turn' of samples; there are shift, flip, noise, mask, crop.",
        "{'recipe': 1, 'steps': [{'step': 'fine-tune', 'epochs': 1, 'averaging': 1}]} | Step 1: averaging must be 0 or more and below 1, not 1.0.",
        "{'recipe': 1, 'steps': [{'step': 'cluster', 'clusters': 4, 'epochs': 1}]} | Step 1: 'epochs' is not known here.",
        "{'recipe': 1, 'steps': [{'step': 'cluster', 'clusters': 4, 'training': {'epochs': 1, 'rate': 1}}]} | 'training' of step 1: 'rate' is not known here.",
        "{'recipe': 1, 'steps': [{'step': 'prune-sparse', 'pattern': '1x4', 'method': 'gradual'}]} | Step 1: the method gradual picks while the model is trained: say how, by training.",
        "{'recipe': 1, 'steps': [{'step': 'quantization-aware', 'epochs': 1, 'weightBits': 4, 'maxBytes': 9}]} | Step 1: weightBits and maxBytes are two ways to say it: give one.",
        "{'recipe': 1, 'steps': [], 'trainingShare': 1.5} | The recipe: the share to train with must be over 0 and at most 1, not 1.5.",
        "{'recipe': 1, 'steps': [{'step': 'cluster', 'clusters': 4, 'exclude': 'a'}]} | Step 1: 'exclude' must be a list in brackets."
      })
  void whatIsWrongIsSaidWithThePlace(String json, String message) {
    assertThatThrownBy(() -> Recipe.parse(json.replace('\'', '"')))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(message);
  }

  @Test
  void filesThatAreNoRecipesAreRefused() throws IOException {
    assertThatThrownBy(() -> Recipe.load(folder.resolve("none.json")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("There is no recipe");
    Path large = folder.resolve("large.json");
    Files.write(large, new byte[2 << 20]);
    assertThatThrownBy(() -> Recipe.load(large)).hasMessageContaining("too large for a recipe");
  }

  @Test
  void saysWhatIsDifferentElsewhere() {
    Origin origin = ALL.origin().orElseThrow();
    assertThat(origin.differences(origin)).isEmpty();
    assertThat(
            origin.differences(
                new Origin("0.2.0", "simd", "amd64", "xyz", Map.of("training", "other"))))
        .containsExactly(
            "the version was 0.1.0 and is 0.2.0",
            "the engine was codegen and is simd",
            "the model is another one",
            "the data, or their split, are others");
  }
}
