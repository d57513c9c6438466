package dev.tinytitan.codegen.normalization;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Layer normalization of contiguous rows with constant scale and bias, in float32. */
public final class NormalizationRow implements KernelRow {
  private static final int SCALE = 1;
  private static final int BIAS = 2;

  private final Target target;

  /** For what this processor can do. */
  public NormalizationRow(Target target) {
    this.target = target;
  }

  @Override
  public String name() {
    return "layer-normalization-float32-" + target.isa().property();
  }

  @Override
  public Class<? extends Operator> operator() {
    return LayerNormalization.class;
  }

  @Override
  public Set<Layout> layouts() {
    return EnumSet.of(Layout.ROW_MAJOR);
  }

  @Override
  public boolean canRunInPlace(int index) {
    return index == 0;
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    for (int i = 1; i < request.node().outputs().size(); i++) {
      if (!request.node().output(i).isEmpty()) {
        return Optional.of("mean or deviation are wanted");
      }
    }
    if (request.inputDType(0) != DType.FLOAT32) {
      return Optional.of("not float32");
    }
    if (request.inputShape(0).size() == 0) {
      return Optional.of("nothing to compute");
    }
    int length = length(request);
    for (int input : new int[] {SCALE, BIAS}) {
      if (request.hasInput(input)) {
        int size = request.inputShape(input).size();
        if (!request.isConstant(input)
            || request.inputDType(input) != DType.FLOAT32
            || (size != 1 && size != length)) {
          return Optional.of("scale or bias is not constant with one number for each element");
        }
      }
    }
    if (nanosOfRow(length) > NativeFunction.CRITICAL_NANOS) {
      return Optional.of("rows are too long for a short call");
    }
    return Host.trial();
  }

  private static int length(KernelRequest request) {
    Shape shape = request.inputShape(0);
    int axis = request.operator(LayerNormalization.class).axis();
    return shape.sizeBetween(Shapes.axis(axis, shape.rank()), shape.rank());
  }

  private double nanosOfRow(int length) {
    return 20 + length * 48.0 / target.isa().vectorBits();
  }

  @Override
  public double cost(KernelRequest request) {
    int length = length(request);
    int rows = request.inputShape(0).size() / length;
    return 100 + rows * nanosOfRow(length);
  }

  @Override
  public Kernel make(KernelRequest request) {
    Normalization normalization =
        request
            .packed()
            .get(
                request.constant(SCALE),
                name() + " for " + request.node().output(),
                Normalization.class,
                () -> pack(request));
    int length = normalization.length();
    int rows = request.inputShape(0).size() / length;
    return new NormalizationKernel(normalization, rows, nanosOfRow(length), request.packed());
  }

  private Normalization pack(KernelRequest request) {
    float[] bias = request.hasInput(BIAS) ? request.constant(BIAS).toFloatArray() : new float[1];
    return Normalization.of(
        target,
        length(request),
        request.operator(LayerNormalization.class).epsilon(),
        request.constant(SCALE).toFloatArray(),
        bias,
        request.packed());
  }
}
