package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.IntegerMatMul;
import dev.tinytitan.tensor.Tensor;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Integer matrix product by a constant matrix, on the float inner loops, all exact. */
final class IntegerMatMulRow implements KernelRow {
  private final VectorOperations operations;

  IntegerMatMulRow(VectorOperations operations) {
    this.operations = operations;
  }

  @Override
  public String name() {
    return "integer-matmul-in-floats";
  }

  @Override
  public Class<? extends Operator> operator() {
    return IntegerMatMul.class;
  }

  @Override
  public Set<Layout> layouts() {
    return EnumSet.of(Layout.WIDE_ROW_MAJOR);
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    for (int i = 1; i < request.inputs().size(); i++) {
      if (request.hasInput(i) && !request.isConstant(i)) {
        return Optional.of("the matrix, multipliers or bias are not constant");
      }
    }
    if (request.inputShape(1).rank() != 2 || request.inputShape(0).rank() < 2) {
      return Optional.of("not a stack of rows by a matrix");
    }
    return request.outputShape(0).size() == 0 || request.inputShape(1).size() == 0
        ? Optional.of("nothing to compute")
        : Optional.empty();
  }

  private static IntegerWeights weights(KernelRequest request) {
    IntegerMatMul operator = request.operator(IntegerMatMul.class);
    Tensor matrix = request.constant(1);
    boolean transposed = operator.transB();
    int depth = matrix.shape().dim(transposed ? 1 : 0);
    int columns = matrix.shape().dim(transposed ? 0 : 1);
    return IntegerWeights.of(
        matrix,
        columns,
        transposed ? depth : 1,
        depth,
        transposed ? 1 : columns,
        optional(request, 4),
        optional(request, 3),
        operator.aZeroPoint(),
        request.inputDType(0).isUnsigned());
  }

  private static @Nullable Tensor optional(KernelRequest request, int index) {
    return request.hasInput(index) ? request.constant(index) : null;
  }

  @Override
  public double cost(KernelRequest request) {
    return Work.ofProducts((double) request.outputShape(0).size() * request.inputShape(0).dim(-1));
  }

  @Override
  public Kernel make(KernelRequest request) {
    IntegerMatMul operator = request.operator(IntegerMatMul.class);
    int columns = request.outputShape(0).dim(-1);
    int rowStride = operator.transB() ? 1 : columns;
    int columnStride = operator.transB() ? request.inputShape(0).dim(-1) : 1;
    IntegerWeights weights = weights(request);
    IntegerEpilogue epilogue =
        new IntegerEpilogue(
            operations,
            weights.high(0, columns),
            IntegerEpilogue.multipliers(request.constant(2), 0, columns),
            operator.output());
    return IntegerRowKernel.of(operations, request, weights, rowStride, columnStride, epilogue)
        .orElseGet(
            () -> new Product(operations, request, weights, rowStride, columnStride, epilogue));
  }

  private static final class Product implements Kernel {
    private final PanelLayout layout;
    private final BlockedProduct product;
    private final float[] packed;
    private final int rows;
    private final double nanos;

    Product(
        VectorOperations operations,
        KernelRequest request,
        IntegerWeights weights,
        int rowStride,
        int columnStride,
        Epilogue epilogue) {
      int depth = request.inputShape(0).dim(-1);
      int columns = request.outputShape(0).dim(-1);
      this.rows = request.outputShape(0).size() / columns;
      DepthSlices slices =
          new DepthSlices(
              operations.matrices(),
              GatheredRows.of(rows, depth, depth),
              columns,
              weights.sliceDepth());
      this.layout = slices.layout();
      this.packed =
          request
              .packed()
              .get(
                  request.constant(1),
                  "integer panels "
                      + layout.panelWidth()
                      + " "
                      + rowStride
                      + " slices "
                      + slices.count(),
                  float[].class,
                  () -> slices.pack(weights.values().array, rowStride, columnStride));
      this.product = weights.product(operations.matrices(), slices, 0, columns, epilogue);
      this.nanos = Work.ofProducts((double) rows * depth * columns);
    }

    @Override
    public boolean reads(int index) {
      return index == 0;
    }

    @Override
    public int parts(int threads) {
      return Work.parts(threads, nanos, rows / BlockedProduct.ROW_MULTIPLE);
    }

    @Override
    public int scratchFloats() {
      return product.scratchFloats();
    }

    @Override
    public int scratchInts() {
      return product.scratchInts();
    }

    @Override
    public void run(
        @Nullable Tensor[] inputs,
        @Nullable Tensor[] outputs,
        Scratch scratch,
        int part,
        int parts) {
      int from = Work.bound(rows, BlockedProduct.ROW_MULTIPLE, part, parts);
      int to = Work.bound(rows, BlockedProduct.ROW_MULTIPLE, part + 1, parts);
      product.run(
          Objects.requireNonNull(inputs[0]).floatArray(),
          0,
          packed,
          0,
          Objects.requireNonNull(outputs[0]).floatArray(),
          0,
          layout.columns(),
          null,
          0,
          from,
          to,
          0,
          layout.panels(),
          scratch);
    }
  }
}
