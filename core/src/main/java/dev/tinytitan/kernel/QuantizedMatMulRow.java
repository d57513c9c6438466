package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.DynamicQuantizeLinear;
import dev.tinytitan.op.QuantizedMatMul;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A matrix product whose float rows are quantized on the way: steps less the zero point are
 * integers that float32 has, and so are their sums with integer weights.
 */
public final class QuantizedMatMulRow implements KernelRow {
  /** Input: the matrix. */
  public static final int MATRIX = 1;

  /** Input: its scales. */
  public static final int SCALE = 2;

  /** Input: its zero points. */
  public static final int ZERO_POINT = 3;

  /** Input: the bias. */
  public static final int BIAS = 4;

  private static final int RESIDUAL = QuantizedMatMul.RESIDUAL;

  private final VectorOperations operations;

  QuantizedMatMulRow(VectorOperations operations) {
    this.operations = operations;
  }

  @Override
  public String name() {
    return "quantized-matmul-in-floats";
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
    return refusal(request);
  }

  /** Why no kernel can compute a node; empty if one can. */
  public static Optional<String> refusal(KernelRequest request) {
    for (int i = MATRIX; i < Math.min(RESIDUAL, request.inputs().size()); i++) {
      if (request.hasInput(i) && !request.isConstant(i)) {
        return Optional.of("the matrix, its scale or the bias are not constant");
      }
    }
    if (request.inputDType(0) != DType.FLOAT32 || request.inputDType(SCALE) != DType.FLOAT32) {
      return Optional.of("not float32");
    }
    return request.outputShape(0).size() == 0 || request.inputShape(MATRIX).size() == 0
        ? Optional.of("nothing to compute")
        : Optional.empty();
  }

  /** The weights less their zero points; steps less theirs reach from -255 to 255. */
  private static IntegerWeights weights(KernelRequest request) {
    Shape matrix = request.inputShape(MATRIX);
    return IntegerWeights.of(
        request.constant(MATRIX),
        matrix.dim(1),
        1,
        matrix.dim(0),
        matrix.dim(1),
        request.hasInput(ZERO_POINT) ? request.constant(ZERO_POINT) : null,
        null,
        0,
        true);
  }

  @Override
  public double cost(KernelRequest request) {
    return Work.ofProducts((double) request.outputShape(0).size() * request.inputShape(0).dim(-1));
  }

  @Override
  public Kernel make(KernelRequest request) {
    return new Product(operations, request);
  }

  private static final class Product implements Kernel {
    private final VectorOperations operations;
    private final PanelLayout layout;
    private final BlockedProduct product;
    private final float[] packed;
    private final float[] scales;
    private final float[] bias;
    private final FloatEpilogue epilogue;
    private final int rows;
    private final int depth;
    private final int columns;
    private final DynamicQuantizeLinear.@Nullable Parameters calibrated;

    Product(VectorOperations operations, KernelRequest request) {
      this.operations = operations;
      this.depth = request.inputShape(MATRIX).dim(0);
      this.columns = request.inputShape(MATRIX).dim(1);
      this.rows = request.outputShape(0).size() / columns;
      IntegerWeights weights = weights(request);
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
                  request.constant(MATRIX),
                  "dynamic integer panels " + layout.panelWidth() + " slices " + slices.count(),
                  float[].class,
                  () -> slices.pack(weights.values().array, columns, 1));
      this.scales = IntegerEpilogue.multipliers(request.constant(SCALE), 0, columns);
      this.bias =
          request.hasInput(BIAS) ? request.constant(BIAS).toFloatArray() : new float[columns];
      QuantizedMatMul operator = request.operator(QuantizedMatMul.class);
      this.calibrated = operator.calibrated();
      this.epilogue = FloatEpilogue.of(operations.elements(), operator.activation());
      this.product =
          weights.product(
              operations.matrices(),
              slices,
              0,
              columns,
              (y, from, stride, blockRows, column, count, residual, residualFrom) -> {});
    }

    @Override
    public boolean reads(int index) {
      return index == 0 || index == RESIDUAL;
    }

    @Override
    public int parts(int threads) {
      double nanos = Work.ofProducts((double) rows * depth * columns);
      return Work.parts(threads, nanos, rows / BlockedProduct.ROW_MULTIPLE);
    }

    /** The product's own scratch, the quantized rows, and a multiplier for each column. */
    @Override
    public int scratchFloats() {
      return operations.matrices().scratchFloats() + rows * depth + columns;
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
      if (from == to) {
        return;
      }
      float[] x = Objects.requireNonNull(inputs[0]).floatArray();
      float[] y = Objects.requireNonNull(outputs[0]).floatArray();
      float[] memory = scratch.floats();
      int steps = operations.matrices().scratchFloats();
      int multipliers = steps + rows * depth;
      float range;
      int zeroPoint;
      if (calibrated != null) {
        range = calibrated.scale();
        zeroPoint = calibrated.zeroPoint();
      } else {
        // One scale for the whole tensor, whichever part this is.
        float least = 0;
        float greatest = 0;
        for (int i = 0; i < rows * depth; i++) {
          least = Math.min(least, x[i]);
          greatest = Math.max(greatest, x[i]);
        }
        range = DynamicQuantizeLinear.Parameters.scale(least, greatest);
        zeroPoint = DynamicQuantizeLinear.Parameters.zeroPoint(least, range);
      }
      operations
          .integers()
          .quantize(
              x,
              from * depth,
              range,
              -zeroPoint,
              255 - zeroPoint,
              0,
              memory,
              steps + from * depth,
              (to - from) * depth);
      for (int column = 0; column < columns; column++) {
        memory[multipliers + column] = range * scales[column];
      }
      product.run(
          memory, steps, packed, 0, y, 0, columns, null, 0, from, to, 0, layout.panels(), scratch);
      for (int row = from; row < to; row++) {
        operations
            .elements()
            .scaleAndShift(
                y, row * columns, memory, multipliers, bias, 0, y, row * columns, columns);
      }
      Tensor residual = inputs.length > RESIDUAL ? inputs[RESIDUAL] : null;
      epilogue.apply(
          y,
          from * columns,
          columns,
          to - from,
          0,
          columns,
          residual == null ? null : residual.floatArray(),
          from * columns);
    }
  }
}
