package dev.tinytitan.codegen.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.RowsEngine;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.TestWorkers;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelCheck;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Workers;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.DequantizedMatMul;
import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.Gelu;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.QuantizedMatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Products with constant matrices agree with the reference on each instruction set. */
class MatrixRowsTest {
  private static final int ROUNDS = 80;

  private Random random;

  @BeforeEach
  void seed() {
    random = new Random(5);
  }

  private static KernelCheck check(Isa isa) {
    return RowsEngine.check(
        isa,
        target ->
            List.of(
                new QuantizedMatrixRow(target),
                FloatMatrixRow.plain(target),
                FloatMatrixRow.fused(target),
                new NarrowMatrixRow(target)));
  }

  private int pick(int... choices) {
    return choices[random.nextInt(choices.length)];
  }

  private Tensor floats(double scale, int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, (float) (scale * random.nextGaussian()));
    }
    return tensor;
  }

  private Tensor bytes(DType dtype, int low, int high, int... dims) {
    Tensor tensor = Tensor.zeros(dtype, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setLong(i, low + random.nextInt(high - low + 1));
    }
    return tensor;
  }

  private int[] rows(int last) {
    int rows = pick(1, 2, 5, 6, 7, 12, 13, 23, 40);
    return switch (random.nextInt(3)) {
      case 0 -> new int[] {rows, last};
      case 1 -> new int[] {1, rows, last};
      default -> new int[] {2, 1, rows, last};
    };
  }

  private int depth() {
    return pick(1, 2, 3, 4, 7, 16, 33, 64, 129, 384, 530);
  }

  private int columns() {
    return pick(1, 3, 8, 15, 16, 17, 31, 40, 64, 65, 100, 128, 192, 200);
  }

  @ParameterizedTest
  @EnumSource
  void quantizedOnTheWay(Isa isa) {
    KernelCheck check = check(isa);
    for (int round = 0; round < ROUNDS; round++) {
      int depth = depth();
      int columns = columns();
      double size = pick(1, 100) * Math.pow(10, random.nextInt(3) - 2);
      Tensor x = floats(size, rows(depth));
      if (random.nextInt(8) == 0) {
        x.setFloat(random.nextInt(x.size()), pick(0, 1) == 0 ? Float.NaN : 1e-42f);
      }
      boolean signed = random.nextBoolean();
      int zero = 120 + random.nextInt(10);
      Tensor w =
          signed
              ? bytes(DType.INT8, -128, 127, depth, columns)
              : bytes(DType.UINT8, zero - 120, zero + 120, depth, columns);
      Tensor zeros =
          Tensor.zeros(w.dtype(), random.nextBoolean() ? Shape.of(1) : Shape.of(columns));
      for (int i = 0; i < zeros.size() && !signed; i++) {
        zeros.setLong(i, zero);
      }
      Tensor scale = floats(0.01, pick(1, columns));
      boolean biased = random.nextBoolean();
      @Nullable Tensor[] inputs =
          biased
              ? new Tensor[] {x, w, scale, zeros, floats(size, columns)}
              : new Tensor[] {x, w, scale, signed ? null : zeros};
      boolean residual = random.nextInt(3) == 0;
      boolean[] constant = {false, true, true, true, true, false};
      @Nullable Tensor[] all = Arrays.copyOf(inputs, residual ? 6 : inputs.length);
      if (residual) {
        all[5] = floats(size, x.shape().withDim(-1, columns).toArray());
      }
      // GELU is approximated, and so tested on sums of moderate size, below.
      Activation activation =
          random.nextInt(4) == 0 ? new Activation.Clip(-0.5f, 2) : Activation.NONE;
      DynamicQuantizeLinear.@Nullable Parameters calibrated =
          random.nextInt(3) == 0
              ? new DynamicQuantizeLinear.Parameters(
                  (float) size / (50 + random.nextInt(200)), random.nextInt(256))
              : null;
      int taken =
          check.check(
              new QuantizedMatMul(activation, calibrated),
              Arrays.copyOf(constant, all.length),
              1,
              all);
      assertThat(taken).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void quantizedOnTheWayWithGelu(Isa isa) {
    KernelCheck check = check(isa);
    for (int round = 0; round < ROUNDS; round++) {
      int depth = depth();
      int columns = columns();
      Tensor w = bytes(DType.INT8, -128, 127, depth, columns);
      QuantizedMatMul product = new QuantizedMatMul(Activation.of(new Gelu(false)));
      Tensor scale = floats(0.02 / Math.sqrt(depth), columns);
      int taken = check.check(product, 2, floats(1, rows(depth)), w, scale);
      assertThat(taken).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void floats(Isa isa) {
    KernelCheck check = check(isa);
    for (int round = 0; round < ROUNDS; round++) {
      int depth = depth();
      int columns = columns();
      Tensor x = floats(1, rows(depth));
      Tensor w = floats(1 / Math.sqrt(depth), depth, columns);
      assertThat(check.check(new MatMul(), 1, x, w)).isEqualTo(1);
    }
  }

  private Activation activation() {
    return switch (random.nextInt(4)) {
      case 0 -> Activation.NONE;
      case 1 -> new Activation.Clip(-0.5f, 6);
      case 2 -> Activation.RELU;
      default -> Activation.of(new Gelu(false));
    };
  }

  @ParameterizedTest
  @EnumSource
  void fusedFloats(Isa isa) {
    KernelCheck check = check(isa);
    for (int round = 0; round < ROUNDS; round++) {
      int depth = depth();
      int columns = columns();
      boolean transposed = random.nextBoolean();
      Tensor x = floats(2, rows(depth));
      Tensor w =
          transposed
              ? floats(1 / Math.sqrt(depth), columns, depth)
              : floats(1 / Math.sqrt(depth), depth, columns);
      Tensor bias = random.nextInt(4) == 0 ? null : floats(1, columns);
      FusedMatMul product = new FusedMatMul(transposed, pick(1, 2) * 0.5f, activation());
      @Nullable Tensor[] inputs = {x, w, bias, null};
      if (random.nextBoolean()) {
        inputs[3] = floats(1, x.shape().withDim(-1, columns).toArray());
      }
      int taken = check.check(product, new boolean[] {false, true, true, false}, 1, inputs);
      assertThat(taken).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void narrowWeights(Isa isa) {
    KernelCheck check = check(isa);
    for (int round = 0; round < 3 * ROUNDS; round++) {
      DType dtype = List.of(DType.INT8, DType.UINT8, DType.INT4, DType.UINT4).get(round % 4);
      int depth = depth();
      int columns = columns();
      boolean transposed = random.nextBoolean();
      int block = pick(0, 0, 1, 5, 16, 32, 600);
      int groups = block == 0 ? 1 : Math.ceilDiv(depth, block);
      int low = dtype.isUnsigned() ? 0 : -(1 << (dtype.bits() - 1));
      int high = low + (1 << dtype.bits()) - 1;
      Tensor w =
          transposed
              ? bytes(dtype, low, high, columns, depth)
              : bytes(dtype, low, high, depth, columns);
      int[] factors =
          block == 0
              ? pick(0, 1) == 0 ? new int[] {} : new int[] {columns}
              : transposed ? new int[] {columns, groups} : new int[] {groups, columns};
      Tensor scale = floats(1.0 / high / Math.sqrt(depth), factors);
      Tensor zero = random.nextInt(3) == 0 ? null : bytes(dtype, low, high, factors);
      for (int i = 0; zero != null && round % 3 == 0 && i < zero.size(); i++) {
        zero.setLong(i, dtype.isUnsigned() ? 1L << (dtype.bits() - 1) : 0);
      }
      Tensor x = floats(1, rows(depth));
      Tensor bias = random.nextInt(4) == 0 ? null : floats(1, columns);
      Tensor residual =
          random.nextBoolean() ? floats(1, x.shape().withDim(-1, columns).toArray()) : null;
      DequantizedMatMul product =
          new DequantizedMatMul(
              new DequantizeLinear(transposed == (block == 0) ? 0 : 1, block, null),
              new FusedMatMul(transposed, pick(1, 2) * 0.5f, activation()));
      boolean[] constant = {false, true, true, false, true, true};
      int taken = check.check(product, constant, 1, x, w, bias, residual, scale, zero);
      assertThat(taken).isEqualTo(1);
    }
  }

  /** By rows and by panels, on threads and one after the other. */
  @ParameterizedTest
  @EnumSource
  void sharedByThreads(Isa isa) {
    RowsEngine.assumeHas(isa);
    for (int rows : new int[] {1, 7, 16, 33, 100, 131}) {
      for (int threads : new int[] {2, 3}) {
        Tensor x = floats(1, rows, 384);
        x.setFloat(random.nextInt(x.size()), 9);
        Tensor w = floats(0.05, 384, 1210);
        assertSharedEqually(FloatMatrixRow.plain(Target.of(isa)), new MatMul(), threads, x, w);
        Tensor bytes = bytes(DType.INT8, -128, 127, 384, 1210);
        Operator product = new QuantizedMatMul(Activation.NONE);
        QuantizedMatrixRow row = new QuantizedMatrixRow(Target.of(isa));
        assertSharedEqually(row, product, threads, x, bytes, floats(0.01, 1));
        Operator narrow =
            new DequantizedMatMul(
                new DequantizeLinear(1, 0, null), new FusedMatMul(false, 1, Activation.NONE));
        Tensor scales = floats(0.01, 1210);
        NarrowMatrixRow narrowRow = new NarrowMatrixRow(Target.of(isa));
        assertSharedEqually(narrowRow, narrow, threads, x, bytes, null, null, scales);
        x.setFloat(random.nextInt(x.size()), Float.NaN);
        assertSharedEqually(row, product, threads, x, bytes, floats(0.01, 1));
      }
    }
  }

  private void assertSharedEqually(
      KernelRow row, Operator operator, int threads, Tensor x, @Nullable Tensor... constants) {
    List<Optional<TensorType>> types =
        new ArrayList<>(List.of(Optional.of(TensorType.of(x.dtype(), x.shape()))));
    List<Optional<Tensor>> values = new ArrayList<>(List.of(Optional.empty()));
    List<String> names = new ArrayList<>(List.of("x"));
    for (Tensor constant : constants) {
      Optional<Tensor> value = Optional.ofNullable(constant);
      types.add(value.map(tensor -> TensorType.of(tensor.dtype(), tensor.shape())));
      values.add(value);
      names.add(constant == null ? "" : "c" + names.size());
    }
    Shape shape = x.shape().withDim(-1, values.get(1).orElseThrow().shape().dim(-1));
    List<Tensor> lasting = values.stream().flatMap(Optional::stream).toList();
    try (PackedWeights packed = new PackedWeights(lasting)) {
      Kernel kernel =
          row.make(
              new KernelRequest(
                  Node.of("node", operator, names, List.of("y")),
                  types,
                  List.of(TensorType.of(DType.FLOAT32, shape)),
                  values,
                  Layout.ROW_MAJOR,
                  packed));
      Tensor alone = run(kernel.bind(Workers.NONE), x, shape);
      for (int seed = 0; seed < 4; seed++) {
        Tensor shared = run(kernel.bind(new TestWorkers(threads, seed)), x, shape);
        assertThat(shared.toFloatArray())
            .as("%s of %s, %d threads, seed %d", operator, x.shape(), threads, seed)
            .isEqualTo(alone.toFloatArray());
      }
    }
  }

  private static Tensor run(Kernel kernel, Tensor x, Shape shape) {
    Tensor y = Tensor.zeros(DType.FLOAT32, shape);
    @Nullable Tensor[] inputs = {x, null, null, null, null, null};
    kernel.run(inputs, new Tensor[] {y}, new Scratch(0, 0, 0), 0, 1);
    return y;
  }
}
