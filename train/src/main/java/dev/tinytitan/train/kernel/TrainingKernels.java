package dev.tinytitan.train.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.FloatRow;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelExtension;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.kernel.VectorOperations;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.MovementGradient;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.op.UnaryGradient;
import dev.tinytitan.train.op.AveragePoolGradient;
import dev.tinytitan.train.op.BatchNormalizationGradient;
import dev.tinytitan.train.op.BatchNormalizationSums;
import dev.tinytitan.train.op.BatchNormalizationTraining;
import dev.tinytitan.train.op.ChannelMoments;
import dev.tinytitan.train.op.ConvInputGradient;
import dev.tinytitan.train.op.ConvWeightGradient;
import dev.tinytitan.train.op.FakeQuantize;
import dev.tinytitan.train.op.FakeQuantizeGradient;
import dev.tinytitan.train.op.MaxPoolGradient;
import dev.tinytitan.train.op.NearestValue;
import dev.tinytitan.train.op.NearestValueGradient;
import dev.tinytitan.train.op.TrainingDropout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** The kernels of training: for its own operators, and for layers whose weights change. */
public final class TrainingKernels implements KernelExtension {
  private static final Set<Layout> ROW_MAJOR = EnumSet.of(Layout.ROW_MAJOR);
  private static final Set<Layout> CHANNELS_LAST = EnumSet.of(Layout.CHANNELS_LAST);
  private static final Set<Layout> BOTH = EnumSet.of(Layout.ROW_MAJOR, Layout.CHANNELS_LAST);

  /** For the service loader. */
  public TrainingKernels() {}

  @Override
  public List<KernelRow> rows(VectorOperations operations) {
    Table table = new Table();
    addConvolutions(table, operations);
    addPoolings(table);
    addBatchNormalization(table, operations);
    for (Class<? extends Operator> operator : List.of(Gemm.class, MatMul.class)) {
      table.add(
          operator,
          "varying",
          ROW_MAJOR,
          MatrixKernel::refusal,
          MatrixKernel::cost,
          request -> new MatrixKernel(operations, request));
    }
    for (Class<? extends Operator> operator : List.of(ReduceSum.class, ReduceMean.class)) {
      table.add(
          operator,
          "rows",
          BOTH,
          SumKernel::refusal,
          perInputElement(0.2),
          request -> new SumKernel(operations, request));
    }
    table.add(
        UnaryGradient.class,
        "loop",
        BOTH,
        UnaryGradientKernel::refusal,
        UnaryGradientKernel::cost,
        UnaryGradientKernel::new);
    table.add(
        TrainingDropout.class,
        "loop",
        ROW_MAJOR,
        request -> request.isConstant(0) ? Optional.of("constant elements") : Optional.empty(),
        perInputElement(2),
        DropoutKernel::new);
    table.add(
        MovementGradient.class,
        "constant",
        ROW_MAJOR,
        MovementGradientKernel::refusal,
        perInputElement(1),
        MovementGradientKernel::new);
    table.add(
        FakeQuantize.class,
        "rows",
        BOTH,
        FakeQuantizeKernel::refusal,
        FakeQuantizeKernel::cost,
        FakeQuantizeKernel::new);
    table.add(
        FakeQuantizeGradient.class,
        "rows",
        BOTH,
        FakeQuantizeGradientKernel::refusal,
        FakeQuantizeGradientKernel::cost,
        FakeQuantizeGradientKernel::new);
    table.add(
        NearestValue.class,
        "search",
        BOTH,
        NearestValueKernel::refusal,
        NearestValueKernel::cost,
        NearestValueKernel::new);
    table.add(
        NearestValueGradient.class,
        "sums",
        BOTH,
        NearestValueGradientKernel::refusal,
        NearestValueGradientKernel::cost,
        NearestValueGradientKernel::new);
    return List.copyOf(table.rows);
  }

  private static void addConvolutions(Table table, VectorOperations operations) {
    ToDoubleFunction<KernelRequest> forward = request -> ConvKernel.shape(request).nanos();
    ToDoubleFunction<KernelRequest> input =
        request -> ConvInputGradientKernel.shape(request).nanos();
    ToDoubleFunction<KernelRequest> weight =
        request -> ConvWeightGradientKernel.shape(request).nanos();
    table.add(
        Conv.class,
        "varying",
        CHANNELS_LAST,
        ConvKernel::refusal,
        scaled(1.1, forward),
        request -> new ConvKernel(operations, request));
    table.add(
        Conv.class,
        "varying-depthwise",
        CHANNELS_LAST,
        DepthwiseKernel::refusal,
        forward,
        request -> new DepthwiseKernel(operations, request));
    table.add(
        ConvInputGradient.class,
        "turned",
        CHANNELS_LAST,
        ConvInputGradientKernel::refusal,
        scaled(1.1, input),
        request -> new ConvInputGradientKernel(operations, request));
    table.add(
        ConvInputGradient.class,
        "scatter",
        CHANNELS_LAST,
        ConvScatterKernel::refusal,
        scaled(1.7, input),
        request -> new ConvScatterKernel(operations, request));
    table.add(
        ConvInputGradient.class,
        "depthwise",
        CHANNELS_LAST,
        DepthwiseInputGradientKernel::refusal,
        input,
        DepthwiseInputGradientKernel::new);
    table.add(
        ConvWeightGradient.class,
        "product",
        CHANNELS_LAST,
        ConvWeightGradientKernel::refusal,
        scaled(1.1, weight),
        request -> new ConvWeightGradientKernel(operations, request));
    table.add(
        ConvWeightGradient.class,
        "depthwise",
        CHANNELS_LAST,
        DepthwiseWeightGradientKernel::refusal,
        weight,
        DepthwiseWeightGradientKernel::new);
  }

  private static void addPoolings(Table table) {
    table.add(
        MaxPoolGradient.class,
        "windows",
        CHANNELS_LAST,
        MaxPoolGradientKernel::refusal,
        perInputElement(2),
        MaxPoolGradientKernel::new);
    table.add(
        AveragePoolGradient.class,
        "windows",
        CHANNELS_LAST,
        AveragePoolGradientKernel::refusal,
        perInputElement(1),
        AveragePoolGradientKernel::new);
  }

  private static void addBatchNormalization(Table table, VectorOperations operations) {
    table.add(
        ChannelMoments.class,
        "blocks",
        CHANNELS_LAST,
        TrainingKernels::refusesMatrix,
        perInputElement(0.2),
        request -> new ChannelMomentsKernel(operations, request));
    table.add(
        BatchNormalizationTraining.class,
        "rows",
        CHANNELS_LAST,
        TrainingKernels::refusesMatrix,
        perInputElement(0.2),
        request -> new BatchNormalizationKernel(operations, request));
    table.add(
        BatchNormalizationSums.class,
        "blocks",
        CHANNELS_LAST,
        TrainingKernels::refusesMatrix,
        perInputElement(0.2),
        request -> new BatchNormalizationSumsKernel(operations, request));
    table.add(
        BatchNormalizationGradient.class,
        "rows",
        CHANNELS_LAST,
        TrainingKernels::refusesMatrix,
        perInputElement(0.2),
        request -> new BatchNormalizationGradientKernel(operations, request));
  }

  /** Constants lie row-major, which statistics by channel do not look for. */
  private static Optional<String> refusesMatrix(KernelRequest request) {
    boolean constant = request.constants().stream().anyMatch(Optional::isPresent);
    return constant || request.inputShape(0).size() == 0
        ? Optional.of("constant inputs, or nothing to compute")
        : Optional.empty();
  }

  private static ToDoubleFunction<KernelRequest> scaled(
      double factor, ToDoubleFunction<KernelRequest> cost) {
    return request -> factor * cost.applyAsDouble(request);
  }

  private static ToDoubleFunction<KernelRequest> perInputElement(double nanos) {
    return request -> Work.ofElements(request.inputShape(0).size(), nanos);
  }

  /** Collects rows. */
  private static final class Table {
    private final List<KernelRow> rows = new ArrayList<>();

    private void add(
        Class<? extends Operator> operator,
        String how,
        Set<Layout> layouts,
        Function<KernelRequest, Optional<String>> limits,
        ToDoubleFunction<KernelRequest> cost,
        Function<KernelRequest, Kernel> maker) {
      String name = operator.getSimpleName().toLowerCase(Locale.ROOT) + "-float32-" + how;
      rows.add(new FloatRow(name, operator, layouts, false, limits, cost, maker));
    }
  }
}
