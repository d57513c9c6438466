package dev.tinytitan.compress.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.compress.prune.SparsePattern;
import dev.tinytitan.compress.prune.Target;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Network;
import dev.tinytitan.train.SampleChange;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A recipe gives the same bytes again, whatever its steps and at any number of threads. */
class RepeatedRecipesTest {
  private static final SearchData DATA = SearchData.split(Blobs.samples(300, 2), 1);

  private static final Distill TAUGHT =
      Distill.of(TrainingPlan.of(1).withAugment(List.of(SampleChange.NOISE)).withAveraging(0.9));

  static List<List<Step>> recipes() {
    return List.of(
        List.of(
            PruneLayers.of(Target.Figure.PARAMETERS, 0.8),
            PruneStructured.of(Target.Figure.MULTIPLY_ADDS, 0.7).withMultiple(2),
            new FineTune(TrainingPlan.of(1)),
            TAUGHT),
        List.of(
            PruneSparse.of(new SparsePattern.Unstructured(), 0.7),
            new DropDeadUnits(),
            new Cluster(4, Optional.of(TAUGHT), List.of(), 50),
            new NarrowBiases(),
            new ShortenNames()),
        List.of(new QuantizationAware(4, OptionalLong.empty(), TAUGHT, List.of(), 50)),
        List.of(Quantize.of(Scheme.INT8), new ShortenNames()));
  }

  /** Two blocks with a shortcut around each. */
  private static Model network() {
    Network network = new Network("blocks", 1);
    Layer x = network.input(8).dense(16).relu();
    for (int i = 0; i < 2; i++) {
      x = x.add(x.dense(24).relu().dense(16)).relu();
    }
    return network.classifier(x.dense(Blobs.CLASSES));
  }

  @ParameterizedTest
  @MethodSource("recipes")
  void theSameBytesAgain(List<Step> steps) {
    Recipe recipe = Recipe.parse(Recipe.of(3, steps.toArray(Step[]::new)).toJson());
    Model first = CompressionSearch.apply(recipe, network(), DATA, 1);
    Model second = CompressionSearch.apply(recipe, network(), DATA, 2);
    assertThat(second.toBytes()).isEqualTo(first.toBytes());
    Verifier.verify(first.graph());
    assertThat(first.toBytes().length).isLessThan(network().toBytes().length);
  }

  @Test
  void noKindOfStepIsLeftOut() {
    assertThat(recipes().stream().flatMap(List::stream).<Class<?>>map(Step::getClass))
        .containsAll(List.of(Step.class.getPermittedSubclasses()));
  }
}
