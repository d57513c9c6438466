package dev.tinytitan.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Abs;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.AutoPad;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.BinaryOperator;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.DequantizedMatMul;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Elu;
import dev.tinytitan.op.Erf;
import dev.tinytitan.op.Exp;
import dev.tinytitan.op.FusedAttention;
import dev.tinytitan.op.FusedConv;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.GRU;
import dev.tinytitan.op.Gelu;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.GlobalMaxPool;
import dev.tinytitan.op.GroupNormalization;
import dev.tinytitan.op.HardSigmoid;
import dev.tinytitan.op.HardSwish;
import dev.tinytitan.op.InstanceNormalization;
import dev.tinytitan.op.LSTM;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.LeakyRelu;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Neg;
import dev.tinytitan.op.PRelu;
import dev.tinytitan.op.RMSNormalization;
import dev.tinytitan.op.RNN;
import dev.tinytitan.op.Reciprocal;
import dev.tinytitan.op.Recurrence;
import dev.tinytitan.op.RecurrentActivation;
import dev.tinytitan.op.RecurrentOperator;
import dev.tinytitan.op.ReduceL1;
import dev.tinytitan.op.ReduceL2;
import dev.tinytitan.op.ReduceLogSum;
import dev.tinytitan.op.ReduceLogSumExp;
import dev.tinytitan.op.ReduceMax;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.ReduceMin;
import dev.tinytitan.op.ReduceProd;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.op.ReduceSumSquare;
import dev.tinytitan.op.Reduction;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Resize;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Sin;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Softplus;
import dev.tinytitan.op.Sqrt;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Swish;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.op.UnaryOperator;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the kernels of every engine must do: agree with the operators' references. */
public abstract class EngineTester {
  private static final int ROUNDS = 150;

  /** Runs the rows, and knows which it ran. */
  protected KernelCheck check;

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

  private static Tensor scaled(float factor, Tensor tensor) {
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, factor * tensor.getFloat(i));
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
  void depthwiseConvolutionsOfWholeLines() {
    Window same = Window.of().withPads(1, 1, 1, 1);
    for (int round = 0; round < ROUNDS / 3; round++) {
      int channels = pick(4, 8, 16, 32, 48);
      Tensor x = floats(pick(1, 2), channels, 1 + random.nextInt(7), 1 + random.nextInt(20));
      convolve(same, channels, x, floats(channels, 1, 3, 3), channels);
    }
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
        Interpreter.eval(Node.of("n", conv, List.of("x", "w"), List.of("y")), List.of(x, w)).get(0);
    Tensor residual = random.nextBoolean() ? floats(shapeOf.shape().toArray()) : null;
    check.check(fused, new boolean[] {false, true, true, false}, 1, x, w, bias, residual);
  }

  @Test
  void matrixProductsWithConstantWeights() {
    for (int round = 0; round < ROUNDS; round++) {
      int m = pick(1, 1, 2, 5, 6, 7, 12, 13, 25);
      int k = pick(1, 3, 8, 31, 64);
      int n = pick(1, 8, 10, 12, 16, 31, 40, 64, 100);
      boolean transB = random.nextBoolean();
      Tensor a = random.nextBoolean() ? floats(m, k) : floats(2, m, k);
      Tensor b = transB ? floats(n, k) : floats(k, n);
      check.check(
          new Gemm(0.5f, 2, false, transB),
          2,
          a.shape().rank() == 2 ? a : floats(m, k),
          b,
          random.nextBoolean() ? floats(n) : floats(1, n));
      Tensor bias = random.nextBoolean() ? floats(n) : null;
      Tensor residual = random.nextBoolean() ? floats(a.shape().withDim(-1, n).toArray()) : null;
      check.check(
          new FusedMatMul(transB, 1.5f, activation()),
          new boolean[] {false, true, true, false},
          1,
          a,
          b,
          bias,
          residual);
      check.check(new MatMul(), 1, a, floats(k, n));
    }
    check.check(new MatMul(), 1, floats(200, 300), floats(300, 200));
    check.check(new MatMul(), 1, floats(16, 300), floats(300, 700));
    check.check(new MatMul(), 1, floats(7), floats(7, 5));
    check.check(new MatMul(), 1, floats(3, 7), floats(7));
    assertThat(check.used())
        .contains("matmul-float32-packed", "gemm-float32-packed", "fusedmatmul-float32-packed");
  }

  @Test
  void matrixProductsOfTwoVariables() {
    for (int round = 0; round < ROUNDS; round++) {
      int m = pick(1, 5, 12, 19);
      int k = pick(1, 4, 33);
      int n = pick(1, 16, 20, 40);
      check.check(new MatMul(), 0, floats(pick(1, 3), 2, m, k), floats(2, k, n));
      check.check(new FusedMatMul(true, 0.25f, activation()), 0, floats(2, m, k), floats(2, n, k));
    }
    check.check(new MatMul(), 0, floats(4, 100, 64), floats(4, 64, 100));
    assertThat(check.used()).contains("matmul-float32-stack", "fusedmatmul-float32-stack");
  }

  @Test
  void attention() {
    for (int round = 0; round < 40; round++) {
      int heads = pick(1, 2, 3);
      int size = pick(1, 8, 17);
      int queries = pick(1, 7, 16);
      int keys = pick(1, 5, 16, 33);
      int batch = pick(1, 2);
      FusedAttention separate = new FusedAttention(heads, 0.3f, false);
      Tensor q = floats(batch, queries, heads * size);
      Tensor k = floats(batch, keys, heads * size);
      Tensor v = floats(batch, keys, heads * pick(size, 4));
      check.check(separate, 0, q, k, v);
      check.check(separate, 0, q, k, v, floats(batch, 1, 1, keys));
      check.check(separate, 0, q, k, v, floats(1, heads, queries, keys));
      FusedAttention packed = new FusedAttention(heads, 0.3f, true);
      check.check(packed, 0, floats(batch, keys, 3 * heads * size), floats(keys, 1));
    }
    check.check(
        new FusedAttention(4, 0.2f, false),
        0,
        floats(1, 100, 128),
        floats(1, 150, 128),
        floats(1, 150, 128));
    assertThat(check.used()).contains("fusedattention-float32-heads");
  }

  @Test
  void rowFunctions() {
    for (int length : new int[] {1, 2, 10, 16, 31, 64, 100}) {
      check.check(new Softmax(-1), 0, floats(3, length));
      check.check(new Softmax(1), 0, floats(2, length, 3, 2));
      check.check(
          new LayerNormalization(-1, 1e-5f, DType.FLOAT32),
          2,
          floats(2, 3, length),
          floats(length),
          floats(length));
      check.check(
          new LayerNormalization(1, 1e-3f, DType.FLOAT32), 1, floats(3, 2, length), floats(1));
    }
    Tensor special = floats(4, 20);
    special.setFloat(3, Float.NaN);
    special.setFloat(25, Float.NEGATIVE_INFINITY);
    check.check(new Softmax(-1), 0, special);
    check.check(new Softmax(0), 0, floats(0, 3));
    check.check(new Softmax(-1), 0, floats(800, 200));
    assertThat(check.used()).contains("softmax-float32-rows", "layernormalization-float32-rows");
  }

  @Test
  void poolings() {
    for (int round = 0; round < ROUNDS; round++) {
      int rank = pick(1, 2, 2, 3);
      int[] dims = new int[rank + 2];
      dims[0] = pick(1, 2);
      dims[1] = pick(1, 3, 8, 16, 21, 40);
      int[] kernel = new int[rank];
      for (int i = 0; i < rank; i++) {
        dims[i + 2] = 5 + random.nextInt(5);
        kernel[i] = pick(1, 2, 3);
      }
      Tensor x = floats(dims);
      x.setFloat(random.nextInt(x.size()), Float.NaN);
      x.setFloat(random.nextInt(x.size()), Float.POSITIVE_INFINITY);
      Window window = window(rank);
      int[] pads = new int[2 * rank];
      Arrays.setAll(pads, i -> Math.min(kernel[i % rank] - 1, pick(0, 1, 2)));
      window =
          new Window(
              Arrays.stream(kernel).boxed().toList(),
              window.strides(),
              Arrays.stream(pads).boxed().toList(),
              List.of(),
              AutoPad.NOTSET,
              random.nextBoolean());
      check.check(new MaxPool(window, false), 0, x);
      check.check(new AveragePool(window, random.nextBoolean()), 0, x);
      check.check(new GlobalAveragePool(), 0, x);
      check.check(new GlobalMaxPool(), 0, x);
    }
    assertThat(check.used())
        .contains(
            "maxpool-float32-windows",
            "averagepool-float32-windows",
            "globalaveragepool-float32-windows",
            "globalmaxpool-float32-windows");
  }

  @Test
  void everyUnaryOperator() {
    List<UnaryOperator> operators =
        List.of(
            new Abs(),
            new Neg(),
            new Relu(),
            new LeakyRelu(0.1f),
            new Elu(0.7f),
            new Sigmoid(),
            new HardSigmoid(0.2f, 0.5f),
            new HardSwish(),
            new Swish(1.5f),
            new Tanh(),
            new Erf(),
            new Gelu(false),
            new Gelu(true),
            new Exp(),
            new Sqrt(),
            new Reciprocal(),
            new Sin(),
            new Softplus());
    for (UnaryOperator operator : operators) {
      for (int size : new int[] {0, 1, 7, 16, 40, 1000}) {
        Tensor x = floats(size);
        assertThat(check.check(operator, 0, x)).isPositive();
        for (int i = 0; i < size; i++) {
          x.setFloat(i, x.getFloat(i) * 40);
        }
        check.check(operator, 0, x);
      }
      check.check(
          operator,
          0,
          Tensor.of(
              new float[] {
                Float.NaN,
                Float.POSITIVE_INFINITY,
                Float.NEGATIVE_INFINITY,
                0f,
                -0f,
                Float.MIN_VALUE,
                Float.MAX_VALUE,
                -Float.MAX_VALUE,
                1e-20f,
                -88f,
                89f,
                -104f
              }));
      check.check(operator, 0, floats(1, 3, 4, 5));
    }
  }

  @Test
  void exponentialsAreCloseEverywhere() {
    float[] x = new float[4000];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i - 2000) * 0.0437f;
    }
    for (UnaryOperator operator :
        List.of(new Exp(), new Tanh(), new Erf(), new Sigmoid(), new Gelu(false))) {
      KernelRow row =
          check.rows().stream()
              .filter(each -> each.name().equals("unary-float32"))
              .findFirst()
              .orElseThrow();
      float[] y = new float[x.length];
      Node node = Node.of("n", operator, List.of("x"), List.of("y"));
      TensorType type = TensorType.of(DType.FLOAT32, x.length);
      KernelRequest request =
          new KernelRequest(
              node,
              List.of(Optional.of(type)),
              List.of(type),
              List.of(Optional.empty()),
              Layout.ROW_MAJOR,
              new PackedWeights(List.of()));
      row.make(request)
          .run(
              new Tensor[] {Tensor.of(x)}, new Tensor[] {Tensor.of(y)}, new Scratch(0, 0, 0), 0, 1);
      for (int i = 0; i < x.length; i++) {
        double expected = operator.apply((double) x[i]);
        double error = Math.abs(y[i] - expected);
        double floor = operator instanceof Gelu ? 1e-6 : Float.MIN_NORMAL;
        assertThat(error)
            .as("%s of %s is %s, not %s", operator, x[i], y[i], expected)
            .isLessThanOrEqualTo(1e-6 * Math.abs(expected) + floor);
      }
    }
  }

  @Test
  void binaryOperatorsBroadcast() {
    int[][][] shapes = {
      {{5}, {5}},
      {{3, 5}, {5}},
      {{3, 5}, {3, 1}},
      {{1}, {4, 20}},
      {{4, 20}, {}},
      {{2, 8, 3, 5}, {2, 8, 3, 5}},
      {{2, 8, 3, 5}, {8, 1, 1}},
      {{2, 8, 3, 5}, {2, 8, 1, 1}},
      {{2, 8, 1, 1}, {2, 8, 3, 5}},
      {{1, 8, 3, 5}, {5}},
      {{2, 1, 3, 5}, {1, 8, 1, 5}},
      {{0, 3}, {3}},
      {{2, 3, 4}, {2, 1, 4}},
      {{40, 50, 60}, {40, 50, 60}}
    };
    for (int[][] pair : shapes) {
      for (BinaryOperator operator :
          List.of(new Add(), new Sub(), new Mul(), new Div(), new PRelu())) {
        if (operator instanceof PRelu && pair[0].length < pair[1].length) {
          continue;
        }
        Tensor a = floats(pair[0]);
        Tensor b = floats(pair[1]);
        assertThat(check.check(operator, 0, a, b)).isPositive();
        assertThat(check.check(operator, 1, a, b)).isPositive();
      }
    }
  }

  @Test
  void resizing() {
    for (Resize.Mode mode : List.of(Resize.Mode.NEAREST, Resize.Mode.LINEAR, Resize.Mode.CUBIC)) {
      for (float scale : new float[] {1, 2, 1.7f, 0.6f}) {
        Resize resize =
            Resize.of(mode, Resize.Coordinates.HALF_PIXEL, Resize.NearestMode.ROUND_PREFER_FLOOR);
        check.check(
            resize,
            new boolean[] {false, false, true},
            1,
            floats(2, pick(1, 5, 16, 33), 6, 7),
            null,
            Tensor.of(new float[] {1, 1, scale, 2}));
      }
    }
    assertThat(check.used()).contains("resize-float32-places");
  }

  @Test
  void transposedConvolutions() {
    for (int round = 0; round < 40; round++) {
      int channels = pick(1, 3, 16, 24);
      int filters = pick(1, 4, 16, 20);
      Window window = Window.of().withStrides(pick(1, 2), pick(1, 2, 3));
      if (random.nextBoolean()) {
        window = window.withPads(1, 0, 1, 1);
      }
      ConvTranspose operator = new ConvTranspose(window, 1, List.of(), List.of());
      check.check(
          operator,
          2,
          floats(pick(1, 2), channels, 5, 7),
          floats(channels, filters, pick(2, 3), pick(2, 3)),
          floats(filters));
    }
    assertThat(check.used()).contains("convtranspose-float32-product");
  }

  @Test
  void recurrences() {
    for (int round = 0; round < 60; round++) {
      Recurrence.Direction direction =
          List.copyOf(EnumSet.allOf(Recurrence.Direction.class)).get(random.nextInt(3));
      int directions = direction.count();
      boolean batchFirst = random.nextBoolean();
      int sequence = pick(1, 2, 5);
      int batch = pick(1, 3);
      int size = pick(1, 7, 20);
      int hidden = pick(1, 5, 16, 33);
      RecurrentActivation.Kind last =
          random.nextBoolean() ? RecurrentActivation.Kind.TANH : RecurrentActivation.Kind.RELU;
      int kind = round % 3;
      List<RecurrentActivation> functions = new ArrayList<>();
      for (int i = 0; i < directions; i++) {
        if (kind > 0) {
          functions.add(RecurrentActivation.of(RecurrentActivation.Kind.SIGMOID));
        }
        if (kind > 1) {
          functions.add(RecurrentActivation.of(RecurrentActivation.Kind.TANH));
        }
        functions.add(RecurrentActivation.of(last));
      }
      Recurrence recurrence =
          new Recurrence(hidden, direction, functions, Float.POSITIVE_INFINITY, batchFirst);
      RecurrentOperator operator =
          switch (kind) {
            case 0 -> new RNN(recurrence);
            case 1 -> new GRU(recurrence, true);
            default -> new LSTM(recurrence, false);
          };
      int rows = operator.gates() * hidden;
      Tensor state =
          batchFirst ? floats(batch, directions, hidden) : floats(directions, batch, hidden);
      List<Tensor> inputs = new ArrayList<>();
      inputs.add(batchFirst ? floats(batch, sequence, size) : floats(sequence, batch, size));
      inputs.add(scaled(0.1f, floats(directions, rows, size)));
      // Small, so that rounding errors do not grow from step to step.
      inputs.add(scaled(0.1f, floats(directions, rows, hidden)));
      inputs.add(random.nextBoolean() ? floats(directions, 2 * rows) : null);
      if (random.nextBoolean()) {
        inputs.add(null);
        inputs.add(state);
        if (kind == 2) {
          inputs.add(floats(state.shape().toArray()));
        }
      }
      boolean[] constant = new boolean[inputs.size()];
      Arrays.fill(constant, 1, 4, true);
      int outputs = operator.hasCellState() ? 3 : 2;
      int taken = check.check(operator, constant, outputs, inputs.toArray(Tensor[]::new));
      assertThat(taken).isPositive();
    }
    assertThat(check.used()).contains("lstm-float32-steps", "gru-float32-steps");
  }

  @Test
  void productsWithNarrowWeights() {
    for (int round = 0; round < ROUNDS; round++) {
      DType dtype = List.of(DType.INT8, DType.UINT8, DType.INT4, DType.UINT4).get(round % 4);
      boolean transB = random.nextBoolean();
      int depth = pick(1, 7, 32, 70);
      int columns = pick(1, 5, 16, 40, 131);
      int block = pick(0, 0, 4, 32);
      int groups = block == 0 ? 1 : Math.ceilDiv(depth, block);
      Tensor w = Tensor.zeros(dtype, transB ? Shape.of(columns, depth) : Shape.of(depth, columns));
      for (int i = 0; i < w.size(); i++) {
        w.setLong(i, random.nextInt());
      }
      Shape scales =
          block == 0
              ? random.nextBoolean() ? Shape.scalar() : Shape.of(columns)
              : transB ? Shape.of(columns, groups) : Shape.of(groups, columns);
      Tensor scale = floats(scales.toArray());
      for (int i = 0; i < scale.size(); i++) {
        scale.setFloat(i, scale.getFloat(i) / 256);
      }
      Tensor zero = random.nextBoolean() ? Tensor.zeros(dtype, scales) : null;
      for (int i = 0; zero != null && i < zero.size(); i++) {
        zero.setLong(i, random.nextInt());
      }
      int axis = transB == (block == 0) ? 0 : 1;
      int rows = pick(1, 3, 13, 30);
      Tensor bias = random.nextBoolean() ? floats(columns) : null;
      Tensor residual = random.nextBoolean() ? floats(2, rows, columns) : null;
      assertThat(
              check.check(
                  new DequantizedMatMul(
                      new DequantizeLinear(axis, block, null),
                      new FusedMatMul(transB, pick(1, 1, 2), activation())),
                  new boolean[] {false, true, true, false, true, true},
                  1,
                  floats(2, rows, depth),
                  w,
                  bias,
                  residual,
                  scale,
                  zero))
          .isPositive();
    }
    assertThat(check.used()).contains("dequantizedmatmul-float32-panels");
  }

  @Test
  void reductionsAlongAnyAxes() {
    for (int round = 0; round < ROUNDS; round++) {
      boolean keep = random.nextBoolean();
      Tensor x = floats(pick(1, 3), pick(1, 7, 40), pick(1, 2), pick(1, 16, 33, 270));
      for (int i = 0; i < x.size(); i++) {
        // Mostly of one sign, so that sums are not all rounding error.
        x.setFloat(i, x.getFloat(i) + 1);
      }
      for (int i = random.nextInt(40); round % 3 == 0 && i < x.size(); i += 700) {
        x.setFloat(i, List.of(Float.NaN, Float.POSITIVE_INFINITY, -0f).get(random.nextInt(3)));
      }
      long[][] choices = {{0}, {1}, {-1}, {0, 1}, {1, 3}, {2, 3}, {0, 2}, {0, 1, 2, 3}, {}};
      Tensor axes = Tensor.of(choices[random.nextInt(choices.length)]);
      for (Reduction reduction :
          List.of(
              new ReduceSum(keep, false),
              new ReduceMean(keep, false),
              new ReduceMax(keep, false),
              new ReduceMin(keep, false),
              new ReduceL1(keep, false),
              new ReduceL2(keep, false),
              new ReduceSumSquare(keep, false),
              new ReduceLogSumExp(keep, false))) {
        assertThat(check.check(reduction, 1, x, axes)).isPositive();
      }
      Tensor few = floats(2, 3, 4);
      assertThat(check.check(new ReduceProd(keep, false), 0, few)).isPositive();
      assertThat(check.check(new ReduceLogSum(keep, false), 0, check(new Abs(), few))).isPositive();
    }
    Tensor axis = Tensor.of(new long[] {1});
    assertThat(check.check(new ReduceSum(true, false), 1, floats(3, 0, 2), axis)).isPositive();
    assertThat(check.check(new ReduceLogSumExp(true, false), 1, floats(3, 0, 2), axis))
        .isPositive();
    check.check(new ReduceMean(true, true), 0, floats(3, 2));
  }

  private static Tensor check(UnaryOperator operator, Tensor x) {
    return Objects.requireNonNull(
        Interpreter.eval(Node.of("n", operator, List.of("x"), List.of("y")), List.of(x)).get(0));
  }

  @Test
  void normalizations() {
    for (int round = 0; round < ROUNDS / 3; round++) {
      int channels = 2 * pick(1, 3, 8);
      Tensor x = floats(pick(1, 2), channels, pick(1, 3, 17), pick(2, 8));
      Tensor scale = floats(channels);
      Tensor bias = floats(channels);
      check.check(
          new BatchNormalization(1e-5f, 0.9f, false),
          4,
          x,
          scale,
          bias,
          floats(channels),
          check(new Abs(), floats(channels)));
      check.check(new InstanceNormalization(1e-3f), 2, x, scale, bias);
      check.check(new GroupNormalization(2, 1e-3f, DType.FLOAT32), 2, x, scale, bias);
      check.check(new RMSNormalization(-1, 1e-3f, DType.FLOAT32), 1, x, floats(x.shape().dim(-1)));
    }
    assertThat(check.used())
        .contains(
            "batchnormalization-float32-planes",
            "instancenormalization-float32-planes",
            "groupnormalization-float32-planes",
            "rmsnormalization-float32-planes");
  }

  @Test
  void clipsToConstantRanges() {
    Tensor x = floats(3, 5, 7, 2);
    x.setFloat(4, Float.NaN);
    x.setFloat(9, Float.NEGATIVE_INFINITY);
    Tensor low = Tensor.scalar(-0.5f);
    assertThat(check.check(new Clip(), 2, x, low, Tensor.scalar(1f))).isPositive();
    assertThat(check.check(new Clip(), 2, x, null, low)).isPositive();
    assertThat(check.check(new Clip(), 2, x, Tensor.scalar(1f), low)).isZero();
  }
}
