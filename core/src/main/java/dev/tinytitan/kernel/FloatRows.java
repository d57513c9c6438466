package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.BinaryOperator;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.DequantizedMatMul;
import dev.tinytitan.op.FusedAttention;
import dev.tinytitan.op.FusedConv;
import dev.tinytitan.op.FusedMatMul;
import dev.tinytitan.op.GRU;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.GlobalMaxPool;
import dev.tinytitan.op.GroupNormalization;
import dev.tinytitan.op.InstanceNormalization;
import dev.tinytitan.op.LSTM;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.RMSNormalization;
import dev.tinytitan.op.RNN;
import dev.tinytitan.op.Reduction;
import dev.tinytitan.op.Resize;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.UnaryOperator;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The float32 kernels of this package, on the inner loops of an engine. */
public final class FloatRows {
  private static final Set<Layout> ROW_MAJOR = EnumSet.of(Layout.ROW_MAJOR);
  private static final Set<Layout> CHANNELS_LAST = EnumSet.of(Layout.CHANNELS_LAST);
  private static final Set<Layout> BOTH = EnumSet.of(Layout.ROW_MAJOR, Layout.CHANNELS_LAST);

  private final VectorOperations operations;
  private final List<KernelRow> rows = new ArrayList<>();

  private FloatRows(VectorOperations operations) {
    this.operations = operations;
  }

  /** One row for each kernel, computing with these inner loops. */
  public static List<KernelRow> of(VectorOperations operations) {
    FloatRows table = new FloatRows(operations);
    table.addConvolutions();
    table.addImages();
    table.addMatrices();
    table.addRecurrences();
    table.addRowFunctions();
    table.addReductions();
    table.addPoolings();
    table.addElements();
    return List.copyOf(table.rows);
  }

  private void addConvolutions() {
    for (Class<? extends Operator> operator : List.of(FusedConv.class, Conv.class)) {
      rows.add(new FloatDepthwiseRow(operator, operations));
      rows.add(new FloatConvRow(operator, operations));
    }
  }

  private void addImages() {
    add(
        Resize.class,
        "places",
        CHANNELS_LAST,
        false,
        FloatResizeKernel::refusal,
        perElement(1),
        FloatResizeKernel::new);
    add(
        ConvTranspose.class,
        "product",
        CHANNELS_LAST,
        false,
        FloatConvTransposeKernel::refusal,
        request ->
            Work.ofProducts(
                (double) request.inputShape(0).size()
                    * request.inputShape(1).size()
                    / request.inputShape(1).dim(0)),
        FloatConvTransposeKernel::new);
  }

  private void addMatrices() {
    ToDoubleFunction<KernelRequest> cost =
        request -> Work.ofProducts(MatrixNode.of(request).products());
    for (Class<? extends Operator> operator :
        List.of(FusedMatMul.class, MatMul.class, Gemm.class)) {
      add(
          operator,
          "packed",
          ROW_MAJOR,
          false,
          FloatMatMulKernel::refusal,
          cost,
          FloatMatMulKernel::new);
      add(
          operator,
          "stack",
          ROW_MAJOR,
          false,
          MatrixNode::refusal,
          request -> 1.2 * cost.applyAsDouble(request),
          FloatBatchedMatMulKernel::new);
    }
    add(
        DequantizedMatMul.class,
        "panels",
        ROW_MAJOR,
        false,
        DequantizedMatMulKernel::refusal,
        DequantizedMatMulKernel::cost,
        DequantizedMatMulKernel::new);
    add(
        FusedAttention.class,
        "heads",
        ROW_MAJOR,
        false,
        FloatAttentionKernel::refusal,
        request -> Work.ofElements(request.outputShape(0).size(), 10),
        FloatAttentionKernel::new);
  }

  private void addRecurrences() {
    for (Class<? extends Operator> operator : List.of(LSTM.class, GRU.class, RNN.class)) {
      add(
          operator,
          "steps",
          ROW_MAJOR,
          false,
          FloatRecurrentKernel::refusal,
          FloatRecurrentKernel::cost,
          FloatRecurrentKernel::new);
    }
  }

  private void addRowFunctions() {
    add(
        Softmax.class,
        "rows",
        BOTH,
        true,
        FloatSoftmaxKernel::refusal,
        perElement(0.5),
        FloatSoftmaxKernel::new);
    add(
        LayerNormalization.class,
        "rows",
        ROW_MAJOR,
        true,
        FloatLayerNormalizationKernel::refusal,
        perElement(0.3),
        FloatLayerNormalizationKernel::new);
  }

  private void addReductions() {
    add(
        Reduction.class,
        "walk",
        ROW_MAJOR,
        false,
        FloatReduceKernel::refusal,
        request -> Work.ofElements(request.inputShape(0).size(), 0.3),
        FloatReduceKernel::new);
    for (Class<? extends Operator> operator :
        List.of(
            BatchNormalization.class,
            InstanceNormalization.class,
            GroupNormalization.class,
            RMSNormalization.class)) {
      add(
          operator,
          "planes",
          ROW_MAJOR,
          false,
          FloatNormalizationKernel::refusal,
          perElement(0.4),
          FloatNormalizationKernel::new);
    }
  }

  private void addPoolings() {
    for (Class<? extends Operator> operator :
        List.of(MaxPool.class, AveragePool.class, GlobalAveragePool.class, GlobalMaxPool.class)) {
      add(
          operator,
          "windows",
          CHANNELS_LAST,
          false,
          FloatPoolKernel::refusal,
          FloatPoolKernel::cost,
          FloatPoolKernel::new);
    }
  }

  private void addElements() {
    rows.add(
        new FloatRow(
            "unary-float32",
            UnaryOperator.class,
            BOTH,
            true,
            request -> Optional.empty(),
            perElement(0.3),
            request -> FloatUnaryKernel.of(operations, request)));
    add(
        Clip.class,
        "cut",
        BOTH,
        true,
        FloatRows::refusesBounds,
        perElement(0.3),
        (loops, request) ->
            FloatUnaryKernel.of(
                loops,
                ElementFunction.clip(
                    bound(request, 1, Float.NEGATIVE_INFINITY),
                    bound(request, 2, Float.POSITIVE_INFINITY)),
                request));
    add(
        BinaryOperator.class,
        "loops",
        BOTH,
        true,
        FloatPairKernel::refusal,
        FloatPairKernel::cost,
        FloatPairKernel::new);
  }

  private static float bound(KernelRequest request, int index, float absent) {
    return request.hasInput(index) ? request.constant(index).getFloat(0) : absent;
  }

  private static Optional<String> refusesBounds(KernelRequest request) {
    for (int i = 1; i <= 2; i++) {
      if (request.hasInput(i) && !request.isConstant(i)) {
        return Optional.of("the range is not constant");
      }
    }
    return bound(request, 1, Float.NEGATIVE_INFINITY) <= bound(request, 2, Float.POSITIVE_INFINITY)
        ? Optional.empty()
        : Optional.of("the range is empty");
  }

  private static ToDoubleFunction<KernelRequest> perElement(double nanos) {
    return request -> Work.ofElements(request.outputShape(0).size(), nanos);
  }

  private void add(
      Class<? extends Operator> operator,
      String how,
      Set<Layout> layouts,
      boolean inPlace,
      Function<KernelRequest, Optional<String>> limits,
      ToDoubleFunction<KernelRequest> cost,
      BiFunction<VectorOperations, KernelRequest, Kernel> maker) {
    String name = operator.getSimpleName().toLowerCase(Locale.ROOT) + "-float32-" + how;
    rows.add(
        new FloatRow(
            name,
            operator,
            layouts,
            inPlace,
            limits,
            cost,
            request -> maker.apply(operations, request)));
  }
}
