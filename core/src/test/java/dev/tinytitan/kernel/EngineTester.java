package dev.tinytitan.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.AutoPad;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.FusedConv;
import dev.tinytitan.op.HardSwish;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernels of every engine must do: agree with the operators' references. */
public abstract class EngineTester {
  private static final int ROUNDS = 150;

  private KernelCheck check;
  private Random random;

  /** The engine under test. */
  protected abstract Engine engine();

  @BeforeEach
  void prepare() {
    check = new KernelCheck(engine());
    random = new Random(7);
  }

  private int pick(int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private Tensor floats(int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, random.nextFloat() * 6 - 3);
    }
    return tensor;
  }

  private Activation activation() {
    return switch (random.nextInt(5)) {
      case 0 -> Activation.RELU;
      case 1 -> new Activation.Clip(0, 6);
      case 2 -> Activation.of(new HardSwish());
      case 3 -> Activation.of(new Sigmoid());
      default -> Activation.NONE;
    };
  }

  private Window window(int rank) {
    Window window = Window.of();
    int[] strides = new int[rank];
    int[] dilations = new int[rank];
    int[] pads = new int[2 * rank];
    for (int i = 0; i < rank; i++) {
      strides[i] = pick(1, 1, 2, 3);
      dilations[i] = pick(1, 1, 1, 2);
      pads[i] = pick(0, 1, 2);
      pads[rank + i] = pick(0, 1, 3);
    }
    window = window.withStrides(strides).withDilations(dilations);
    return switch (random.nextInt(4)) {
      case 0 -> window;
      case 1 -> window.withAutoPad(AutoPad.SAME_UPPER);
      default -> window.withPads(pads);
    };
  }

  @Test
  void convolutionsOfAnyShape() {
    for (int round = 0; round < ROUNDS; round++) {
      int rank = pick(1, 2, 2, 2, 3);
      int group = pick(1, 1, 1, 2, 3);
      int channels = group * pick(1, 2, 3, 8, 17);
      int filters = group * pick(1, 3, 8, 16, 24, 33, 40);
      int[] x = new int[rank + 2];
      int[] w = new int[rank + 2];
      x[0] = pick(1, 1, 2);
      x[1] = channels;
      w[0] = filters;
      w[1] = channels / group;
      for (int i = 0; i < rank; i++) {
        w[i + 2] = pick(1, 2, 3);
        x[i + 2] = 5 + random.nextInt(6);
      }
      convolve(window(rank), group, floats(x), floats(w), filters);
    }
    assertThat(check.used()).contains("conv-float32-product", "fusedconv-float32-product");
  }

  @Test
  void depthwiseConvolutions() {
    for (int round = 0; round < ROUNDS; round++) {
      int rank = pick(1, 2, 2);
      int channels = pick(1, 3, 8, 16, 24, 33, 64);
      int[] x = new int[rank + 2];
      int[] w = new int[rank + 2];
      x[0] = pick(1, 2);
      x[1] = channels;
      w[0] = channels;
      w[1] = 1;
      for (int i = 0; i < rank; i++) {
        w[i + 2] = pick(1, 3, 3, 5);
        x[i + 2] = 9 + random.nextInt(6);
      }
      convolve(window(rank), channels, floats(x), floats(w), channels);
    }
    assertThat(check.used()).contains("conv-float32-depthwise", "fusedconv-float32-depthwise");
  }

  @Test
  void largeConvolutionsInParts() {
    Window same = Window.of().withPads(1, 1, 1, 1);
    Tensor x = floats(1, 32, 40, 40);
    check.check(new FusedConv(same, 1, Activation.RELU), 2, x, floats(48, 32, 3, 3), floats(48));
    check.check(new Conv(same.withStrides(2, 2), 32), 2, x, floats(32, 1, 3, 3), floats(32));
  }

  private void convolve(Window window, int group, Tensor x, Tensor w, int filters) {
    Tensor bias = random.nextBoolean() ? floats(filters) : null;
    Conv conv = new Conv(window, group);
    assertThat(bias == null ? check.check(conv, 1, x, w) : check.check(conv, 2, x, w, bias))
        .isPositive();
    FusedConv fused = new FusedConv(window, group, activation());
    Tensor shapeOf =
        Interpreter.eval(
                Node.of(
                    "n", conv, List.of("x", "w"), List.of("y")),
                List.of(x, w))
            .get(0);
    Tensor residual = random.nextBoolean() ? floats(shapeOf.shape().toArray()) : null;
    check.check(fused, new boolean[] {false, true, true, false}, 1, x, w, bias, residual);
  }
}
