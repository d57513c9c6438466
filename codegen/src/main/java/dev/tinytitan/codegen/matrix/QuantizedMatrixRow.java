package dev.tinytitan.codegen.matrix;

import static dev.tinytitan.kernel.QuantizedMatMulRow.BIAS;
import static dev.tinytitan.kernel.QuantizedMatMulRow.MATRIX;
import static dev.tinytitan.kernel.QuantizedMatMulRow.SCALE;
import static dev.tinytitan.kernel.QuantizedMatMulRow.ZERO_POINT;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.emit.DotProduct;
import dev.tinytitan.codegen.emit.SharedFunctions;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.kernel.QuantizedMatMulRow;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.QuantizedMatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Matrix products that quantize their rows on the way, with 8-bit dot products. */
public final class QuantizedMatrixRow implements KernelRow {
  private static final int RESIDUAL = QuantizedMatMul.RESIDUAL;

  private final Target target;

  /** For what this processor can do. */
  public QuantizedMatrixRow(Target target) {
    this.target = target;
  }

  @Override
  public String name() {
    return "quantized-matmul-" + target.isa().property();
  }

  @Override
  public Class<? extends Operator> operator() {
    return QuantizedMatMul.class;
  }

  @Override
  public Set<Layout> layouts() {
    return EnumSet.of(Layout.ROW_MAJOR);
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    Optional<String> refusal = QuantizedMatMulRow.refusal(request);
    if (refusal.isPresent()) {
      return refusal;
    }
    if (!MatrixKernel.takes(target.isa(), shape(request), productsPerNano())) {
      return Optional.of("the sums are too long for a short call");
    }
    if (!MatrixEpilogue.takes(activation(request))) {
      return Optional.of("there is no code for the activation " + activation(request));
    }
    return weightRefusal(request).or(Host::trial);
  }

  private static Activation activation(KernelRequest request) {
    return request.operator(QuantizedMatMul.class).activation();
  }

  private static Optional<String> weightRefusal(KernelRequest request) {
    Tensor weights = request.constant(MATRIX);
    @Nullable Tensor zeros = zeros(request);
    if (zeros == null && request.inputDType(MATRIX) == DType.INT8) {
      return Optional.empty();
    }
    int columns = weights.shape().dim(1);
    for (int i = 0; i < weights.size(); i++) {
      int weight = weight(weights, zeros, i, i % columns);
      if (weight != (byte) weight) {
        return Optional.of("weights without their zero points do not fit into int8");
      }
    }
    return Optional.empty();
  }

  private static @Nullable Tensor zeros(KernelRequest request) {
    return request.hasInput(ZERO_POINT) ? request.constant(ZERO_POINT) : null;
  }

  private static int weight(Tensor weights, @Nullable Tensor zeros, int index, int column) {
    int zero = zeros == null ? 0 : zeros.getInt(zeros.size() == 1 ? 0 : column);
    return weights.getInt(index) - zero;
  }

  private double productsPerNano() {
    return target.isa().hasDotProduct() ? target.isa().vectorBits() / 3.0 : 50;
  }

  private static MatrixShape shape(KernelRequest request) {
    return new MatrixShape(request.inputShape(MATRIX).dim(0), request.inputShape(MATRIX).dim(1), 1);
  }

  @Override
  public double cost(KernelRequest request) {
    double rows = (double) request.outputShape(0).size() / request.inputShape(MATRIX).dim(1);
    return 500 + rows * request.inputShape(MATRIX).size() / productsPerNano();
  }

  @Override
  public Kernel make(KernelRequest request) {
    PackedMatrix matrix =
        request
            .packed()
            .get(
                request.constant(MATRIX),
                name() + " for " + request.node().output(),
                PackedMatrix.class,
                () -> pack(request));
    int rows = request.outputShape(0).size() / matrix.shape().columns();
    int lanes = target.isa().vectorBits() / 32;
    return new QuantizedMatrixKernel(
        matrix,
        rows,
        lanes,
        request.operator(QuantizedMatMul.class).calibrated(),
        productsPerNano(),
        request.packed());
  }

  private static @Nullable Tensor bias(KernelRequest request) {
    return request.hasInput(BIAS) ? request.constant(BIAS) : null;
  }

  private PackedMatrix pack(KernelRequest request) {
    MatrixShape shape = shape(request);
    Activation activation = activation(request);
    boolean residual = request.hasInput(RESIDUAL);
    SharedFunctions functions =
        SharedFunctions.of(
            target,
            "int8 " + shape + activation + residual,
            code -> {
              MatrixEpilogue epilogue = new MatrixEpilogue(code, activation, residual);
              QuantizedFinish finish = new QuantizedFinish(code, epilogue);
              new MatrixCode(code, shape, new DotProduct(code), finish).emit();
              new DynamicQuantization(code).emit();
            },
            request.packed());
    return new PackedMatrix(
        target.isa(),
        shape,
        new WholePanels(
            target.isa(),
            shape,
            new Bytes(target.isa(), request),
            DotProduct.weightBytes(target.isa()),
            QuantizedFinish.CONSTANTS),
        functions,
        request.packed());
  }

  /** The weights without their zero points, and the constants of {@link QuantizedFinish}. */
  private static final class Bytes implements WholePanels.Values {
    private final Isa isa;
    private final byte[] weights;
    private final int depth;
    private final int columns;
    private final Tensor scale;
    private final @Nullable Tensor bias;
    private final int[] sums;

    Bytes(Isa isa, KernelRequest request) {
      this.isa = isa;
      Tensor tensor = request.constant(MATRIX);
      this.depth = tensor.shape().dim(0);
      this.columns = tensor.shape().dim(1);
      this.scale = request.constant(SCALE);
      this.bias = bias(request);
      this.weights = new byte[tensor.size()];
      this.sums = new int[columns];
      @Nullable Tensor zeros = zeros(request);
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (byte) weight(tensor, zeros, i, i % columns);
        sums[i % columns] += weights[i];
      }
    }

    @Override
    public void put(byte[] to, int at, int element, int step, int column) {
      for (int position = 0; position < 4 && 4 * step + position < depth; position++) {
        int weight = weights[(4 * step + position) * columns + column];
        DotProduct.put(isa, to, at, element, position, weight);
      }
    }

    @Override
    public int constant(int index, int column) {
      return switch (index) {
        case 0 -> -sums[column];
        case 1 -> Float.floatToRawIntBits(scale.getFloat(scale.size() == 1 ? 0 : column));
        default -> Float.floatToRawIntBits(bias == null ? 0 : bias.getFloat(column));
      };
    }
  }
}
