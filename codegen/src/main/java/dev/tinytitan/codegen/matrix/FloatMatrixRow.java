package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.emit.Clipping;
import dev.tinytitan.codegen.emit.FloatArithmetic;
import dev.tinytitan.codegen.emit.FloatSums;
import dev.tinytitan.codegen.emit.SharedFunctions;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Products of rows of floats with a constant matrix, of what rank the rows' tensor may be. */
public final class FloatMatrixRow implements KernelRow {
  private static final int MATRIX = 1;

  private final Target target;
  private final Class<? extends Operator> operator;

  private FloatMatrixRow(Target target, Class<? extends Operator> operator) {
    this.target = target;
    this.operator = operator;
  }

  /** For {@link MatMul}. */
  public static FloatMatrixRow plain(Target target) {
    return new FloatMatrixRow(target, MatMul.class);
  }

  /** For {@link FusedMatMul}. */
  public static FloatMatrixRow fused(Target target) {
    return new FloatMatrixRow(target, FusedMatMul.class);
  }

  @Override
  public String name() {
    String kind = operator == MatMul.class ? "matmul" : "fused-matmul";
    return "float32-" + kind + "-" + target.isa().property();
  }

  @Override
  public Class<? extends Operator> operator() {
    return operator;
  }

  @Override
  public Set<Layout> layouts() {
    return EnumSet.of(Layout.ROW_MAJOR);
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    if (request.inputDType(0) != DType.FLOAT32) {
      return Optional.of("not float32");
    }
    if (!request.isConstant(MATRIX)
        || request.inputShape(MATRIX).rank() != 2
        || request.inputShape(0).rank() < 2
        || request.isConstant(0)) {
      return Optional.of("it is no product of rows with a constant matrix");
    }
    if (request.outputShape(0).size() == 0 || request.inputShape(MATRIX).size() == 0) {
      return Optional.of("nothing to compute");
    }
    MatrixShape shape = shape(request);
    if (!MatrixKernel.takes(target.isa(), shape, productsPerNano())) {
      return Optional.of("the sums are too long for a short call");
    }
    if (request.hasInput(FloatMatrixKernel.RESIDUAL)
        && !request.inputShape(FloatMatrixKernel.RESIDUAL).equals(request.outputShape(0))) {
      return Optional.of("the residual is broadcast");
    }
    if (!MatrixEpilogue.takes(activation(request))) {
      return Optional.of("there is no code for the activation " + activation(request));
    }
    return FloatSums.refusal(request, shape.columns()).or(Host::trial);
  }

  private static Activation activation(KernelRequest request) {
    return request.operator() instanceof FusedMatMul product
        ? product.activation()
        : Activation.NONE;
  }

  private static boolean isTransposed(KernelRequest request) {
    return request.operator() instanceof FusedMatMul product && product.transB();
  }

  private double productsPerNano() {
    return target.isa().vectorBits() / 10.0;
  }

  private static MatrixShape shape(KernelRequest request) {
    Shape matrix = request.inputShape(MATRIX);
    return isTransposed(request)
        ? new MatrixShape(matrix.dim(1), matrix.dim(0), Float.BYTES)
        : new MatrixShape(matrix.dim(0), matrix.dim(1), Float.BYTES);
  }

  @Override
  public double cost(KernelRequest request) {
    double rows = (double) request.outputShape(0).size() / shape(request).columns();
    return 200 + rows * request.inputShape(MATRIX).size() / productsPerNano();
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
    return new FloatMatrixKernel(matrix, rows, productsPerNano(), request.packed());
  }

  private PackedMatrix pack(KernelRequest request) {
    MatrixShape shape = shape(request);
    Activation activation = activation(request);
    float alpha = request.operator() instanceof FusedMatMul product ? product.alpha() : 1;
    FloatSums sums = FloatSums.ofProduct(request, isTransposed(request), alpha, Clipping.NONE);
    boolean residual = request.hasInput(FloatMatrixKernel.RESIDUAL);
    SharedFunctions functions =
        SharedFunctions.of(
            target,
            "float32 " + shape + activation + residual,
            code -> {
              MatrixEpilogue epilogue = new MatrixEpilogue(code, activation, residual);
              FloatFinish finish = new FloatFinish(code, epilogue);
              new MatrixCode(code, shape, new FloatArithmetic(code), finish).emit();
            },
            request.packed());
    int weightBytes = target.isa().vectorBits() / 8;
    return new PackedMatrix(
        target.isa(),
        shape,
        new WholePanels(target.isa(), shape, new Floats(sums), weightBytes, FloatFinish.CONSTANTS),
        functions,
        request.packed());
  }

  private record Floats(FloatSums sums) implements WholePanels.Values {
    @Override
    public void put(byte[] to, int at, int element, int step, int column) {
      int depth = sums.weights().length / sums.biases().length;
      PanelPacking.putFloat(to, at + 4 * element, sums.weights()[column * depth + step]);
    }

    @Override
    public int constant(int index, int column) {
      return Float.floatToRawIntBits(sums.biases()[column]);
    }
  }
}
