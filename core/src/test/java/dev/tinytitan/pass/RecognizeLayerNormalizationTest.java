package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Pow;
import dev.tinytitan.op.Reciprocal;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.Sqrt;
import dev.tinytitan.op.Sub;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class RecognizeLayerNormalizationTest {
  private static final TensorType TYPE = TensorType.of(DType.FLOAT32, 2, 3, 4);
  private static final ReduceMean MEAN = new ReduceMean(true, false);

  private static Graph.Builder graph() {
    return Graph.builder("g")
        .input("x", TYPE)
        .output("y", TYPE)
        .initializer("axes", Tensor.of(new long[] {-1}))
        .initializer("two", Tensor.scalar(2f))
        .initializer("one", Tensor.scalar(1f))
        .initializer("epsilon", Tensor.scalar(0.001f))
        .initializer("gamma", PassTester.floats(1, 4))
        .initializer("beta", PassTester.floats(2, 4));
  }

  private static Graph.Builder deviation(Graph.Builder builder) {
    return builder
        .node(MEAN, List.of("x", "axes"), "mean")
        .node(new Sub(), List.of("x", "mean"), "d");
  }

  private static Graph.Builder root(Graph.Builder builder, String of) {
    return builder
        .node(new Pow(), List.of(of, "two"), "square")
        .node(MEAN, List.of("square", "axes"), "variance")
        .node(new Add(), List.of("variance", "epsilon"), "sum")
        .node(new Sqrt(), List.of("sum"), "root");
  }

  private static List<String> lines(Graph.Builder builder) {
    Graph after = PassTester.apply(new RecognizeLayerNormalization(), builder.build());
    return after.nodes().stream().map(GraphText::line).toList();
  }

  @Test
  void asBertExportsIt() {
    assertThat(
            lines(
                root(deviation(graph()), "d")
                    .node(new Div(), List.of("d", "root"), "n")
                    .node(new Mul(), List.of("n", "gamma"), "scaled")
                    .node(new Add(), List.of("scaled", "beta"), "y")))
        .containsExactly("y = LayerNormalization{epsilon=0.001}(x, gamma, beta)");
  }

  @Test
  void withTheReciprocalOfTheRoot() {
    assertThat(
            lines(
                root(deviation(graph()), "d")
                    .node(new Reciprocal(), List.of("root"), "inverse")
                    .node(new Mul(), List.of("inverse", "d"), "n")
                    .node(new Mul(), List.of("gamma", "n"), "y")))
        .containsExactly("y = LayerNormalization{epsilon=0.001}(x, gamma)");
  }

  @Test
  void withoutScale() {
    assertThat(lines(root(deviation(graph()), "d").node(new Div(), List.of("d", "root"), "y")))
        .containsExactly("y = LayerNormalization{epsilon=0.001}(x, y_scale)");
  }

  @Test
  void rootMeanSquare() {
    assertThat(
            lines(
                root(graph(), "x")
                    .node(new Div(), List.of("one", "root"), "inverse")
                    .node(new Mul(), List.of("x", "inverse"), "n")
                    .node(new Mul(), List.of("gamma", "n"), "y")))
        .containsExactly("y = RMSNormalization{epsilon=0.001}(x, gamma)");
  }

  @Test
  void anotherAxisStaysInPieces() {
    Graph graph =
        root(deviation(graph()), "d")
            .node(new Div(), List.of("d", "root"), "y")
            .initializer("axes", Tensor.of(new long[] {1}))
            .build();

    PassTester.assertUnchanged(new RecognizeLayerNormalization(), graph);
  }

  @Test
  void theDeviationOfSomethingElseStaysInPieces() {
    Graph graph =
        root(deviation(graph().input("z", TYPE)), "z")
            .node(new Div(), List.of("d", "root"), "y")
            .build();

    PassTester.assertUnchanged(new RecognizeLayerNormalization(), graph);
  }
}
