package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.ConstantOfShape;
import dev.tinytitan.op.CumSum;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.RandomNormal;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.ScatterElements;
import dev.tinytitan.op.ScatterReduction;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FoldConstantsTest {
  private static final TensorType PAIR = TensorType.of(DType.FLOAT32, 2);

  @Test
  void whatDependsOnConstantsBecomesOne() {
    Graph graph =
        Graph.builder("g")
            .input("x", PAIR)
            .initializer("a", Tensor.of(new float[] {-1, 2}))
            .initializer("b", Tensor.scalar(3f))
            .node(new Relu(), List.of("a"), "positive")
            .node(new Mul(), List.of("positive", "b"), "scaled")
            .node(new Add(), List.of("x", "scaled"), "y")
            .output("y", PAIR)
            .build();

    PassTester.assertBecomes(
        new FoldConstants(false),
        graph,
        """
        graph g(x: float32[2]) -> (y: float32[2])
          const scaled: float32[2] {0.0, 6.0}
          y = Add(x, scaled)
        """);
  }

  @Test
  void aGraphsOutputMayBecomeAConstant() {
    Graph graph =
        Graph.builder("g")
            .initializer("a", Tensor.of(new float[] {-1, 2}))
            .node(new Relu(), List.of("a"), "y")
            .output("y", PAIR)
            .build();

    PassTester.assertBecomes(
        new FoldConstants(false),
        graph,
        """
        graph g() -> (y: float32[2])
          const y: float32[2] {0.0, 2.0}
        """);
  }

  @Test
  void aLargeResultFromSmallInputsIsLeftAlone() {
    Graph graph =
        Graph.builder("g")
            .initializer("column", PassTester.floats(1, 1024, 1))
            .initializer("row", PassTester.floats(2, 1, 1024))
            .node(new Mul(), List.of("column", "row"), "y")
            .output("y", TensorType.of(DType.FLOAT32, 1024, 1024))
            .build();

    PassTester.assertUnchanged(new FoldConstants(false), graph);
  }

  /** Sparse weights: many zeros, and where some values go, said by the distances between them. */
  @ParameterizedTest
  @CsvSource({"true, 8000, true", "false, 8000, false", "true, 2, false"})
  void largeConstantsAreMadeForWhatIsScatteredIntoThem(boolean constant, int stored, boolean made) {
    int[] distances = new int[stored];
    Arrays.fill(distances, 150);
    float[] values = new float[stored];
    Arrays.fill(values, 3);
    Graph.Builder graph =
        Graph.builder("g")
            .input("x", TensorType.of(DType.INT32, stored))
            .initializer("shape", Tensor.of(new long[] {1_500_000}))
            .initializer("distances", Tensor.of(distances))
            .initializer("axis", Tensor.scalar(0L))
            .initializer("values", Tensor.of(values))
            .node(new ConstantOfShape(Tensor.of(new float[] {0})), List.of("shape"), "zeros")
            .node(new CumSum(false, false), List.of(constant ? "distances" : "x", "axis"), "places")
            .node(
                new ScatterElements(0, ScatterReduction.NONE),
                List.of("zeros", "places", "values"),
                "y")
            .output("y", TensorType.of(DType.FLOAT32, 1_500_000));
    Graph folded = new FoldConstants(false).apply(graph.build());
    assertThat(folded.constant("y").isPresent()).isEqualTo(made);
    assertThat(folded.producer("zeros").isPresent()).isEqualTo(!made);
    folded
        .constant("y")
        .ifPresent(y -> {
          assertThat(y.getFloat(150)).isEqualTo(3);
          assertThat(y.getFloat(1_200_000)).isEqualTo(3);
          assertThat(y.getFloat(149)).isZero();
        });
  }

  @Test
  void randomNumbersAreLeftAlone() {
    Graph graph =
        Graph.builder("g")
            .node(new RandomNormal(DType.FLOAT32, 0, 1, null, List.of(2)), List.of(), "y")
            .output("y", PAIR)
            .build();

    PassTester.assertUnchanged(new FoldConstants(false), graph);
  }

  @Test
  void whatFailsIsLeftToFailWhenItRuns() {
    Graph graph =
        Graph.builder("g")
            .initializer("a", Tensor.of(new float[] {1, 2}))
            .initializer("b", Tensor.of(new float[] {1, 2, 3}))
            .node(new Add(), List.of("a", "b"), "y")
            .output("y", null)
            .build();

    PassTester.assertUnchanged(new FoldConstants(false), graph);
  }

  @Test
  void quantizedWeightsBecomeFloatUnlessTheyAreLarge() {
    Graph graph =
        Graph.builder("g")
            .input("x", PAIR)
            .initializer("w", Tensor.of(new byte[] {-2, 4}))
            .initializer("scale", Tensor.scalar(0.5f))
            .node(new DequantizeLinear(1), List.of("w", "scale"), "wide")
            .node(new Mul(), List.of("x", "wide"), "y")
            .output("y", PAIR)
            .build();

    for (boolean keep : new boolean[] {true, false}) {
      PassTester.assertBecomes(
          new FoldConstants(keep),
          graph,
          """
          graph g(x: float32[2]) -> (y: float32[2])
            const wide: float32[2] {-1.0, 2.0}
            y = Mul(x, wide)
          """);
    }
  }
}
