package dev.tinytitan.compress.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SharedData;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.zoo.Zoo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole layers go: the result is valid ONNX of the same outputs, without what is missed least. */
class LayerPrunerTest {
  private static final Samples IMAGES = noise("x", 8, 1, 3, 8, 8);

  private static Samples noise(String input, int count, int... dims) {
    List<Sample> samples = new ArrayList<>();
    Random random = new Random(5);
    for (int i = 0; i < count; i++) {
      Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
      for (int j = 0; j < tensor.size(); j++) {
        tensor.setFloat(j, random.nextFloat() - 0.3f);
      }
      samples.add(Sample.of(Map.of(input, tensor)));
    }
    return Samples.of(samples);
  }

  /** A residual block whose branch is as strong as the scale says. */
  private static String block(NetBuilder net, String x, double scale) {
    String inner = net.relu(net.conv(x, 8, 8));
    return net.relu(net.add(net.mul(net.conv(inner, 8, 8), net.weights(0, scale, 1)), x));
  }

  private static Model residual(double... scales) {
    NetBuilder net = new NetBuilder("residual", 3);
    String x = net.relu(net.conv(net.input(1, 3, 8, 8), 3, 8));
    for (double scale : scales) {
      x = block(net, x, scale);
      // A layer of its own between them, so that blocks do not follow each other.
      x = net.node(new Tanh(), x);
    }
    return Model.of(net.build(net.head(x, 8, 4)), ModelInfo.of(21));
  }

  private static LayerResult prune(Model model, Target target, Samples samples) {
    LayerResult result = new LayerPruner(LayerOptions.of(target)).prune(model, samples, samples);
    Verifier.verify(result.model().graph());
    Model reread = Model.load(result.model().toBytes());
    Map<String, Tensor> inputs = samples.get(0).inputs();
    Map<String, Tensor> whole = StructuralPruning.run(model.graph(), inputs);
    StructuralPruning.run(reread.graph(), inputs)
        .forEach((name, tensor) -> assertThat(tensor.shape()).isEqualTo(whole.get(name).shape()));
    assertThat(result.after().bytes()).isLessThan(result.before().bytes());
    return result;
  }

  private static List<String> gone(LayerResult result) {
    return result.layers().stream()
        .filter(layer -> layer.gone() > 0)
        .map(LayerResult.LayerReport::name)
        .toList();
  }

  @Test
  void theLayerThatIsMissedLeastGoes() {
    Model model = residual(1, 0.01, 1);
    LayerResult result = prune(model, Target.multiplyAdds(0.8), IMAGES);
    assertThat(result.reached()).isTrue();
    assertThat(result.layers()).extracting(LayerResult.LayerReport::gone).containsExactly(0, 1, 0);
    assertThat(result.quality().orElseThrow().cosine()).isGreaterThan(0.999);
    LayerResult.LayerReport gone = result.layers().get(1);
    assertThat(gone.multiplyAdds())
        .isEqualTo(result.before().multiplyAdds() - result.after().multiplyAdds())
        .isGreaterThan(2 * 8 * 8 * 9 * 64 - 1);
    assertThat(gone.parameters())
        .isEqualTo(result.before().parameters() - result.after().parameters())
        .isEqualTo(2 * (8 * 8 * 9 + 8) + 1);
  }

  @Test
  void aLayerThatAddsNothingIsNotMissedAtAll() {
    LayerResult result = prune(residual(1, 1, 0), Target.amount(0.3), IMAGES);
    assertThat(result.layers()).extracting(LayerResult.LayerReport::gone).containsExactly(0, 0, 1);
    assertThat(result.quality().orElseThrow().signalToNoise()).isInfinite();
  }

  @Test
  void layersGoUntilTheTargetIsMet() {
    Model model = residual(1, 1, 1);
    assertThat(prune(model, Target.parameters(0.5), IMAGES).after().parameters())
        .isLessThanOrEqualTo((int) (0.5 * Footprint.of(model, Map.of()).parameters()));
    assertThat(prune(model, Target.bytes(0.7), IMAGES).reached()).isTrue();
    LayerResult far = prune(model, Target.multiplyAdds(0.01), IMAGES);
    assertThat(far.reached()).isFalse();
    assertThat(far.layers()).extracting(LayerResult.LayerReport::gone).doesNotContain(0);
    List<Double> ratios = new ArrayList<>(List.of(0.9, 0.4));
    LayerResult measured =
        prune(model, Target.latency(0.5, (whole, cut) -> ratios.removeFirst()), IMAGES);
    assertThat(gone(measured)).hasSize(2);
  }

  @Test
  void whatIsExcludedStays() {
    Model model = residual(1, 0.01, 1);
    String name = prune(model, Target.amount(0.3), IMAGES).layers().get(1).name();
    LayerOptions options = LayerOptions.of(Target.amount(0.9)).withExclude(List.of(name));
    LayerResult result = new LayerPruner(options).prune(model, IMAGES);
    assertThat(result.layers()).extracting(LayerResult.LayerReport::name).doesNotContain(name);
    assertThat(result.model().graph().nodes()).anyMatch(node -> node.name().equals(name));
  }

  @Test
  void layersAreCountedOnceAndOneOfARunStays() {
    Model transformer = Zoo.build("transformer", new Zoo.Task(Shape.of(3, 20), 5, true, 0, 1), 1);
    Samples signals = noise("input", 6, 1, 3, 20);
    LayerResult result = prune(transformer, Target.parameters(0.01), signals);
    assertThat(result.reached()).isFalse();
    assertThat(result.layers()).extracting(LayerResult.LayerReport::gone).containsOnlyOnce(0, 1);
    assertThat(result.model().graph().nodes())
        .filteredOn(node -> node.operator() instanceof Softmax)
        .as("of the layer that stays, and of the classes")
        .hasSize(2);
  }

  @Test
  void theEncoderLosesLayers() {
    long[] ones = new long[9];
    Arrays.fill(ones, 1);
    Sample sample =
        Sample.of(
            Map.of(
                "input_ids",
                Tensor.of(new Random(1).longs(9, 1000, 20000).toArray(), 1, 9),
                "attention_mask",
                Tensor.of(ones, 1, 9),
                "token_type_ids",
                Tensor.of(new long[9], 1, 9)));
    LayerResult result =
        prune(MiniLmPruningTest.model(), Target.amount(0.5), Samples.of(List.of(sample)));
    assertThat(result.layers())
        .extracting(LayerResult.LayerReport::name)
        .allMatch(name -> name.endsWith("/attention/self/query/MatMul"))
        .hasSize(6);
    assertThat(gone(result)).hasSize(3);
    assertThat((double) result.after().multiplyAdds() / result.before().multiplyAdds())
        .isBetween(0.49, 0.51);
  }

  /** Of a plain stack all but one go, of residual blocks those without a projection. */
  @ParameterizedTest
  @CsvSource({"resnet8_fp32, 1", "resnet8_int8, 1", "kws_fp32, 4", "kws_int8, 4", "vww_fp32, 5"})
  void modelsBesideTheProject(String name, int count) {
    Model model = Model.load(SharedData.require("models/" + name + ".onnx"));
    int[] dims =
        model.graph().inputs().get(0).tensorType().knownDims().stream()
            .mapToInt(dim -> dim.isFixed() ? dim.size() : 1)
            .toArray();
    dims[0] = 1;
    Samples samples = noise(model.graph().inputs().get(0).name(), 2, dims);
    LayerResult result = prune(model, Target.amount(0.1), samples);
    assertThat(result.layers()).extracting(LayerResult.LayerReport::name).hasSize(count);
    assertThat(gone(result)).hasSize(1);
  }

  @Test
  void everyTopologyGivesAValidModelOrSaysWhyNot() {
    int pruned = 0;
    for (Map.Entry<String, Graph> entry : Topologies.all().entrySet()) {
      Model model = Model.of(entry.getValue(), ModelInfo.of(21));
      Samples samples = Samples.of(List.of(Sample.of(Topologies.inputs(entry.getValue()))));
      try {
        prune(model, Target.amount(0.9), samples);
        pruned++;
      } catch (BadDataException none) {
        assertThat(none).hasMessageContaining("no layers that can go as a whole");
      }
    }
    assertThat(pruned).isGreaterThan(5);
  }

  @Test
  void saysWhyNothingCanGo() {
    Model plain = Zoo.build("lenet5", new Zoo.Task(Shape.of(1, 28, 28), 5, true, 0, 1), 1);
    LayerPruner pruner = new LayerPruner(LayerOptions.of(Target.amount(0.5)));
    assertThatThrownBy(() -> pruner.prune(plain, noise("input", 4, 1, 1, 28, 28)))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("no layers that can go as a whole");
    assertThatThrownBy(() -> pruner.prune(residual(1), Samples.none()))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("give samples");
  }
}
