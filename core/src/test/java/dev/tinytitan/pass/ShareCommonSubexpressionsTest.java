package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Exp;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.RandomNormalLike;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShareCommonSubexpressionsTest {
  private static final TensorType TYPE = TensorType.of(DType.FLOAT32, 2, 3);

  @Test
  void equalNodesAreSharedThroughEqualSmallConstants() {
    Graph graph =
        Graph.builder("g")
            .input("x", TYPE)
            .initializer("two", Tensor.scalar(2f))
            .initializer("zwei", Tensor.scalar(2f))
            .node(new Mul(), List.of("x", "two"), "a")
            .node(new Mul(), List.of("x", "zwei"), "b")
            .node(new Exp(), List.of("a"), "ea")
            .node(new Exp(), List.of("b"), "eb")
            .node(new Add(), List.of("ea", "eb"), "y")
            .output("y", TYPE)
            .build();

    PassTester.assertBecomes(
        new ShareCommonSubexpressions(),
        graph,
        """
        graph g(x: float32[2, 3]) -> (y: float32[2, 3])
          const two: float32[] {2.0}
          a = Mul(x, two)
          ea = Exp(a)
          y = Add(ea, ea)
        """);
  }

  @Test
  void outputsKeepTheirOwnNodes() {
    Graph graph =
        Graph.builder("g")
            .input("x", TYPE)
            .node(new Exp(), List.of("x"), "first")
            .node(new Exp(), List.of("x"), "second")
            .output("first", TYPE)
            .output("second", TYPE)
            .build();

    PassTester.assertUnchanged(new ShareCommonSubexpressions(), graph);
  }

  @Test
  void randomNumbersAreNotShared() {
    RandomNormalLike random = new RandomNormalLike(null, 0, 1, null);
    Graph graph =
        Graph.builder("g")
            .input("x", TYPE)
            .node(random, List.of("x"), "a")
            .node(random, List.of("x"), "b")
            .node(new Add(), List.of("a", "b"), "y")
            .output("y", TYPE)
            .build();

    PassTester.assertUnchanged(new ShareCommonSubexpressions(), graph);
  }
}
