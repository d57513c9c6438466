package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.IntegerConv;
import dev.tinytitan.tensor.Tensor;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Integer convolution on the float inner loops: products and sums of integers, all exact. */
final class IntegerConvRow implements KernelRow {
  private final VectorOperations operations;

  IntegerConvRow(VectorOperations operations) {
    this.operations = operations;
  }

  @Override
  public String name() {
    return "integer-conv-in-floats";
  }

  @Override
  public Class<? extends Operator> operator() {
    return IntegerConv.class;
  }

  @Override
  public Set<Layout> layouts() {
    return EnumSet.of(Layout.WIDE_CHANNELS_LAST);
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    return refusal(request);
  }

  /** Why no kernel can compute a node; empty if one can. */
  static Optional<String> refusal(KernelRequest request) {
    for (int i = 1; i < request.inputs().size(); i++) {
      if (request.hasInput(i) && !request.isConstant(i)) {
        return Optional.of("weights, multipliers or bias are not constant");
      }
    }
    return ConvolutionNode.shapeRefusal(request);
  }

  private static boolean isDepthwise(ConvolutionNode node) {
    return node.groupChannels() == 1 && node.groupFilters() == 1;
  }

  static IntegerWeights weights(KernelRequest request) {
    IntegerConv operator = request.operator(IntegerConv.class);
    Tensor weights = request.constant(1);
    int filters = weights.shape().dim(0);
    int elements = weights.size() / filters;
    return IntegerWeights.of(
        weights,
        filters,
        elements,
        elements,
        1,
        optional(request, 4),
        optional(request, 3),
        operator.xZeroPoint(),
        request.inputDType(0).isUnsigned());
  }

  private static @Nullable Tensor optional(KernelRequest request, int index) {
    return request.hasInput(index) ? request.constant(index) : null;
  }

  @Override
  public double cost(KernelRequest request) {
    ConvolutionNode node = ConvolutionNode.of(request);
    return isDepthwise(node)
        ? FloatDepthwiseKernel.nanos(operations.windows(), node)
        : FloatConvRow.nanos(operations.matrices(), node);
  }

  @Override
  public Kernel make(KernelRequest request) {
    IntegerConv operator = request.operator(IntegerConv.class);
    ConvolutionNode node = ConvolutionNode.of(request);
    IntegerWeights weights = weights(request);
    Tensor multipliers = request.constant(2);
    if (isDepthwise(node) && weights.isExact()) {
      return new FloatDepthwiseKernel(
          operations,
          request,
          node,
          () -> weights.values().array,
          weights.low().array,
          new IntegerEpilogue(
              operations,
              weights.high(0, node.filters()),
              IntegerEpilogue.multipliers(multipliers, 0, node.filters()),
              operator.output()),
          operator.xZeroPoint());
    }
    int filters = node.groupFilters();
    return new FloatConvKernel(
        operations.matrices(),
        request,
        node,
        () -> weights.values().array,
        weights.sliceDepth(),
        (group, slices) ->
            weights.product(
                operations.matrices(),
                slices,
                group * filters,
                filters,
                new IntegerEpilogue(
                    operations,
                    weights.high(group * filters, filters),
                    IntegerEpilogue.multipliers(multipliers, group * filters, filters),
                    operator.output())),
        operator.xZeroPoint());
  }
}
