package dev.tinytitan.train.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.EngineCatalog;
import dev.tinytitan.kernel.KernelCheck;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MovementGradient;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.op.UnaryGradient;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.op.AveragePoolGradient;
import dev.tinytitan.train.op.BatchNormalizationGradient;
import dev.tinytitan.train.op.BatchNormalizationSums;
import dev.tinytitan.train.op.BatchNormalizationTraining;
import dev.tinytitan.train.op.ChannelBlocks;
import dev.tinytitan.train.op.ChannelMoments;
import dev.tinytitan.train.op.ConvInputGradient;
import dev.tinytitan.train.op.ConvWeightGradient;
import dev.tinytitan.train.op.FakeQuantize;
import dev.tinytitan.train.op.FakeQuantizeGradient;
import dev.tinytitan.train.op.MaxPoolGradient;
import dev.tinytitan.train.op.NearestValue;
import dev.tinytitan.train.op.NearestValueGradient;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The kernels of training against the references of their operators, on each engine. */
class TrainingKernelsTest {
  private final Random random = new Random(11);

  static Stream<Engine> engines() {
    return EngineCatalog.load().usable().stream()
        .filter(engine -> List.of("portable", "simd").contains(engine.name()));
  }

  private Tensor floats(int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) random.nextGaussian());
    }
    return tensor;
  }

  @ParameterizedTest
  @MethodSource("engines")
  void convolutions(Engine engine) {
    KernelCheck check = new KernelCheck(engine);
    Window window = Window.of();
    convolution(check, new Conv(window, 1), floats(2, 3, 9), floats(5, 3, 3));
    convolution(check, new Conv(window, 1), floats(3, 1, 6, 7), floats(20, 1, 3, 2));
    convolution(
        check, new Conv(window.withPads(1, 1, 1, 1), 1), floats(2, 17, 7, 9), floats(33, 17, 3, 3));
    convolution(
        check,
        new Conv(window.withPads(0, 0, 1, 1).withStrides(2, 2), 1),
        floats(3, 16, 8, 8),
        floats(32, 16, 3, 3));
    convolution(
        check, new Conv(window.withStrides(2, 2), 1), floats(2, 16, 8, 8), floats(9, 16, 1, 1));
    convolution(
        check,
        new Conv(window.withPads(2, 2, 2, 2).withDilations(2, 2), 2),
        floats(2, 6, 7, 7),
        floats(4, 3, 3, 3));
    convolution(
        check, new Conv(window.withPads(1, 1, 1, 1), 18), floats(2, 18, 7, 5), floats(18, 1, 3, 3));
    convolution(
        check,
        new Conv(window.withPads(1, 1, 1, 1).withStrides(2, 1), 8),
        floats(2, 8, 7, 5),
        floats(8, 1, 3, 3));
    convolution(
        check, new Conv(window.withPads(2, 0, 2, 1), 1), floats(40, 4, 5, 5), floats(70, 4, 3, 3));
    assertThat(check.used())
        .contains(
            "conv-float32-varying",
            "conv-float32-varying-depthwise",
            "convinputgradient-float32-turned",
            "convinputgradient-float32-scatter",
            "convinputgradient-float32-depthwise",
            "convweightgradient-float32-product",
            "convweightgradient-float32-depthwise");
  }

  private void convolution(KernelCheck check, Conv conv, Tensor x, Tensor w) {
    Shape shape =
        conv.window()
            .geometry(x.shape(), Arrays.stream(w.shape().toArray()).skip(2).boxed().toList())
            .outputShape(x.shape().dim(0), w.shape().dim(0));
    Tensor dy = floats(shape.toArray());
    check.check(conv, 0, x, w);
    check.check(conv, 0, x, w, floats(w.shape().dim(0)));
    check.check(new ConvInputGradient(conv, x.shape()), 0, dy, w);
    check.check(new ConvWeightGradient(conv, w.shape()), 0, dy, x);
  }

  @ParameterizedTest
  @MethodSource("engines")
  void poolings(Engine engine) {
    KernelCheck check = new KernelCheck(engine);
    Window window = Window.of(3, 2).withStrides(2, 2).withPads(1, 0, 1, 0);
    Tensor x = floats(3, 5, 7, 6);
    Tensor dy = floats(3, 5, 4, 3);
    check.check(new MaxPoolGradient(window), 0, dy, x);
    check.check(new AveragePoolGradient(new AveragePool(window, true), x.shape()), 0, dy);
    check.check(new AveragePoolGradient(new AveragePool(window, false), x.shape()), 0, dy);
    assertThat(check.used())
        .contains("maxpoolgradient-float32-windows", "averagepoolgradient-float32-windows");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void batchNormalization(Engine engine) {
    KernelCheck check = new KernelCheck(engine);
    for (int[] dims : new int[][] {{2, 3, 4, 5}, {16, 40, 10, 9}, {700, 4}, {5, 300, 2}}) {
      Tensor x = floats(dims);
      int channels = dims[1];
      Tensor moments = Tensor.zeros(DType.FLOAT32, ChannelBlocks.of(x.shape()).pairs());
      for (int i = 0; i < moments.size(); i++) {
        moments.setFloat(i, random.nextFloat());
      }
      Tensor variance = floats(channels);
      for (int i = 0; i < channels; i++) {
        variance.setFloat(i, 0.2f + random.nextFloat());
      }
      check.check(new ChannelMoments(), 0, x);
      check.check(
          new BatchNormalizationTraining(1e-3f),
          new boolean[4],
          3,
          x,
          moments,
          floats(channels),
          floats(channels));
      check.check(new BatchNormalizationSums(), 0, floats(dims), x, floats(channels));
      check.check(
          new BatchNormalizationGradient(1e-3f),
          new boolean[6],
          3,
          floats(dims),
          x,
          floats(channels),
          floats(channels),
          variance,
          moments);
    }
    assertThat(check.used())
        .contains(
            "channelmoments-float32-blocks",
            "batchnormalizationtraining-float32-rows",
            "batchnormalizationsums-float32-blocks",
            "batchnormalizationgradient-float32-rows");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void matrices(Engine engine) {
    KernelCheck check = new KernelCheck(engine);
    for (int[] sizes : new int[][] {{1, 1, 1}, {5, 7, 3}, {32, 100, 45}, {70, 33, 130}}) {
      int rows = sizes[0];
      int depth = sizes[1];
      int columns = sizes[2];
      for (boolean transA : new boolean[] {false, true}) {
        for (boolean transB : new boolean[] {false, true}) {
          Tensor a = transA ? floats(depth, rows) : floats(rows, depth);
          Tensor b = transB ? floats(columns, depth) : floats(depth, columns);
          check.check(new Gemm(0.5f, 2, transA, transB), 0, a, b, floats(columns));
          check.check(new Gemm(1, 1, transA, transB), 0, a, b);
        }
      }
    }
    assertThat(check.used()).contains("gemm-float32-varying");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void sums(Engine engine) {
    KernelCheck check = new KernelCheck(engine);
    for (boolean keep : new boolean[] {true, false}) {
      for (int[] axes :
          new int[][] {{0}, {1}, {2}, {3}, {0, 2, 3}, {2, 3}, {0, 1}, {1, 2, 3}, {0, 1, 2, 3}}) {
        Tensor numbers = Tensor.of(Arrays.stream(axes).asLongStream().toArray());
        check.check(new ReduceSum(keep, false), 1, floats(3, 5, 2, 4), numbers);
        check.check(new ReduceMean(keep, false), 1, floats(3, 17, 1, 4), numbers);
        check.check(new ReduceSum(keep, false), 1, floats(1, 5, 4, 4), numbers);
      }
    }
    check.check(new ReduceSum(false, false), 0, floats(40, 3));
    check.check(new ReduceSum(true, true), 0, floats(4, 3));
    assertThat(check.used()).contains("reducesum-float32-rows", "reducemean-float32-rows");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void functions(Engine engine) {
    KernelCheck check = new KernelCheck(engine);
    check.check(new UnaryGradient(new Relu()), 0, floats(3, 5, 7), floats(3, 5, 7));
    check.check(new UnaryGradient(new Tanh()), 0, floats(300), floats(300));
    assertThat(check.used()).contains("unarygradient-float32-loop");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void movements(Engine engine) {
    KernelCheck check = new KernelCheck(engine);
    int[] picked = random.ints(300, 0, 5).toArray();
    Tensor indices = Tensor.of(picked, 20, 15);
    check.check(new MovementGradient(new Gather(0), Shape.of(5), 0, 1), 1, floats(20, 15), indices);
    check.check(
        new MovementGradient(new Gather(1), Shape.of(2, 7, 3), 0, 1),
        1,
        floats(2, 20, 15, 3),
        indices);
    assertThat(check.used()).contains("movementgradient-float32-constant");
  }

  @ParameterizedTest
  @MethodSource("engines")
  void fakeQuantization(Engine engine) {
    KernelCheck check = new KernelCheck(engine);
    for (int[] dims : new int[][] {{3, 5, 4, 6}, {2, 70, 9, 3}, {6, 4, 5}, {40, 33}, {7}}) {
      fakeQuantization(check, new FakeQuantize(-100, 155, 0), floats(dims), 1);
      fakeQuantization(check, new FakeQuantize(-2, 1, 0), floats(dims), dims[0]);
    }
    fakeQuantization(check, new FakeQuantize(-8, 7, 1), floats(40, 33), 33);
    assertThat(check.used())
        .contains("fakequantize-float32-rows", "fakequantizegradient-float32-rows");
  }

  private void fakeQuantization(KernelCheck check, FakeQuantize operator, Tensor x, int steps) {
    Tensor relative = Tensor.zeros(DType.FLOAT32, Shape.of(steps));
    Tensor base = Tensor.zeros(DType.FLOAT32, Shape.of(steps));
    for (int i = 0; i < steps; i++) {
      relative.setFloat(i, i % 5 == 4 ? 0 : 0.5f + random.nextFloat());
      base.setFloat(i, 2f / operator.high());
    }
    check.check(operator, 0, x, relative, base);
    check.check(
        new FakeQuantizeGradient(operator),
        new boolean[4],
        2,
        floats(x.shape().toArray()),
        x,
        relative,
        base);
  }

  @ParameterizedTest
  @MethodSource("engines")
  void nearestValues(Engine engine) {
    KernelCheck check = new KernelCheck(engine);
    Tensor scale = Tensor.of(new float[] {0.7f});
    for (int[] dims : new int[][] {{3, 5, 4, 6}, {2, 70, 9}, {70, 83}, {5000}, {7}, {0, 4}}) {
      for (int count : new int[] {1, 2, 3, 8, 16, 100, 256}) {
        Tensor x = floats(dims);
        for (int i = 0; i < x.size(); i++) {
          x.setFloat(i, i % 3 == 0 ? 0 : i % 50 == 7 ? Float.NaN : x.getFloat(i));
        }
        Tensor codebook = floats(count);
        codebook.setFloat(count / 2, 0);
        check.check(new NearestValue(), new boolean[3], 2, x, codebook, scale);
        Tensor which = Tensor.zeros(DType.UINT8, x.shape());
        for (int i = 0; i < which.size(); i++) {
          which.setLong(i, random.nextInt(count));
        }
        check.check(new NearestValueGradient(count), new boolean[3], 1, floats(dims), which, scale);
      }
    }
    assertThat(check.used())
        .contains("nearestvalue-float32-search", "nearestvaluegradient-float32-sums");
  }
}
