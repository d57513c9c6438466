package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Convolution as a product of windows with packed weights, in groups or not. */
final class FloatConvRow implements KernelRow {
  private final Class<? extends Operator> operator;
  private final VectorOperations operations;

  FloatConvRow(Class<? extends Operator> operator, VectorOperations operations) {
    this.operator = operator;
    this.operations = operations;
  }

  @Override
  public String name() {
    return operator.getSimpleName().toLowerCase(Locale.ROOT) + "-float32-product";
  }

  @Override
  public Class<? extends Operator> operator() {
    return operator;
  }

  @Override
  public Set<Layout> layouts() {
    return EnumSet.of(Layout.CHANNELS_LAST);
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    return ConvolutionNode.refusal(request);
  }

  @Override
  public double cost(KernelRequest request) {
    return nanos(operations.matrices(), ConvolutionNode.of(request));
  }

  /** Estimated nanoseconds of products of windows with weights. */
  static double nanos(MatrixOperations matrices, ConvolutionNode node) {
    int rows = node.input().dim(0) * node.positions();
    int depth = node.groupChannels() * node.taps();
    return node.group() * matrices.nanos(rows, depth, node.groupFilters());
  }

  @Override
  public Kernel make(KernelRequest request) {
    return new FloatConvKernel(operations, request);
  }
}
