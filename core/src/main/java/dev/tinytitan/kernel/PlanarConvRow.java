package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.FusedConv;
import dev.tinytitan.op.IntegerConv;
import dev.tinytitan.tensor.DType;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Convolution with contiguous places: the form that loops in plain Java are fastest in. */
final class PlanarConvRow implements KernelRow {
  private final Class<? extends Operator> operator;
  private final VectorOperations operations;

  private PlanarConvRow(Class<? extends Operator> operator, VectorOperations operations) {
    this.operator = operator;
    this.operations = operations;
  }

  static List<KernelRow> all(VectorOperations operations) {
    return List.of(
        new PlanarConvRow(FusedConv.class, operations),
        new PlanarConvRow(Conv.class, operations),
        new PlanarConvRow(IntegerConv.class, operations));
  }

  @Override
  public String name() {
    return operator.getSimpleName().toLowerCase(Locale.ROOT) + "-planar";
  }

  @Override
  public Class<? extends Operator> operator() {
    return operator;
  }

  @Override
  public Set<Layout> layouts() {
    return EnumSet.of(isInteger() ? Layout.WIDE_ROW_MAJOR : Layout.ROW_MAJOR);
  }

  private boolean isInteger() {
    return operator == IntegerConv.class;
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    Optional<String> refusal =
        isInteger() ? IntegerConvRow.refusal(request) : ConvolutionNode.refusal(request);
    if (refusal.isPresent()) {
      return refusal;
    }
    int rank = request.inputShape(0).rank() - 2;
    if (rank > ChannelPlanes.MAX_RANK) {
      return Optional.of(rank + " spatial axes");
    }
    return isInteger() && !IntegerConvRow.weights(request).isExact()
        ? Optional.of("sums may exceed 2^24, up to which float32 has every integer")
        : request.outputDType(0) == DType.FLOAT32 || isInteger()
            ? Optional.empty()
            : Optional.of("the output is " + request.outputDType(0) + ", not float32");
  }

  @Override
  public double cost(KernelRequest request) {
    return PlanarConvKernel.nanos(ConvolutionNode.of(request));
  }

  @Override
  public Kernel make(KernelRequest request) {
    if (isInteger()) {
      return integer(request);
    }
    ConvolutionNode node = ConvolutionNode.of(request);
    FloatEpilogue epilogue = FloatEpilogue.of(operations.elements(), node.then());
    return new PlanarConvKernel(
        request,
        () -> request.constant(1).toFloatArray(),
        node.bias(request),
        (y, from, count, filter, residual) ->
            epilogue.apply(y, from, count, 1, 0, count, residual, from),
        0);
  }

  private static Kernel integer(KernelRequest request) {
    IntegerConv integer = request.operator(IntegerConv.class);
    ConvolutionNode node = ConvolutionNode.of(request);
    IntegerWeights weights = IntegerConvRow.weights(request);
    float[] high = weights.high(0, node.filters());
    float[] multipliers = IntegerEpilogue.multipliers(request.constant(2), 0, node.filters());
    int zeroPoint = integer.output().zeroPoint();
    float low = integer.output().low() - zeroPoint;
    float most = integer.output().high() - zeroPoint;
    return new PlanarConvKernel(
        request,
        () -> weights.values().array,
        weights.low().array,
        (y, from, count, filter, residual) ->
            PortableIntegerOperations.requantize(
                y,
                from,
                high == null ? 0 : high[filter],
                multipliers[filter],
                low,
                most,
                zeroPoint,
                count),
        integer.xZeroPoint());
  }
}
