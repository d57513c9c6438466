package dev.tinytitan.edge.learn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Window;
import dev.tinytitan.op.WindowGeometry;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.gradient.Differentiator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against the gradients of the same convolution in floats. */
class CodedConvolutionTest {
  private static final int HEIGHT = 6;
  private static final int WIDTH = 5;
  private static final int AREA = HEIGHT * WIDTH;
  private static final float IN_SCALE = 0.02f;
  private static final float OUT_SCALE = 1f / 16;
  private static final float RATE = 0.01f;

  private final SplittableRandom random = new SplittableRandom(5);

  @ParameterizedTest(name = "{0} to {1} channels, {2} groups, window {3}, stride {4}")
  @CsvSource({
    "3, 4, 1, 3, 1",
    "3, 4, 1, 3, 2",
    "12, 5, 1, 1, 1",
    "5, 12, 1, 1, 1",
    "10, 10, 10, 3, 1",
    "4, 4, 4, 3, 2"
  })
  void gradientsAreThoseOfFloats(int channels, int filters, int group, int window, int stride) {
    Shape shape = Shape.of(filters, channels / group, window, window);
    byte[] codes = new byte[shape.size()];
    random.nextBytes(codes);
    for (int i = 0; i < codes.length; i++) {
      codes[i] = (byte) Math.max(codes[i], -127);
    }
    IntegerGrid grid = new IntegerGrid(DType.INT8, new float[] {0.004f}, new long[0], 0);
    Conv conv =
        new Conv(
            Window.of(window, window)
                .withStrides(stride, stride)
                .withPads(window / 2, window / 2, window / 2, window / 2),
            group);
    Shape input = Shape.of(1, channels, HEIGHT, WIDTH);
    WindowGeometry geometry = conv.window().geometry(input, List.of(window, window));
    int positions = geometry.outputSize();
    LearnableTensor weights = tensor(shape, Optional.of(grid));
    CodedChain.Layer layer =
        new CodedChain.Layer(
            weights,
            tensor(Shape.of(filters), Optional.empty()),
            geometry,
            group > 1,
            new ByteCodes(IN_SCALE, 100, 0),
            new ByteCodes(OUT_SCALE, 128, 0),
            0,
            input);
    CodedWeights learned = new CodedWeights(weights, Tensor.of(codes, shape.toArray()), false);
    CodedConvolution convolution = new CodedConvolution(layer, learned, new float[filters]);

    byte[] x = new byte[channels * AREA];
    random.nextBytes(x);
    byte[] y = new byte[filters * positions];
    CodedMemory memory =
        new CodedMemory(
            new float[Math.max(filters * positions, channels * AREA)],
            new float[channels * AREA],
            new float[CodedConvolution.rowFloats(layer)],
            new float[filters],
            new int[positions],
            new int[window * window]);
    convolution.forward(x, y, memory);
    float[] dy = new float[filters * positions];
    for (int i = 0; i < dy.length; i++) {
      dy[i] = (float) random.nextDouble(-1, 1);
    }

    Reference reference = reference(conv, input, learned.numbers(), shape, x, dy, y, positions);
    assertThat(reference.outputs()).isLessThanOrEqualTo(0.5001 * OUT_SCALE);

    System.arraycopy(dy, 0, memory.gradient(), 0, dy.length);
    convolution.mask(y, memory);
    assertThat(convolution.backward(x, true, RATE, memory, random)).isTrue();
    assertThat(learned.numbers())
        .as("the first run only looks")
        .isEqualTo(grid.values(Tensor.of(codes, shape.toArray())));
    for (int channel = 0; channel < channels; channel++) {
      for (int place = 0; place < AREA; place++) {
        assertThat(memory.gradient()[place * channels + channel])
            .isCloseTo(reference.dx()[channel * AREA + place], Offset.offset(1e-4f));
      }
    }

    float[] before = learned.numbers();
    System.arraycopy(dy, 0, memory.gradient(), 0, dy.length);
    convolution.mask(y, memory);
    convolution.backward(x, false, RATE, memory, random);
    float[] after = learned.numbers();
    int each = shape.size() / filters;
    for (int filter = 0; filter < filters; filter++) {
      double square = 0;
      for (int i = 0; i < each; i++) {
        double gradient = reference.dw()[filter * each + i];
        square += gradient * gradient / each;
      }
      for (int i = 0; i < each; i++) {
        int at = filter * each + i;
        double move = RATE * reference.dw()[at] / Math.sqrt(square);
        double bounded = Math.clamp(before[at] - move, -128 * 0.004, 127 * 0.004);
        assertThat((double) after[at]).isCloseTo(bounded, Offset.offset(2 * 0.004 / 256));
      }
    }
  }

  private static LearnableTensor tensor(Shape shape, Optional<IntegerGrid> grid) {
    Node node = Node.of("conv", new Conv(Window.of(1, 1), 1), List.of("x", "w"), List.of("y"));
    return new LearnableTensor("w", "w", grid, shape, LearnableTensor.Role.WEIGHT, node, 0, 0);
  }

  /** What floats give; the largest difference of outputs that were not cut off. */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  private record Reference(double outputs, float[] dx, float[] dw) {}

  private static Reference reference(
      Conv conv,
      Shape input,
      float[] weights,
      Shape shape,
      byte[] x,
      float[] dy,
      byte[] y,
      int positions) {
    int channels = input.dim(1);
    int filters = shape.dim(0);
    float[] values = new float[input.size()];
    for (int i = 0; i < values.length; i++) {
      values[i % channels * AREA + i / channels] = IN_SCALE * ((x[i] & 0xFF) - 100);
    }
    float[] factors = new float[dy.length];
    for (int i = 0; i < dy.length; i++) {
      int level = y[i] & 0xFF;
      factors[i % filters * positions + i / filters] = level > 0 && level < 255 ? dy[i] : 0;
    }
    Graph graph =
        Graph.builder("reference")
            .input("x", TensorType.of(DType.FLOAT32, input))
            .input("w", TensorType.of(DType.FLOAT32, shape))
            .initializer("dy", Tensor.of(factors, 1, filters, positions))
            .node(conv, List.of("x", "w"), "y")
            .initializer("flat", Tensor.of(new long[] {1, filters, positions}))
            .node(new Reshape(false), List.of("y", "flat"), "rows")
            .node(new Mul(), List.of("rows", "dy"), "products")
            .node(new ReduceSum(false, false), List.of("products"), "loss")
            .output("y", null)
            .build();
    Differentiator.Result result = Differentiator.differentiate(graph, "loss", List.of("x", "w"));
    String dx = Objects.requireNonNull(result.gradients().get("x"));
    String dw = Objects.requireNonNull(result.gradients().get("w"));
    Graph complete = result.graph().toBuilder().output(dx, null).output(dw, null).build();
    try (Session session =
        Model.of(complete, ModelInfo.of(21)).open(SessionOptions.defaults().withOptimize(false))) {
      Map<String, Tensor> outputs =
          session.run(
              Map.of(
                  "x", Tensor.of(values, input.toArray()),
                  "w", Tensor.of(weights, shape.toArray())));
      float[] exact = outputs.get("y").toFloatArray();
      double greatest = 0;
      for (int i = 0; i < y.length; i++) {
        int level = y[i] & 0xFF;
        if (level > 0 && level < 255) {
          double off = OUT_SCALE * (level - 128) - exact[i % filters * positions + i / filters];
          greatest = Math.max(greatest, Math.abs(off));
        }
      }
      return new Reference(
          greatest, outputs.get(dx).toFloatArray(), outputs.get(dw).toFloatArray());
    }
  }
}
