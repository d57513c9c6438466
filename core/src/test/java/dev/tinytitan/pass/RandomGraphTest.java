package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.If;
import dev.tinytitan.op.LeakyRelu;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.ShapeOf;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small generated graphs mean the same before and after the pipelines. */
class RandomGraphTest {
  private static final int GRAPHS = 300;
  private static final int[] DIMS = {1, 4, 4, 4};
  private static final TensorType TYPE = TensorType.of(DType.FLOAT32, DIMS);

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void resultsStayTheSame(long seed) {
    for (int i = 0; i < GRAPHS; i++) {
      long graphSeed = seed * 1_000_003 + i;
      Graph graph = new Generator(graphSeed).graph();
      Verifier.verify(graph);
      Graph meant = Pipelines.run(graph, Pipelines.semantics(), true).graph();
      Graph after = Pipelines.run(meant, Pipelines.inference(), true).graph();
      assertThat(after.outputs().stream().map(Value::name))
          .as("seed %d", graphSeed)
          .isEqualTo(graph.outputs().stream().map(Value::name).toList());
      PassTester.assertSameResults(meant, after, 1e-4, PassTester.randomInputs(graph, graphSeed));
    }
  }

  /** Makes one graph: every value has the same shape, so that any node fits any other. */
  private static final class Generator {
    private final Random random;
    private final Graph.Builder builder = Graph.builder("random");
    private final List<String> values = new ArrayList<>(List.of("x0", "x1"));
    private int names;

    Generator(long seed) {
      random = new Random(seed);
      builder.input("x0", TYPE).input("x1", TYPE);
    }

    Graph graph() {
      int nodes = 3 + random.nextInt(14);
      for (int i = 0; i < nodes; i++) {
        values.add(layer());
      }
      builder.output(values.get(values.size() - 1), null);
      String other = any();
      if (!other.startsWith("x") && !other.equals(values.get(values.size() - 1))) {
        builder.output(other, null);
      }
      return builder.build();
    }

    private String any() {
      // Mostly the newest, so that chains come about.
      return random.nextInt(3) > 0
          ? values.get(values.size() - 1)
          : values.get(random.nextInt(values.size()));
    }

    private String name() {
      return "v" + names++;
    }

    private String node(Operator operator, String... inputs) {
      String name = name();
      builder.node(operator, List.of(inputs), name);
      return name;
    }

    private String constant(Tensor tensor) {
      String name = name();
      builder.initializer(name, tensor);
      return name;
    }

    private String number(double number) {
      return constant(Tensor.scalar((float) number));
    }

    private String weights(int... dims) {
      Tensor tensor = PassTester.random(DType.FLOAT32, Shape.of(dims), random);
      for (int i = 0; i < tensor.size(); i++) {
        tensor.setFloat(i, tensor.getFloat(i) * 0.4f);
      }
      return constant(tensor);
    }

    private String layer() {
      String a = any();
      return switch (random.nextInt(17)) {
        case 0 -> node(new Relu(), a);
        case 1 -> node(new LeakyRelu(0.1f), a);
        case 2 -> node(new Mul(), a, node(new Sigmoid(), a));
        case 3 -> node(new Clip(), a, number(-0.5), number(1));
        case 4 -> node(new Add(), a, any());
        case 5 -> node(new Sub(), a, weights(4, 1, 1));
        case 6 -> node(new Mul(), weights(1, 4, 1, 1), a);
        case 7 -> node(new Div(), a, number(1.5));
        case 8 -> node(new Conv(Window.of().withPads(1, 1, 1, 1), 1), a, weights(4, 4, 3, 3));
        case 9 -> node(new Conv(Window.of(), 4), a, weights(4, 1, 1, 1), weights(4));
        case 10 -> node(new MatMul(), a, weights(4, 4));
        case 11 -> node(new Add(), node(new MatMul(), a, weights(4, 4)), weights(4));
        case 12 -> node(new Transpose(permutation()), a);
        case 13 -> node(new Identity(), node(new Cast(DType.FLOAT32, true, "up"), a));
        case 14 -> node(new Reshape(false), a, node(new ShapeOf(0, null), any()));
        case 15 -> quantized(a);
        default -> choice(a);
      };
    }

    private List<Integer> permutation() {
      return random.nextBoolean() ? List.of(0, 2, 3, 1) : List.of(0, 3, 1, 2);
    }

    /** Through a grid of steps and back, moved or activated between. */
    private String quantized(String a) {
      String scale = number(0.05);
      String zero = constant(Tensor.ofUnsigned(new byte[] {100}).reshape(Shape.scalar()));
      String q = node(new QuantizeLinear(1), a, scale, zero);
      String real = node(new DequantizeLinear(1), q, scale, zero);
      String changed =
          switch (random.nextInt(3)) {
            case 0 -> node(new Relu(), real);
            case 1 -> node(new Transpose(permutation()), real);
            default -> node(new Concat(0), real);
          };
      String again = node(new QuantizeLinear(1), changed, scale, zero);
      return node(new DequantizeLinear(1), again, scale, zero);
    }

    private String choice(String a) {
      String condition = constant(Tensor.of(new boolean[] {random.nextBoolean()}));
      return node(new If(branch(new Relu()), branch(new Identity()), 1), condition, a);
    }

    private static Graph branch(Operator operator) {
      return Graph.builder("branch")
          .input("a", null)
          .node(operator, List.of("a"), "b")
          .output("b", null)
          .build();
    }
  }
}
