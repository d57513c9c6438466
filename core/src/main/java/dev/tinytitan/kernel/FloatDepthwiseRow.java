package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Convolution of each channel by itself, vectorized over the channels. */
final class FloatDepthwiseRow implements KernelRow {
  private final Class<? extends Operator> operator;
  private final VectorOperations operations;

  FloatDepthwiseRow(Class<? extends Operator> operator, VectorOperations operations) {
    this.operator = operator;
    this.operations = operations;
  }

  @Override
  public String name() {
    return operator.getSimpleName().toLowerCase(Locale.ROOT) + "-float32-depthwise";
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
    Optional<String> refusal = ConvolutionNode.refusal(request);
    if (refusal.isPresent()) {
      return refusal;
    }
    ConvolutionNode node = ConvolutionNode.of(request);
    return node.groupChannels() == 1 && node.groupFilters() == 1
        ? Optional.empty()
        : Optional.of("not one filter for each channel");
  }

  @Override
  public double cost(KernelRequest request) {
    return FloatDepthwiseKernel.nanos(operations.windows(), ConvolutionNode.of(request));
  }

  @Override
  public Kernel make(KernelRequest request) {
    return new FloatDepthwiseKernel(operations, request);
  }
}
