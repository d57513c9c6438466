package dev.tinytitan.compress.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SharedData;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.OnnxRuntime;
import dev.tinytitan.compress.quantize.SyntheticInputs;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StructuredPrunerTest {

  private static Model resnet8() {
    return Model.load(SharedData.require("models/resnet8_fp32.onnx"));
  }

  private static Model topology(String name) {
    Graph graph = Topologies.all().get(name);
    assertThat(graph).isNotNull();
    return Model.of(graph, ModelInfo.of(21));
  }

  private static Samples samples(Model model, int count) {
    return Samples.of(
        count,
        i ->
            Sample.of(Map.of("x", Topologies.sample(model.inputs().get(0).tensorType(), 100 + i))));
  }

  @ParameterizedTest
  @EnumSource(Target.Figure.class)
  void reachesATargetInRoundedChannels(Target.Figure figure) {
    StructuredOptions options =
        StructuredOptions.of(new Target.Remaining(figure, 0.5)).withSensitivity(false);
    StructuredResult result =
        new StructuredPruner(options).prune(resnet8(), SyntheticInputs.of("resnet8", 8, 1));
    assertThat(result.reached()).isTrue();
    double left =
        figure == Target.Figure.MULTIPLY_ADDS
            ? (double) result.after().multiplyAdds() / result.before().multiplyAdds()
            : (double) result.after().parameters() / result.before().parameters();
    assertThat(left).isBetween(0.3, 0.5);
    assertThat(result.groups()).allSatisfy(group -> assertThat(group.after() % 8).isZero());
    assertThat(result.quality()).isPresent();
  }

  /** What the allocation counted by sizes alone is what the written model has. */
  @Test
  void countsWhatIsWritten() {
    for (Map.Entry<String, Graph> entry : Topologies.all().entrySet()) {
      DependencyGraph dependencies = DependencyGraph.of(entry.getValue());
      ChannelCosts costs = new ChannelCosts(dependencies.scope());
      List<ChannelUnit> units = StructuralPruning.pick(dependencies, 0.5, 3);
      assertThat(costs.canRemove(units)).isTrue();
      costs.remove(units);
      Graph pruned = dependencies.remove(units);
      Footprint footprint = Footprint.of(Model.of(pruned, ModelInfo.of(21)), Map.of());
      assertThat(footprint.multiplyAdds()).as(entry.getKey()).isEqualTo(costs.multiplyAdds());
      assertThat(footprint.parameters()).as(entry.getKey()).isEqualTo(costs.parameters());
      costs.restore(units);
      Footprint whole = Footprint.of(Model.of(entry.getValue(), ModelInfo.of(21)), Map.of());
      assertThat(costs.multiplyAdds()).as(entry.getKey()).isEqualTo(whole.multiplyAdds());
    }
  }

  @Test
  void runsInOnnxRuntimeAsHere() {
    Samples samples = SyntheticInputs.of("resnet8", 4, 3);
    Model pruned =
        new StructuredPruner(StructuredOptions.of(Target.multiplyAdds(0.5)))
            .prune(resnet8(), samples)
            .model();
    try (OnnxRuntime other = new OnnxRuntime(pruned);
        var session = pruned.open()) {
      for (int i = 0; i < samples.size(); i++) {
        Sample sample = samples.get(i);
        Tensor here = session.run(sample.inputs()).values().iterator().next();
        Tensor there = other.run(sample).values().iterator().next();
        for (int j = 0; j < here.size(); j++) {
          assertThat(here.getFloat(j)).isCloseTo(there.getFloat(j), within(1e-4f));
        }
      }
    }
  }

  @Test
  void unitsThatDoNothingGoFirst() {
    Model model = topology("residual with projection");
    DependencyGraph dependencies = DependencyGraph.of(model.graph());
    ChannelGroup group = dependencies.groups().get(1);
    List<ChannelUnit> dead = group.units().subList(2, 6);
    Model withDead = Model.of(dependencies.mask(dead), model.info());
    for (Criterion criterion : List.of(Criterion.L1, Criterion.L2, Criterion.ACTIVATIONS)) {
      StructuredOptions options =
          StructuredOptions.of(Target.multiplyAdds(0.9))
              .withCriterion(criterion)
              .withMultiple(2)
              .withExclude(
                  dependencies.groups().stream()
                      .filter(other -> other != group)
                      .map(ChannelGroup::name)
                      .toList());
      StructuredResult result = new StructuredPruner(options).prune(withDead, samples(model, 6));
      assertThat(result.reached()).isTrue();
      assertThat(result.quality().orElseThrow().signalToNoise()).isGreaterThan(100);
    }
  }

  @Test
  void takesTheSameShareOfEveryGroup() {
    Model model = topology("inception");
    StructuredResult result =
        new StructuredPruner(StructuredOptions.of(Target.amount(0.5)).withMultiple(1)).prune(model);
    assertThat(result.quality()).isEmpty();
    assertThat(result.groups())
        .allSatisfy(group ->
            assertThat(group.after()).isBetween(group.before() / 2, group.before() / 2 + 1));
  }

  @Test
  void measuresUntilATargetHolds() {
    Model model = topology("mlp");
    long all = Footprint.of(model, Map.of()).parameters();
    StructuredOptions options =
        StructuredOptions.of(
                Target.latency(
                    0.6,
                    (whole, each) ->
                        Math.sqrt(
                            (double) Footprint.of(each, Map.of()).parameters()
                                / Footprint.of(whole, Map.of()).parameters())))
            .withMultiple(1);
    StructuredResult result = new StructuredPruner(options).prune(model);
    assertThat(result.reached()).isTrue();
    assertThat(result.after().parameters() / (double) all).isBetween(0.25, 0.36);
  }

  @Test
  void saysWhenATargetIsOutOfReach() {
    StructuredResult result =
        new StructuredPruner(StructuredOptions.of(Target.multiplyAdds(0.001)).withMost(0.5))
            .prune(topology("mlp"));
    assertThat(result.reached()).isFalse();
    assertThat(result.groups()).allSatisfy(group -> assertThat(group.after()).isPositive());
  }

  @Test
  void leavesWhatIsExcluded() {
    StructuredResult result =
        new StructuredPruner(
                StructuredOptions.of(Target.amount(0.5)).withExclude(List.of("conv0", "conv6*")))
            .prune(resnet8());
    assertThat(result.groups())
        .extracting(StructuredResult.GroupReport::name)
        .doesNotContain("conv0", "conv6");
    assertThatThrownBy(() ->
            new StructuredPruner(
                    StructuredOptions.of(Target.amount(0.5)).withExclude(List.of("nobody")))
                .prune(resnet8()))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("nobody");
  }

  /** Statistics as a trainer would give them: the units whose weights the loss feels least go. */
  @Test
  void importanceByGradients() {
    Model model = topology("mlp");
    DependencyGraph dependencies = DependencyGraph.of(model.graph());
    ChannelGroup group = dependencies.groups().get(0);
    Map<String, double[]> slopes = new HashMap<>();
    for (int unit = 0; unit < group.units().size(); unit++) {
      double slope = 1 + (unit * 7) % group.units().size();
      group
          .units()
          .get(unit)
          .forEachElement((cut, index) -> {
            Tensor tensor = group.units().get(0).weights(cut);
            double[] values =
                slopes.computeIfAbsent(cut.constant(), key -> new double[tensor.size()]);
            values[(int) index] = slope / tensor.getDouble((int) index);
          });
    }
    WeightStatistics statistics =
        new WeightStatistics() {
          @Override
          public Optional<double[]> gradient(String constant) {
            return Optional.ofNullable(slopes.get(constant));
          }

          @Override
          public Optional<double[]> squaredGradient(String constant) {
            return gradient(constant)
                .map(values -> Arrays.stream(values).map(value -> value * value).toArray());
          }
        };
    for (Importance importance :
        List.of(Importance.taylor(statistics), Importance.hessian(statistics))) {
      double[] scores = importance.scores(dependencies, group);
      for (int i = 0; i < scores.length; i++) {
        for (int j = 0; j < scores.length; j++) {
          int left = i * 7 % scores.length;
          int right = j * 7 % scores.length;
          if (left < right) {
            assertThat(scores[i]).as(importance.name()).isLessThan(scores[j]);
          }
        }
      }
    }
  }

  @Test
  void importanceByScalesOfBatchNormalization() {
    Model model = topology("residual with projection");
    DependencyGraph dependencies = DependencyGraph.of(model.graph());
    ChannelGroup group = dependencies.groups().get(1);
    double[] scores = Importance.batchNormalizationScale().scores(dependencies, group);
    Tensor scale =
        model.graph().nodes().stream()
            .filter(node -> node.operator() instanceof BatchNormalization)
            .filter(node -> node.input(0).equals(group.name()))
            .map(node -> model.graph().constant(node.input(1)).orElseThrow())
            .findFirst()
            .orElseThrow();
    for (int i = 0; i < scores.length; i++) {
      assertThat(scores[i]).isCloseTo(Math.abs(scale.getFloat(i)), within(1e-6));
    }
  }

  @Test
  void sameAskedSameGiven() {
    Model model = resnet8();
    Samples samples = SyntheticInputs.of("resnet8", 8, 1);
    StructuredPruner pruner = new StructuredPruner(StructuredOptions.of(Target.multiplyAdds(0.6)));
    assertThat(pruner.prune(model, samples).model().toBytes())
        .isEqualTo(pruner.prune(model, samples).model().toBytes());
  }

  @Test
  void saysWhatStandsInTheWay() {
    Model pruned = topology("transformer, separate projections");
    DependencyGraph dependencies = DependencyGraph.of(pruned.graph());
    assertThat(dependencies.blocked())
        .anySatisfy(blocked ->
            assertThat(blocked.reason()).contains("normalized over by LayerNormalization"))
        .anySatisfy(blocked -> assertThat(blocked.reason()).contains("reaches output"));
    NetBuilder net = new NetBuilder("one layer", 1);
    Model single = Model.of(net.build(net.dense(net.input(1, 4), 4, 3)), ModelInfo.of(21));
    assertThatThrownBy(
            () -> new StructuredPruner(StructuredOptions.of(Target.amount(0.5))).prune(single))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("reaches output");
  }
}
