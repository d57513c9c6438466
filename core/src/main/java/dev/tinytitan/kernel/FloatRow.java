package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * A row for float32 given by its parts.
 *
 * @param limits why a request cannot be met, beside those that every float row has
 * @param estimate estimated nanoseconds
 * @param inPlace whether output 0 may lie in the array of input 0
 */
public record FloatRow(
    String name,
    Class<? extends Operator> operator,
    Set<Layout> layouts,
    boolean inPlace,
    Function<KernelRequest, Optional<String>> limits,
    ToDoubleFunction<KernelRequest> estimate,
    Function<KernelRequest, Kernel> maker)
    implements KernelRow {

  @Override
  public Optional<String> refuses(KernelRequest request) {
    for (Optional<TensorType> input : request.inputs()) {
      if (input.isPresent() && input.get().dtype() == DType.FLOAT32) {
        return refusesFloat(request);
      }
    }
    return Optional.of("no input is float32");
  }

  private Optional<String> refusesFloat(KernelRequest request) {
    if (request.outputDType(0) != DType.FLOAT32) {
      return Optional.of("the output is " + request.outputDType(0) + ", not float32");
    }
    return limits.apply(request);
  }

  @Override
  public double cost(KernelRequest request) {
    return estimate.applyAsDouble(request);
  }

  @Override
  public boolean canRunInPlace(int index) {
    return inPlace && index == 0;
  }

  @Override
  public Kernel make(KernelRequest request) {
    return maker.apply(request);
  }
}
