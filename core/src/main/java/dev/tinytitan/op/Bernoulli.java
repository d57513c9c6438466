package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Random zeros and ones; each element of the input is the probability of a one. ONNX: Bernoulli-22.
 *
 * @param dtype the result's type; null for the input's
 * @param seed of the random numbers; null for different ones in each run
 */
public record Bernoulli(@Nullable DType dtype, @Nullable Float seed) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Bernoulli", 22)
          .compatibleSince(15)
          .decoder(context ->
              new Bernoulli(
                  ElementTypes.optional(context.attributes(), "dtype"),
                  MersenneTwister.seed(context.attributes())))
          .valueDomain(0, 1)
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes.Builder attributes =
        Attributes.builder().putUnless(0, "dtype", dtype == null ? 0 : dtype.onnxNumber());
    return MersenneTwister.putSeed(attributes, seed).build();
  }

  @Override
  public boolean isNondeterministic() {
    return seed == null;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(dtype == null ? context.input(0) : context.input(0).withDType(dtype));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor y = context.output(0, dtype == null ? x.dtype() : dtype, x.shape());
    RandomGenerator random = MersenneTwister.of(seed);
    for (int i = 0; i < x.size(); i++) {
      y.setBoolean(i, random.nextDouble() < x.getDouble(i));
    }
  }
}
