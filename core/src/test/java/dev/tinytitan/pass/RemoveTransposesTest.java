package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class RemoveTransposesTest {
  private static final Transpose LAST_TO_FIRST = new Transpose(List.of(0, 3, 1, 2));
  private static final Transpose FIRST_TO_LAST = new Transpose(List.of(0, 2, 3, 1));

  @Test
  void twoBecomeOne() {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.of(DType.FLOAT32, 2, 3, 4))
            .node(new Transpose(List.of(1, 2, 0)), List.of("x"), "a")
            .node(new Transpose(List.of()), List.of("a"), "y")
            .output("y", null)
            .build();

    PassTester.assertBecomes(
        new RemoveTransposes(),
        graph,
        """
        graph g(x: float32[2, 3, 4]) -> (y)
          y = Transpose{perm=[0, 2, 1]}(x)
        """);
  }

  @Test
  void channelsLastLayersMeetWithoutTransposes() {
    TensorType type = TensorType.of(DType.FLOAT32, 1, 2, 4, 4);
    Graph graph =
        Graph.builder("g")
            .input("x", type)
            .initializer("w", Tensor.of(new float[] {1, 2, 3, -4}, 2, 2, 1, 1))
            .initializer("half", Tensor.scalar(0.5f))
            .node(new Conv(Window.of(), 1), List.of("x", "w"), "c1")
            .node(FIRST_TO_LAST, List.of("c1"), "t1")
            .node(new Relu(), List.of("t1"), "r")
            .node(new Mul(), List.of("half", "r"), "h")
            .node(LAST_TO_FIRST, List.of("h"), "t2")
            .node(new Conv(Window.of(), 1), List.of("t2", "w"), "y")
            .output("y", type)
            .build();

    Graph sunk = PassTester.apply(new RemoveTransposes(), graph);

    PassTester.assertBecomes(
        new RemoveNoOps(),
        sunk,
        """
        graph g(x: float32[1, 2, 4, 4]) -> (y: float32[1, 2, 4, 4])
          const w: float32[2, 2, 1, 1] {1.0, 2.0, 3.0, -4.0}
          const half: float32[] {0.5}
          c1 = Conv(x, w)
          r_untransposed = Relu(c1)
          h_untransposed = Mul(half, r_untransposed)
          y = Conv(h_untransposed, w)
        """);
  }

  @Test
  void bothOperandsMustBeTurnedAlike() {
    TensorType type = TensorType.of(DType.FLOAT32, 3, 3);
    Transpose turn = new Transpose(List.of(1, 0));
    Graph.Builder builder =
        Graph.builder("g")
            .input("a", type)
            .input("b", type)
            .node(turn, List.of("a"), "ta")
            .output("y", type);

    PassTester.assertUnchanged(
        new RemoveTransposes(), builder.node(new Add(), List.of("ta", "b"), "y").build());
    PassTester.assertBecomes(
        new RemoveTransposes(),
        Graph.builder("g")
            .input("a", type)
            .input("b", type)
            .node(turn, List.of("a"), "ta")
            .node(turn, List.of("b"), "tb")
            .node(new Add(), List.of("ta", "tb"), "y")
            .output("y", type)
            .build(),
        """
        graph g(a: float32[3, 3], b: float32[3, 3]) -> (y: float32[3, 3])
          y_untransposed = Add(a, b)
          y = Transpose{perm=[1, 0]}(y_untransposed)
        """);
  }
}
