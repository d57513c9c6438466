package dev.tinytitan.op;

import static dev.tinytitan.op.RunOperator.counting;
import static dev.tinytitan.op.RunOperator.ones;
import static dev.tinytitan.op.RunOperator.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ConvTest {
  @Test
  void sumsWindowsOfOnesWithPadding() {
    Tensor y =
        run(new Conv(Window.of().withPads(1, 1, 1, 1), 1), counting(1, 1, 3, 3), ones(1, 1, 3, 3));
    assertThat(y.toFloatArray()).containsExactly(8, 15, 12, 21, 36, 27, 20, 33, 24);
  }

  @Test
  void takesAsymmetricPadsStridesDilationsAndBiasInOneDimension() {
    Window window = Window.of(2).withPads(1, 0).withStrides(2).withDilations(2);
    Tensor y =
        run(
            new Conv(window, 1),
            Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 1, 1, 6),
            Tensor.of(new float[] {10, 1}, 1, 1, 2),
            Tensor.of(new float[] {100}));
    // Windows at (-1, 1), (1, 3), (3, 5).
    assertThat(y.toFloatArray()).containsExactly(102, 124, 146);
  }

  @Test
  void samePaddingPutsTheOddOneAtTheChosenEnd() {
    Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 1, 3);
    Tensor w = ones(1, 1, 2);
    assertThat(run(new Conv(Window.of().withAutoPad(AutoPad.SAME_UPPER), 1), x, w).toFloatArray())
        .containsExactly(3, 5, 3);
    assertThat(run(new Conv(Window.of().withAutoPad(AutoPad.SAME_LOWER), 1), x, w).toFloatArray())
        .containsExactly(1, 3, 5);
    assertThat(run(new Conv(Window.of().withAutoPad(AutoPad.VALID), 1), x, w).toFloatArray())
        .containsExactly(3, 5);
  }

  @Test
  void depthwiseKeepsChannelsApart() {
    Tensor y =
        run(
            new Conv(Window.of(), 2),
            Tensor.of(new float[] {1, 2, 10, 20}, 1, 2, 2),
            Tensor.of(new float[] {1, 1, 2, 0, 1, 1, 0, 3}, 4, 1, 2));
    assertThat(y.toFloatArray()).containsExactly(3, 2, 30, 60);
  }

  /** Against the definition, written out as loops over coordinates. */
  @Test
  void agreesWithTheDefinitionInThreeDimensionsAndGroups() {
    Random random = new Random(7);
    int[] size = {4, 5, 6};
    int[] kernel = {2, 3, 2};
    int[] stride = {1, 2, 2};
    int[] dilation = {2, 1, 3};
    int[] pads = {1, 0, 2, 0, 2, 1};
    int group = 2;
    Tensor x = random(random, 2, 4, 4, 5, 6);
    Tensor w = random(random, 6, 2, 2, 3, 2);
    Tensor bias = random(random, 6);
    Window window = Window.of(kernel).withStrides(stride).withDilations(dilation).withPads(pads);
    Tensor y = run(new Conv(window, group), x, w, bias);
    int[] out = Arrays.copyOfRange(y.shape().toArray(), 2, 5);
    int index = 0;
    for (int n = 0; n < 2; n++) {
      for (int m = 0; m < 6; m++) {
        for (int a = 0; a < out[0]; a++) {
          for (int b = 0; b < out[1]; b++) {
            for (int c = 0; c < out[2]; c++) {
              double sum = bias.getFloat(m);
              for (int ch = 0; ch < 2; ch++) {
                for (int i = 0; i < kernel[0]; i++) {
                  for (int j = 0; j < kernel[1]; j++) {
                    for (int k = 0; k < kernel[2]; k++) {
                      int p = a * stride[0] - pads[0] + i * dilation[0];
                      int q = b * stride[1] - pads[1] + j * dilation[1];
                      int r = c * stride[2] - pads[2] + k * dilation[2];
                      if (p >= 0 && p < size[0] && q >= 0 && q < size[1] && r >= 0 && r < size[2]) {
                        int channel = m / 3 * 2 + ch;
                        sum +=
                            (double) x.getFloat((((n * 4 + channel) * 4 + p) * 5 + q) * 6 + r)
                                * w.getFloat((((m * 2 + ch) * 2 + i) * 3 + j) * 2 + k);
                      }
                    }
                  }
                }
              }
              assertThat((double) y.getFloat(index++)).isCloseTo(sum, Offset.offset(1e-6));
            }
          }
        }
      }
    }
    assertThat(index).isEqualTo(y.size());
  }

  private static Tensor random(Random random, int... dims) {
    Tensor tensor = counting(dims);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) random.nextGaussian());
    }
    return tensor;
  }

  @Test
  void runsOnFloat16AndFloat64() {
    Tensor half = Tensor.zeros(DType.FLOAT16, Shape.of(1, 1, 2));
    half.setFloat(0, 1.5f);
    half.setFloat(1, 2);
    Tensor y = run(new Conv(Window.of(), 1), half, half);
    assertThat(y.dtype()).isEqualTo(DType.FLOAT16);
    assertThat(y.getFloat(0)).isEqualTo(6.25f);
    Tensor wide = Tensor.of(new double[] {1e-9, 1}, 1, 1, 2);
    assertThat(run(new Conv(Window.of(), 1), wide, wide).getDouble(0)).isEqualTo(1 + 1e-18);
  }

  @Test
  void emptyBatchGivesEmptyOutput() {
    Tensor y = run(new Conv(Window.of(), 1), counting(0, 1, 3), ones(2, 1, 2));
    assertThat(y.shape().toArray()).containsExactly(0, 2, 2);
  }

  @Test
  void infersWhatIsKnown() {
    Conv conv = new Conv(Window.of().withPads(1, 1, 1, 1), 1);
    TensorType weights = TensorType.of(DType.FLOAT32, 8, 3, 3, 3);
    Dim batch = new Dim.Symbol("batch");
    Dim height = new Dim.Symbol("height");
    TensorType x = new TensorType(DType.FLOAT32, List.of(batch, Dim.of(3), height, Dim.of(10)));
    assertThat(RunOperator.infer(conv, 1, x, weights).get(0).dims())
        .containsExactly(batch, Dim.of(8), height, Dim.of(10));
    assertThat(RunOperator.infer(conv, 1, TensorType.unknown(DType.FLOAT32), weights).get(0).rank())
        .isEqualTo(4);
    assertThat(
            RunOperator.infer(
                    conv, 1, TensorType.unknown(DType.FLOAT32), TensorType.unknown(DType.FLOAT32))
                .get(0)
                .hasRank())
        .isFalse();
    assertThat(RunOperator.infer(conv, 1, x, TensorType.unknown(DType.FLOAT32)).get(0).rank())
        .isEqualTo(4);
  }

  @Test
  void countsMultiplyAdds() {
    Conv conv = new Conv(Window.of(), 2);
    assertThat(
            conv.cost(
                    List.of(
                        TensorType.of(DType.FLOAT32, 1, 4, 5),
                        TensorType.of(DType.FLOAT32, 6, 2, 3)),
                    List.of(TensorType.of(DType.FLOAT32, 1, 6, 3)))
                .multiplyAdds())
        .isEqualTo(6 * 3 * 2 * 3);
  }

  @Test
  void refusesWhatDoesNotFit() {
    Conv conv = new Conv(Window.of(), 1);
    assertThatThrownBy(() -> run(conv, counting(1, 2, 3), ones(1, 3, 2)))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(() -> run(conv, counting(1, 1, 1), ones(1, 1, 2)))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(() -> run(new Conv(Window.of(3), 1), counting(1, 1, 3), ones(1, 1, 2)))
        .isInstanceOf(ShapeMismatchException.class);
    assertThatThrownBy(() -> new Conv(Window.of(), 0)).isInstanceOf(MalformedModelException.class);
    assertThatThrownBy(() -> Window.of(2).withStrides(0))
        .isInstanceOf(MalformedModelException.class);
  }

  @Test
  void integerFormSubtractsZeroPointsAndPadsWithThem() {
    Tensor y =
        run(
            new ConvInteger(Window.of().withPads(1, 0), 1),
            Tensor.ofUnsigned(new byte[] {10, (byte) 250}, 1, 1, 2),
            Tensor.of(new byte[] {1, -2, 3, 4}, 2, 1, 2),
            Tensor.ofUnsigned(new byte[] {5}, 1).reshape(Shape.scalar()),
            Tensor.of(new byte[] {1, 0}, 2));
    // x - 5 = (0), 5, 245; w - zero points = (0, -3), (3, 4).
    assertThat(y.dtype()).isEqualTo(DType.INT32);
    assertThat(y.toIntArray()).containsExactly(-15, -735, 20, 995);
  }

  @Test
  void quantizedFormRequantizesPerChannelHalfToEven() {
    Tensor y =
        run(
            new QLinearConv(Window.of(), 1),
            Tensor.ofUnsigned(new byte[] {3, 5, (byte) 255}, 1, 1, 3),
            Tensor.scalar(0.5f),
            Tensor.ofUnsigned(new byte[] {2}),
            Tensor.of(new byte[] {1, 2}, 2, 1, 1),
            Tensor.of(new float[] {1, 4}),
            Tensor.of(new byte[] {0, 0}),
            Tensor.scalar(1f),
            Tensor.ofUnsigned(new byte[] {10}),
            Tensor.of(new int[] {0, -1}));
    // Sums 1 3 253 and 1 5 505; multipliers 0.5 and 2: 0.5 rounds to 0, 1.5 to 2, 126.5 to 126.
    assertThat(y.toIntArray()).containsExactly(10, 12, 136, 12, 20, 255);
  }
}
