package dev.tinytitan.pass;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.ShapeOf;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.Unsqueeze;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class FoldShapesTest {
  private static final TensorType SEQUENCE =
      new TensorType(
          DType.FLOAT32, List.of(new Dim.Symbol("batch"), new Dim.Symbol("length"), Dim.of(6)));

  @Test
  void aKnownShapeIsAConstant() {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.of(DType.FLOAT32, 2, 3))
            .node(new ShapeOf(0, null), List.of("x"), "y")
            .output("y", TensorType.of(DType.INT64, 2))
            .build();

    PassTester.assertBecomes(
        new FoldShapes(),
        graph,
        """
        graph g(x: float32[2, 3]) -> (y: int64[2])
          const y: int64[2] {2, 3}
        """);
  }

  @Test
  void theKnownPartOfASymbolicShapeIsAConstant() {
    Graph graph =
        Graph.builder("g")
            .input("x", SEQUENCE)
            .initializer("last", Tensor.of(new long[] {-1}))
            .initializer("end", Tensor.of(new long[] {Long.MAX_VALUE}))
            .node(new ShapeOf(0, null), List.of("x"), "shape")
            .node(new Slice(), List.of("shape", "last", "end"), "y")
            .output("y", TensorType.of(DType.INT64, 1))
            .build();

    PassTester.assertBecomes(
        new FoldShapes(),
        graph,
        """
        graph g(x: float32[batch, length, 6]) -> (y: int64[1])
          const y: int64[1] {6}
        """);
  }

  @Test
  void aReshapeThatRepeatsDimensionsSaysSoByZeros() {
    Graph graph =
        Graph.builder("g")
            .input("x", SEQUENCE)
            .initializer("zero", Tensor.scalar(0L))
            .initializer("one", Tensor.scalar(1L))
            .initializer("axes", Tensor.of(new long[] {0}))
            .initializer("heads", Tensor.of(new long[] {2, 3}))
            .node(new ShapeOf(0, null), List.of("x"), "shape")
            .node(new Gather(0), List.of("shape", "zero"), "batch")
            .node(new Gather(0), List.of("shape", "one"), "length")
            .node(new Unsqueeze(), List.of("batch", "axes"), "batches")
            .node(new Unsqueeze(), List.of("length", "axes"), "lengths")
            .node(new Concat(0), List.of("batches", "lengths", "heads"), "target")
            .node(new Reshape(false), List.of("x", "target"), "y")
            .output("y", null)
            .build();

    PassTester.assertBecomes(
        new FoldShapes(),
        graph,
        """
        graph g(x: float32[batch, length, 6]) -> (y)
          const y_shape: int64[4] {0, 0, 2, 3}
          y = Reshape(x, y_shape)
        """);
  }

  @Test
  void oneSizeMayBeLeftOpenIfTheOthersAreKnown() {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.ofRank(DType.FLOAT32, 2))
            .initializer("zero", Tensor.of(new long[] {0}))
            .initializer("three", Tensor.of(new long[] {3}))
            .node(new ShapeOf(0, null), List.of("x"), "shape")
            .node(new Gather(0), List.of("shape", "zero"), "rows")
            .node(new Concat(0), List.of("three", "rows"), "target")
            .node(new Reshape(false), List.of("x", "target"), "y")
            .output("y", null)
            .build();

    PassTester.assertBecomes(
        new FoldShapes(),
        graph,
        """
        graph g(x: float32[?, ?]) -> (y)
          const y_shape: int64[2] {3, -1}
          y = Reshape(x, y_shape)
        """);
  }

  @Test
  void twoUnknownSizesAreLeftAlone() {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.ofRank(DType.FLOAT32, 2))
            .initializer("turned", Tensor.of(new long[] {1, 0}))
            .node(new ShapeOf(0, null), List.of("x"), "shape")
            .node(new Gather(0), List.of("shape", "turned"), "target")
            .node(new Reshape(false), List.of("x", "target"), "y")
            .output("y", null)
            .build();

    PassTester.assertUnchanged(new FoldShapes(), graph);
  }
}
