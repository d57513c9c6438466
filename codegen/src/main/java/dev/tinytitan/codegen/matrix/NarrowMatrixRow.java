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
import dev.tinytitan.tensor.DType;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Products of rows of floats with a constant matrix that stays in 8 or 4 bits. */
public final class NarrowMatrixRow implements KernelRow {
  private static final int MATRIX = FloatProduct.MATRIX;
  private static final int BIAS = 2;

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
    if (!areConstant(request)) {
      return Optional.of("scales, zero points or the bias are not constant");
    }
    FloatProduct product = product(request);
    Optional<String> refusal = product.refusal(target.isa());
    if (refusal.isPresent()) {
      return refusal;
    }
    if (request.hasInput(BIAS)
        && (request.inputDType(BIAS) != DType.FLOAT32
            || request.constant(BIAS).size() != product.shape().columns())) {
      return Optional.of("there is not one bias for each column");
    }
    return Host.trial();
  }

  private static boolean areConstant(KernelRequest request) {
    boolean constant = request.isConstant(DequantizedMatMul.SCALE);
    for (int input : new int[] {BIAS, DequantizedMatMul.ZERO_POINT}) {
      constant &= !request.hasInput(input) || request.isConstant(input);
    }
    return constant;
  }

  private static FloatProduct product(KernelRequest request) {
    return FloatProduct.of(request, request.operator(DequantizedMatMul.class).product());
  }

  @Override
  public double cost(KernelRequest request) {
    double nanosOfProducts = product(request).rows() / FloatProduct.productsPerNano(target.isa());
    return 200 + request.inputShape(MATRIX).size() * (NANOS_OF_WEIGHT + nanosOfProducts);
  }

  @Override
  public Kernel make(KernelRequest request) {
    NarrowFormat format = NarrowPanels.format(target.isa(), product(request).shape(), request);
    PackedMatrix matrix =
        request
            .packed()
            .get(
                request.constant(MATRIX),
                name() + " for " + request.node().output(),
                PackedMatrix.class,
                () -> pack(request, format));
    return new NarrowMatrixKernel(
        matrix,
        format,
        product(request).rows(),
        FloatProduct.productsPerNano(target.isa()),
        request.packed());
  }

  private PackedMatrix pack(KernelRequest request, NarrowFormat format) {
    Activation activation = product(request).activation();
    boolean residual = product(request).hasResidual();
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
