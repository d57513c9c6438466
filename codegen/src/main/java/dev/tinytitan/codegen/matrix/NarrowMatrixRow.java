package dev.tinytitan.codegen.matrix;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.emit.FloatArithmetic;
import dev.tinytitan.codegen.emit.SharedFunctions;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.op.Activation;
import dev.tinytitan.op.DequantizedMatMul;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Products of rows of floats with a constant matrix that stays in 8 or 4 bits. */
public final class NarrowMatrixRow implements KernelRow {
  private static final int MATRIX = 1;
  private static final int BIAS = 2;
  private static final int RESIDUAL = FloatMatrixKernel.RESIDUAL;

  private static final double NANOS_OF_WEIGHT = 0.05;

  private final Target target;

  /** For what this processor can do. */
  public NarrowMatrixRow(Target target) {
    this.target = target;
  }

  @Override
  public String name() {
    return "narrow-weights-matmul-" + target.isa().property();
  }

  @Override
  public Class<? extends Operator> operator() {
    return DequantizedMatMul.class;
  }

  @Override
  public Set<Layout> layouts() {
    return EnumSet.of(Layout.ROW_MAJOR);
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    DType dtype = request.inputDType(MATRIX);
    if (request.inputDType(0) != DType.FLOAT32
        || request.inputDType(DequantizedMatMul.SCALE) != DType.FLOAT32) {
      return Optional.of("not float32");
    }
    if (!dtype.isInteger() || (dtype.bits() != 8 && dtype.bits() != 4)) {
      return Optional.of("no matrix of 8 or 4 bits");
    }
    if (!areConstant(request)
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
    if (request.hasInput(BIAS)
        && (request.inputDType(BIAS) != DType.FLOAT32
            || request.constant(BIAS).size() != shape.columns())) {
      return Optional.of("there is not one bias for each column");
    }
    if (request.hasInput(RESIDUAL)
        && !request.inputShape(RESIDUAL).equals(request.outputShape(0))) {
      return Optional.of("the residual is broadcast");
    }
    if (!MatrixEpilogue.takes(product(request).activation())) {
      return Optional.of("there is no code for the activation " + product(request).activation());
    }
    return Host.trial();
  }

  private static boolean areConstant(KernelRequest request) {
    boolean constant = request.isConstant(MATRIX) && request.isConstant(DequantizedMatMul.SCALE);
    for (int input : new int[] {BIAS, DequantizedMatMul.ZERO_POINT}) {
      constant &= !request.hasInput(input) || request.isConstant(input);
    }
    return constant;
  }

  private static FusedMatMul product(KernelRequest request) {
    return request.operator(DequantizedMatMul.class).product();
  }

  private double productsPerNano() {
    return target.isa().vectorBits() / 10.0;
  }

  private static MatrixShape shape(KernelRequest request) {
    Shape matrix = request.inputShape(MATRIX);
    return product(request).transB()
        ? new MatrixShape(matrix.dim(1), matrix.dim(0), Float.BYTES)
        : new MatrixShape(matrix.dim(0), matrix.dim(1), Float.BYTES);
  }

  @Override
  public double cost(KernelRequest request) {
    double rows = (double) request.outputShape(0).size() / shape(request).columns();
    double weights = request.inputShape(MATRIX).size();
    return 200 + weights * (NANOS_OF_WEIGHT + rows / productsPerNano());
  }

  @Override
  public Kernel make(KernelRequest request) {
    NarrowFormat format = NarrowPanels.format(target.isa(), shape(request), request);
    PackedMatrix matrix =
        request
            .packed()
            .get(
                request.constant(MATRIX),
                name() + " for " + request.node().output(),
                PackedMatrix.class,
                () -> pack(request, format));
    int rows = request.outputShape(0).size() / format.shape().columns();
    return new NarrowMatrixKernel(matrix, format, rows, productsPerNano(), request.packed());
  }

  private PackedMatrix pack(KernelRequest request, NarrowFormat format) {
    Activation activation = product(request).activation();
    boolean residual = request.hasInput(RESIDUAL);
    SharedFunctions functions =
        SharedFunctions.of(
            target,
            "narrow weights " + format + activation + residual,
            code -> {
              MatrixEpilogue epilogue = new MatrixEpilogue(code, activation, residual);
              FloatFinish finish = new FloatFinish(code, epilogue);
              new MatrixCode(code, format.shape(), new FloatArithmetic(code), finish).emit();
              new NarrowCode(code, format, finish).emit();
            },
            request.packed());
    NarrowPanels panels = NarrowPanels.of(format, request);
    return new PackedMatrix(target.isa(), format.shape(), panels, functions, request.packed());
  }
}
