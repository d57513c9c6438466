package dev.tinytitan.kernel;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.IntegerAdd;
import dev.tinytitan.op.IntegerLookup;
import dev.tinytitan.op.IntegerMul;
import dev.tinytitan.op.QuantizeLinear;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Element-wise operators with 8-bit tensors on at least one side, on integers that lie as floats.
 */
final class IntegerElementRow implements KernelRow {
  /** Adding and taking away 1.5 · 2²³ rounds a float below 2²² to an integer, ties to even. */
  private static final float ROUND = 0x1.8p23f;

  /** A loop over a piece of the elements. */
  @FunctionalInterface
  private interface Loop {
    void run(float[] a, float @Nullable [] b, float[] y, int from, int count);
  }

  private final String name;
  private final Class<? extends Operator> operator;
  private final int tensors;
  private final Function<KernelRequest, Optional<String>> refusal;
  private final Function<KernelRequest, Loop> loops;

  /**
   * @param tensors how many of the inputs are tensors of the output's shape
   */
  private IntegerElementRow(
      String name,
      Class<? extends Operator> operator,
      int tensors,
      Function<KernelRequest, Optional<String>> refusal,
      Function<KernelRequest, Loop> loops) {
    this.name = name;
    this.operator = operator;
    this.tensors = tensors;
    this.refusal = refusal;
    this.loops = loops;
  }

  static List<KernelRow> all(IntegerOperations operations) {
    return List.of(
        new IntegerElementRow(
            "quantize-in-floats",
            QuantizeLinear.class,
            1,
            IntegerElementRow::refusesScale,
            request -> quantize(operations, request)),
        new IntegerElementRow(
            "dequantize-in-floats",
            DequantizeLinear.class,
            1,
            IntegerElementRow::refusesScale,
            request -> dequantize(operations, request)),
        new IntegerElementRow(
            "integer-add-in-floats",
            IntegerAdd.class,
            2,
            request -> Optional.empty(),
            request -> add(operations, request.operator(IntegerAdd.class))),
        new IntegerElementRow(
            "integer-mul-in-floats",
            IntegerMul.class,
            2,
            request -> Optional.empty(),
            request -> multiply(request.operator(IntegerMul.class))),
        new IntegerElementRow(
            "integer-lookup-in-floats",
            IntegerLookup.class,
            1,
            request ->
                request.isConstant(1) && isByte(request.outputDType(0))
                    ? Optional.empty()
                    : Optional.of("the table is not a constant of 8 bits"),
            request -> lookUp(request.constant(1))));
  }

  private static boolean isByte(DType dtype) {
    return dtype == DType.INT8 || dtype == DType.UINT8;
  }

  private static Optional<String> refusesScale(KernelRequest request) {
    boolean quantizes = request.operator() instanceof QuantizeLinear;
    DType real = quantizes ? request.inputDType(0) : request.outputDType(0);
    DType whole = quantizes ? request.outputDType(0) : request.inputDType(0);
    if (real != DType.FLOAT32 || !isByte(whole)) {
      return Optional.of("not between float32 and 8 bits");
    }
    if (!request.isConstant(1) || (request.hasInput(2) && !request.isConstant(2))) {
      return Optional.of("scale or zero point is not constant");
    }
    return request.constant(1).size() == 1 && request.inputDType(1) == DType.FLOAT32
        ? Optional.empty()
        : Optional.of("more than one scale");
  }

  private static int zeroPoint(KernelRequest request) {
    return request.hasInput(2) ? request.constant(2).getInt(0) : 0;
  }

  private static Loop quantize(IntegerOperations operations, KernelRequest request) {
    DType dtype = request.outputDType(0);
    float scale = request.constant(1).getFloat(0);
    int zeroPoint = zeroPoint(request);
    float low = dtype.minValue() - zeroPoint;
    float high = dtype.maxValue() - zeroPoint;
    return (a, b, y, from, count) ->
        operations.quantize(a, from, scale, low, high, zeroPoint, y, from, count);
  }

  private static Loop dequantize(IntegerOperations operations, KernelRequest request) {
    float scale = request.constant(1).getFloat(0);
    int zeroPoint = zeroPoint(request);
    return (a, b, y, from, count) ->
        operations.dequantize(a, from, zeroPoint, scale, y, from, count);
  }

  private static Loop add(IntegerOperations operations, IntegerAdd operator) {
    float fixed = operator.fixed();
    int low = operator.output().low();
    int high = operator.output().high();
    return (a, b, y, from, count) ->
        operations.add(
            a,
            from,
            operator.aRatio(),
            Objects.requireNonNull(b),
            from,
            operator.bRatio(),
            fixed,
            low,
            high,
            y,
            from,
            count);
  }

  /** In plain Java: one index for all arrays, so that the JVM's compiler vectorizes the loop. */
  private static Loop multiply(IntegerMul operator) {
    float aZero = operator.aZeroPoint();
    float bZero = operator.bZeroPoint();
    float multiplier = operator.multiplier();
    float zeroPoint = operator.output().zeroPoint();
    int low = operator.output().low();
    int high = operator.output().high();
    return (a, b, y, from, count) -> {
      float[] other = Objects.requireNonNull(b);
      for (int i = from; i < from + count; i++) {
        float steps = (a[i] - aZero) * (other[i] - bZero) * multiplier + zeroPoint;
        y[i] = Math.min(Math.max((int) ((steps + ROUND) - ROUND), low), high);
      }
    };
  }

  private static Loop lookUp(Tensor table) {
    float[] results = new float[256];
    for (int i = 0; i < results.length; i++) {
      results[i] = table.getFloat(i);
    }
    return (a, b, y, from, count) -> {
      for (int i = from; i < from + count; i++) {
        y[i] = results[(int) a[i] & 0xFF];
      }
    };
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Class<? extends Operator> operator() {
    return operator;
  }

  @Override
  public Set<Layout> layouts() {
    return EnumSet.of(Layout.WIDE_ROW_MAJOR, Layout.WIDE_CHANNELS_LAST);
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    for (int i = 0; i < tensors; i++) {
      if (request.isConstant(i)) {
        return Optional.of("a tensor is constant, which never lies wide");
      }
      Shape shape = request.inputShape(i);
      if (!shape.equals(request.outputShape(0))) {
        return Optional.of("shapes differ");
      }
    }
    return refusal.apply(request);
  }

  @Override
  public double cost(KernelRequest request) {
    return Work.ofElements(request.outputShape(0).size(), 0.2);
  }

  @Override
  public boolean canRunInPlace(int index) {
    return index < tensors;
  }

  @Override
  public Kernel make(KernelRequest request) {
    return new Elements(loops.apply(request), tensors, request.outputShape(0).size());
  }

  private record Elements(Loop loop, int tensors, int size) implements Kernel {
    private static final int UNIT = 64;

    @Override
    public boolean reads(int index) {
      return index < tensors;
    }

    @Override
    public int parts(int threads) {
      return Work.parts(threads, Work.ofElements(size, 0.2), size / UNIT);
    }

    @Override
    public void run(
        @Nullable Tensor[] inputs,
        @Nullable Tensor[] outputs,
        Scratch scratch,
        int part,
        int parts) {
      int from = Work.bound(size, UNIT, part, parts);
      int to = Work.bound(size, UNIT, part + 1, parts);
      loop.run(
          Objects.requireNonNull(inputs[0]).floatArray(),
          tensors > 1 ? Objects.requireNonNull(inputs[1]).floatArray() : null,
          Objects.requireNonNull(outputs[0]).floatArray(),
          from,
          to - from);
    }
  }
}
