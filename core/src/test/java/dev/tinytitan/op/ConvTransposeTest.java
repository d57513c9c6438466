package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.ones;
import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ConvTransposeTest {
  private static final Tensor X = Tensor.of(new float[] {1, 10}, 1, 1, 2);
  private static final Tensor W = Tensor.of(new float[] {1, 2, 3}, 1, 1, 3);

  private static ConvTranspose plain(Window window) {
    return new ConvTranspose(window, 1, List.of(), List.of());
  }

  @Test
  void spreadsEachInputOverItsWindow() {
    assertThat(run(plain(Window.of()), X, W).toFloatArray()).containsExactly(1, 12, 23, 30);
    assertThat(run(plain(Window.of().withStrides(2)), X, W).toFloatArray())
        .containsExactly(1, 2, 13, 20, 30);
    assertThat(run(plain(Window.of().withStrides(2).withPads(1, 0)), X, W).toFloatArray())
        .containsExactly(2, 13, 20, 30);
    assertThat(run(plain(Window.of().withDilations(2)), X, W).toFloatArray())
        .containsExactly(1, 10, 2, 20, 3, 30);
    assertThat(run(plain(Window.of()), X, W, Tensor.of(new float[] {100})).toFloatArray())
        .containsExactly(101, 112, 123, 130);
  }

  @Test
  void outputPaddingAndOutputShapeSayTheSize() {
    Window window = Window.of().withStrides(2);
    assertThat(run(new ConvTranspose(window, 1, List.of(1), List.of()), X, W).toFloatArray())
        .containsExactly(1, 2, 13, 20, 30, 0);
    // 5 elements less 1: the odd one goes from the beginning unless SAME_UPPER is asked for.
    assertThat(run(new ConvTranspose(window, 1, List.of(), List.of(4)), X, W).toFloatArray())
        .containsExactly(2, 13, 20, 30);
    Window upper = window.withAutoPad(AutoPad.SAME_UPPER);
    assertThat(run(plain(upper), X, W).toFloatArray()).containsExactly(1, 2, 13, 20);
    assertThat(run(new ConvTranspose(window, 1, List.of(), List.of(7)), X, W).toFloatArray())
        .containsExactly(1, 2, 13, 20, 30, 0, 0);
  }

  /** The transposed convolution is the adjoint of the convolution: ⟨conv x, y⟩ = ⟨x, convT y⟩. */
  @Test
  void isTheAdjointOfTheConvolution() {
    Random random = new Random(11);
    Window window = Window.of().withStrides(2, 1).withPads(1, 0, 2, 1).withDilations(1, 2);
    Tensor x = random(random, 2, 4, 7, 8);
    Tensor w = random(random, 6, 2, 2, 3);
    Tensor forward = run(new Conv(window, 2), x, w);
    Tensor y = random(random, forward.shape().toArray());
    ConvTranspose transpose = new ConvTranspose(window, 2, List.of(), List.of());
    Tensor back = run(transpose, y, w);
    assertThat(back.shape()).isEqualTo(x.shape());
    assertThat(dot(forward, y)).isCloseTo(dot(x, back), Offset.offset(1e-3));
  }

  private static double dot(Tensor a, Tensor b) {
    double sum = 0;
    for (int i = 0; i < a.size(); i++) {
      sum += a.getDouble(i) * b.getDouble(i);
    }
    return sum;
  }

  private static Tensor random(Random random, int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) random.nextGaussian());
    }
    return tensor;
  }

  @Test
  void infersWhatIsKnownAndRefusesWhatDoesNotFit() {
    TensorType w = TensorType.of(DType.FLOAT32, 3, 4, 2, 2);
    TensorType x =
        new TensorType(
            DType.FLOAT32, List.of(new Dim.Symbol("n"), Dim.of(3), Dim.UNKNOWN, Dim.of(5)));
    assertThat(RunOperator.infer(plain(Window.of().withStrides(2, 2)), 1, x, w).get(0).dims())
        .containsExactly(new Dim.Symbol("n"), Dim.of(4), Dim.UNKNOWN, Dim.of(10));
    assertThatThrownBy(() -> run(plain(Window.of()), counting(1, 2, 3), ones(3, 1, 2)))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(
            () -> run(plain(Window.of().withPads(9, 9)), counting(1, 1, 3), ones(1, 1, 2)))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void deformableConvolutionInterpolatesBetweenElements() {
    DeformConv conv = new DeformConv(Window.of(), 1, 1);
    Tensor x = Tensor.of(new float[] {0, 10, 20, 40}, 1, 1, 4);
    Tensor w = ones(1, 1, 1);
    Tensor offsets = Tensor.of(new float[] {0.5f, 1, -3, 0.25f}, 1, 1, 4);
    assertThat(run(conv, x, w, offsets).toFloatArray()).containsExactly(5, 20, 0, 30);
    Tensor mask = Tensor.of(new float[] {1, 0.5f, 1, 2}, 1, 1, 4);
    assertThat(run(conv, x, w, offsets, Tensor.of(new float[] {1}), mask).toFloatArray())
        .containsExactly(6, 11, 1, 61);
    assertThatThrownBy(() -> run(conv, x, w, Tensor.of(new float[8], 1, 2, 4)))
        .isInstanceOf(ShapeMismatchException.class);
  }

  @Test
  void deformableConvolutionWithoutOffsetsIsTheConvolution() {
    Random random = new Random(12);
    Window window = Window.of().withStrides(2, 1).withPads(1, 0, 1, 1);
    Tensor x = random(random, 2, 4, 6, 7);
    Tensor w = random(random, 4, 2, 3, 2);
    Tensor expected = run(new Conv(window, 2), x, w);
    Tensor offsets =
        Tensor.zeros(
            DType.FLOAT32,
            Shape.of(2, 2 * 6 * 2, expected.shape().dim(2), expected.shape().dim(3)));
    assertThat(run(new DeformConv(window, 2, 2), x, w, offsets)).isEqualTo(expected);
  }
}
