package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/**
 * Evenly spaced numbers: {@code start + i * delta} up to before the limit. Inputs: start, limit,
 * delta, scalars of one dtype. ONNX: Range-11.
 */
public record Range() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Range", 11).inputs(3).decoder(context -> new Range()).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    DType dtype = context.input(0).dtype();
    Optional<Tensor> start = context.constant(0);
    Optional<Tensor> limit = context.constant(1);
    Optional<Tensor> delta = context.constant(2);
    boolean known = start.isPresent() && limit.isPresent() && delta.isPresent();
    return List.of(
        new TensorType(
            dtype,
            List.of(known ? Dim.of(count(start.get(), limit.get(), delta.get())) : Dim.UNKNOWN)));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor start = context.input(0);
    Tensor delta = context.input(2);
    Tensor y = context.output(0, start.dtype(), Shape.of(count(start, context.input(1), delta)));
    for (int i = 0; i < y.size(); i++) {
      if (start.dtype().isFloat()) {
        y.setDouble(i, start.getDouble(0) + i * delta.getDouble(0));
      } else {
        y.setLong(i, start.getLong(0) + i * delta.getLong(0));
      }
    }
  }

  private static int count(Tensor start, Tensor limit, Tensor delta) {
    Indices.requireOne(start, "start");
    Indices.requireOne(limit, "limit");
    Indices.requireOne(delta, "delta");
    if (delta.getDouble(0) == 0) {
      throw new ShapeMismatchException("A range has a delta of 0.");
    }
    double count;
    if (start.dtype().isFloat()) {
      count = Math.ceil((limit.getDouble(0) - start.getDouble(0)) / delta.getDouble(0));
    } else {
      // The span of int64 numbers may not fit in one.
      BigInteger step = BigInteger.valueOf(delta.getLong(0));
      BigInteger[] parts =
          BigInteger.valueOf(limit.getLong(0))
              .subtract(BigInteger.valueOf(start.getLong(0)))
              .divideAndRemainder(step);
      boolean rounded = parts[1].signum() * step.signum() > 0;
      count = parts[0].doubleValue() + (rounded ? 1 : 0);
    }
    if (Double.isNaN(count) || count > Integer.MAX_VALUE) {
      throw new ShapeMismatchException("A range has " + count + " elements.");
    }
    return (int) Math.max(0, count);
  }
}
