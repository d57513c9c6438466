package dev.tinytitan.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.onnx.OnnxModel;
import dev.tinytitan.onnx.OnnxReader;
import dev.tinytitan.onnx.OnnxWriter;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Operators written in old opsets mean the same when read back, and raise the opset if need be. */
class MovingOpsetsTest {

  private static Tensor longs(long... values) {
    return Tensor.of(values);
  }

  /** An operator on a float input, with constants for its other inputs (null: left out). */
  private static Graph on(Shape shape, Operator operator, @Nullable Tensor... constants) {
    return on(shape, 1, operator, constants);
  }

  private static Graph on(
      Shape shape, int outputs, Operator operator, @Nullable Tensor... constants) {
    Graph.Builder graph = Graph.builder("test").input("x", TensorType.of(DType.FLOAT32, shape));
    List<String> inputs = new ArrayList<>(List.of("x"));
    for (int i = 0; i < constants.length; i++) {
      Tensor constant = constants[i];
      inputs.add(constant == null ? "" : "c" + i);
      if (constant != null) {
        graph.initializer("c" + i, constant);
      }
    }
    List<String> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add("y" + i);
      graph.output("y" + i, null);
    }
    graph.node(Node.of("node", operator, inputs, results));
    return graph.build();
  }

  private static Resize resize(Resize.Coordinates coordinates) {
    return Resize.of(Resize.Mode.NEAREST, coordinates, Resize.NearestMode.FLOOR);
  }

  static Stream<Arguments> operators() {
    Shape matrix = Shape.of(2, 6);
    Shape image = Shape.of(1, 4, 2, 2);
    Tensor regions = Tensor.of(new float[] {0, 0, 1, 1}, 1, 4);
    Tensor doubled = Tensor.of(new float[] {1, 1, 2, 2});
    Tensor halved = Tensor.of(new float[] {1, 1, 0.5f, 0.5f});
    return Stream.of(
        Arguments.of(7, 7, on(Shape.of(2, 1, 6), new Squeeze(), longs(1))),
        Arguments.of(7, 11, on(Shape.of(2, 1, 6), new Squeeze(), longs(-2))),
        Arguments.of(7, 7, on(matrix, new Unsqueeze(), longs(0, 3))),
        Arguments.of(13, 13, on(matrix, new Unsqueeze(), longs(-1))),
        Arguments.of(7, 7, on(matrix, 2, new Split(1, 0), longs(2, 4))),
        Arguments.of(7, 7, on(matrix, 3, new Split(1, 0))),
        Arguments.of(20, 20, on(matrix, 3, new Split(1, 0))),
        Arguments.of(7, 18, on(Shape.of(2, 7), 4, new Split(1, 4))),
        Arguments.of(7, 7, on(matrix, new Slice(), longs(1), longs(5), longs(1))),
        Arguments.of(9, 10, on(matrix, new Slice(), longs(5), longs(1), longs(1), longs(-2))),
        Arguments.of(7, 7, on(matrix, new Gather(1), longs(3, 0))),
        Arguments.of(7, 11, on(matrix, new Gather(-1), longs(3, 0))),
        Arguments.of(
            7, 7, on(matrix, new Pad(Pad.Mode.CONSTANT), longs(0, 1, 2, 0), Tensor.scalar(3f))),
        Arguments.of(7, 7, on(matrix, new Pad(Pad.Mode.EDGE), longs(0, 1, 2, 0))),
        Arguments.of(7, 18, on(matrix, new Pad(Pad.Mode.EDGE), longs(1, 2), null, longs(1))),
        Arguments.of(7, 19, on(matrix, new Pad(Pad.Mode.WRAP), longs(0, 1, 2, 0))),
        Arguments.of(7, 7, on(image, resize(Resize.Coordinates.ASYMMETRIC), null, doubled)),
        Arguments.of(9, 9, on(image, resize(Resize.Coordinates.ASYMMETRIC), null, doubled)),
        Arguments.of(10, 10, on(image, resize(Resize.Coordinates.ASYMMETRIC), null, doubled)),
        Arguments.of(9, 13, on(image, resize(Resize.Coordinates.ASYMMETRIC), null, halved)),
        Arguments.of(9, 13, on(image, resize(Resize.Coordinates.HALF_PIXEL), null, doubled)),
        Arguments.of(
            11,
            11,
            on(image, resize(Resize.Coordinates.HALF_PIXEL), Tensor.of(new float[0]), doubled)),
        Arguments.of(
            12, 19, on(image, resize(Resize.Coordinates.HALF_PIXEL_SYMMETRIC), null, doubled)),
        Arguments.of(
            9,
            9,
            on(
                matrix,
                new ScatterElements(1, ScatterReduction.NONE),
                Tensor.of(new long[] {3}, 1, 1),
                Tensor.of(new float[] {9}, 1, 1))),
        Arguments.of(
            9,
            16,
            on(
                matrix,
                new ScatterElements(1, ScatterReduction.ADD),
                Tensor.of(new long[] {3}, 1, 1),
                Tensor.of(new float[] {9}, 1, 1))),
        Arguments.of(7, 7, on(image, new DepthToSpace(2, false))),
        Arguments.of(7, 11, on(image, new DepthToSpace(2, true))),
        Arguments.of(
            16,
            16,
            on(
                image,
                new GridSample(GridSample.Mode.CUBIC, GridSample.Padding.BORDER, true),
                Tensor.of(new float[] {0.3f, -0.4f}, 1, 1, 1, 2))),
        Arguments.of(
            10,
            10,
            on(image, new RoiAlign(RoiAlign.Mode.AVG, false, 1, 1, 2, 1), regions, longs(0))),
        Arguments.of(
            10,
            16,
            on(image, new RoiAlign(RoiAlign.Mode.AVG, true, 1, 1, 2, 1), regions, longs(0))));
  }

  @ParameterizedTest(name = "opset {0} becomes {1}")
  @MethodSource("operators")
  void writesAndReadsBack(int asked, int written, Graph graph) {
    Verifier.verify(graph);
    OnnxModel back = OnnxReader.read(OnnxWriter.toBytes(graph, ModelInfo.of(asked)));
    assertThat(back.info().opset()).isEqualTo(written);
    Verifier.verify(back.graph());
    Tensor x = Tensor.zeros(DType.FLOAT32, graph.inputs().get(0).tensorType().shape());
    for (int i = 0; i < x.size(); i++) {
      x.setFloat(i, i * i);
    }
    assertThat(Interpreter.run(back.graph(), List.of(x)))
        .isEqualTo(Interpreter.run(graph, List.of(x)));
  }
}
