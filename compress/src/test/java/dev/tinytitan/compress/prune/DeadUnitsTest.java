package dev.tinytitan.compress.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.Model;
import dev.tinytitan.compress.internal.WeightSlot;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeadUnitsTest {
  private static final Map<String, Graph> GRAPHS = new LinkedHashMap<>(Topologies.all());

  static {
    GRAPHS.putAll(UnusualTopologies.all());
  }

  static Stream<String> names() {
    return GRAPHS.keySet().stream();
  }

  @ParameterizedTest
  @MethodSource("names")
  void nothingThatCountsIsDropped(String name) {
    Graph sparse = withDeadLines(GRAPHS.get(name), 3);
    Graph dropped = drop(sparse);
    requireEqual(sparse, dropped);
    assertThat(parameters(dropped)).isLessThanOrEqualTo(parameters(sparse));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mlp",
        "plain convolutions with flatten",
        "depthwise separable with multiplier",
        "dense block"
      })
  void whatIsDeadGoes(String name) {
    Graph sparse = withDeadLines(GRAPHS.get(name), 3);
    assertThat(parameters(drop(sparse))).isLessThan(parameters(sparse) * 9 / 10);
  }

  /** Two layers: what the last one does not read goes, and what fed only that goes after it. */
  @Test
  void deadnessTravelsToTheFront() {
    NetBuilder net = new NetBuilder("chain", 5);
    String hidden = net.node(new Tanh(), net.dense(net.input(1, 6), 6, 8));
    String second = net.node(new Tanh(), net.dense(hidden, 8, 4));
    Graph graph = net.build(net.dense(second, 4, 3));
    List<WeightSlot> slots = WeightSlot.of(graph);
    // Of the second layer only neuron 0 is read; that reads the first five of the first layer.
    graph = withZeros(graph, slots.get(2), (out, in) -> in > 0);
    graph = withZeros(graph, slots.get(1), (out, in) -> out == 0 && in >= 5);
    Graph dropped = drop(graph);
    requireEqual(graph, dropped);
    assertThat(WeightSlot.of(dropped))
        .extracting(slot -> slot.weights().shape().toString())
        .containsExactly("[5, 6]", "[1, 5]", "[3, 1]");
  }

  /** A channel without weights holds its bias: the next layer takes that on. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void constantsMoveIntoTheNextBias(int pad) {
    NetBuilder net = new NetBuilder("constant", 6);
    String first =
        net.node(
            new Conv(Window.of(), 1),
            net.input(1, 1, 6, 6),
            net.weights(1, 0, 4, 1, 3, 3),
            net.weights(1, 0, 4));
    Window window = pad == 0 ? Window.of() : Window.of().withPads(1, 1, 1, 1);
    String second =
        net.node(new Conv(window, 1), net.node(new Tanh(), first), net.weights(1, 0, 2, 4, 3, 3));
    Graph graph = net.build(second);
    graph = withZeros(graph, WeightSlot.of(graph).get(0), (out, in) -> out == 1);
    Graph dropped = drop(graph);
    requireEqual(graph, dropped);
    // Padding would see the constant end at the border.
    assertThat(WeightSlot.of(dropped).get(0).channels()).isEqualTo(pad == 0 ? 3 : 4);
  }

  @Test
  void oneStaysWhereAllAreDead() {
    NetBuilder net = new NetBuilder("nothing", 7);
    String hidden = net.node(new Tanh(), net.dense(net.input(1, 6), 6, 8));
    Graph graph = net.build(net.dense(hidden, 8, 3));
    graph = withZeros(graph, WeightSlot.of(graph).get(1), (out, in) -> true);
    Graph dropped = drop(graph);
    requireEqual(graph, dropped);
    assertThat(WeightSlot.of(dropped).get(0).channels()).isEqualTo(1);
  }

  @Test
  void aModelWithoutDeadUnitsStaysAsItIs() {
    Model model = Model.of(GRAPHS.get("mlp"), ModelInfo.of(21));
    assertThat(DeadUnits.drop(model, Map.of())).isSameAs(model);
    Graph graph = model.graph();
    assertThat(graph.nodes()).anyMatch(node -> node.operator() instanceof Gemm);
  }

  private interface Place {
    boolean isZero(int out, int in);
  }

  private static Graph withZeros(Graph graph, WeightSlot slot, Place zero) {
    Tensor weights = slot.weights().copy();
    int[] strides = weights.shape().strides();
    for (int i = 0; i < weights.size(); i++) {
      int out = i / strides[slot.outputAxis()] % weights.shape().dim(slot.outputAxis());
      int in = i / strides[slot.innerAxis()] % weights.shape().dim(slot.innerAxis());
      if (zero.isZero(out, in)) {
        weights.setDouble(i, 0);
      }
    }
    Map<String, Tensor> constants = new LinkedHashMap<>(graph.initializers());
    constants.put(slot.constant(), weights);
    return graph.toBuilder().initializers(constants).build();
  }

  /** About a third of all rows and columns of weights become zero. */
  private static Graph withDeadLines(Graph graph, long seed) {
    Random random = new Random(seed);
    Graph result = graph;
    for (WeightSlot slot : WeightSlot.of(graph)) {
      boolean[] rows = lines(random, slot.channels());
      boolean[] columns = lines(random, slot.weights().shape().dim(slot.innerAxis()));
      WeightSlot now = WeightSlot.of(result, slot.node()).get(0);
      if (WeightSlot.of(graph, slot.node()).size() == 1) {
        result = withZeros(result, now, (out, in) -> rows[out] || columns[in]);
      }
    }
    return result;
  }

  private static boolean[] lines(Random random, int size) {
    boolean[] zero = new boolean[size];
    for (int i = 1; i < size; i++) {
      zero[i] = random.nextInt(3) == 0;
    }
    return zero;
  }

  private static Graph drop(Graph graph) {
    Model dropped = DeadUnits.drop(Model.of(graph, ModelInfo.of(21)), Map.of());
    return Model.load(dropped.toBytes()).graph();
  }

  private static void requireEqual(Graph expected, Graph actual) {
    Map<String, Tensor> inputs = new HashMap<>();
    expected
        .inputs()
        .forEach(input ->
            inputs.put(input.name(), Topologies.sample(input.tensorType(), 1 + inputs.size())));
    Map<String, Tensor> other = StructuralPruning.run(actual, inputs);
    StructuralPruning.run(expected, inputs)
        .forEach((name, tensor) -> {
          Tensor found = other.get(name);
          assertThat(found.shape()).isEqualTo(tensor.shape());
          for (int i = 0; i < tensor.size(); i++) {
            double value = tensor.getDouble(i);
            assertThat(found.getDouble(i))
                .as("%s[%d]", name, i)
                .isCloseTo(value, within(1e-5 * Math.max(1, Math.abs(value))));
          }
        });
  }

  private static long parameters(Graph graph) {
    return graph.initializers().values().stream()
        .filter(tensor -> tensor.dtype().isFloat())
        .mapToLong(Tensor::size)
        .sum();
  }
}
