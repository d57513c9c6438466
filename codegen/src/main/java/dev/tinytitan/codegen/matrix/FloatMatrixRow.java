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
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Products of rows of floats with a constant matrix, of what rank the rows' tensor may be. */
public final class FloatMatrixRow implements KernelRow {
  private static final int MATRIX = FloatProduct.MATRIX;

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
    FloatProduct product = product(request);
    return product
        .refusal(target.isa())
        .or(() -> FloatSums.refusal(request, product.shape().columns()))
        .or(Host::trial);
  }

  private static FloatProduct product(KernelRequest request) {
    return FloatProduct.of(request, request.operator());
  }

  @Override
  public double cost(KernelRequest request) {
    double products = (double) product(request).rows() * request.inputShape(MATRIX).size();
    return 200 + products / FloatProduct.productsPerNano(target.isa());
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
    return new FloatMatrixKernel(
        matrix,
        product(request).rows(),
        FloatProduct.productsPerNano(target.isa()),
        request.packed());
  }

  private PackedMatrix pack(KernelRequest request) {
    FloatProduct product = product(request);
    MatrixShape shape = product.shape();
    float alpha = request.operator() instanceof FusedMatMul fused ? fused.alpha() : 1;
    FloatSums sums = FloatSums.ofProduct(request, product.transposed(), alpha, Clipping.NONE);
    Activation activation = product.activation();
    boolean residual = product.hasResidual();
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
