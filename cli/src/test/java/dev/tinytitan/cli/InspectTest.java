package dev.tinytitan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.If;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectTest {
  private static final TensorType ROW = TensorType.of(DType.FLOAT32, 1, 8);

  @TempDir private Path folder;

  private Path save(Graph graph) {
    Path file = folder.resolve("model.onnx");
    Model.of(graph, ModelInfo.of(17)).save(file);
    return file;
  }

  /** A product of the row x with weights of its own. */
  private static Graph branch(String name) {
    return Graph.builder(name)
        .input("row", ROW)
        .initializer(name + "_w", Tensor.zeros(DType.FLOAT32, Shape.of(8, 4)))
        .node(new MatMul(), List.of("row", name + "_w"), name + "_y")
        .output(name + "_y", TensorType.of(DType.FLOAT32, 1, 4))
        .build();
  }

  @Test
  void branchesAreListedAndCounted() {
    Path file =
        save(
            Graph.builder("model")
                .input("condition", TensorType.of(DType.BOOL))
                .input("x", ROW)
                .node(new If(branch("one"), branch("two"), 1), List.of("condition", "x"), "y")
                .output("y", TensorType.of(DType.FLOAT32, 1, 4))
                .build());
    Titan.Result result = Titan.run("inspect", file);
    assertThat(result.code()).isZero();
    assertThat(
            result.out().lines().filter(line -> line.startsWith("  ") && line.contains("MatMul")))
        .hasSize(2);
    assertThat(result.out()).contains("parameters     64 in 256 B", "multiply-adds  32");
  }

  @Test
  void modelsThatDimensionsOfOneDoNotFitAreListedAllTheSame() {
    TensorType image =
        new TensorType(
            DType.FLOAT32, List.of(Dim.of(1), Dim.of(1), new Dim.Symbol("height"), Dim.of(5)));
    Path file =
        save(
            Graph.builder("model")
                .input("x", image)
                .initializer("w", Tensor.zeros(DType.FLOAT32, Shape.of(2, 1, 3, 3)))
                .node(new Conv(Window.of(), 1), List.of("x", "w"), "y")
                .output("y", TensorType.unknown(DType.FLOAT32))
                .build());
    Titan.Result result = Titan.run("inspect", file);
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("parameters     18", "--dim height=SIZE.");
    assertThat(result.out()).doesNotContain("multiply-adds  ");
    assertThat(Titan.run("inspect", file, "--dim", "height=4").out()).contains("multiply-adds  ");
  }
}
