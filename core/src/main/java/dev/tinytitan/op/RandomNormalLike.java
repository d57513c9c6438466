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
 * A tensor of normally distributed random numbers in the shape of the input; with a seed, the same
 * in each run. ONNX: RandomNormalLike-22.
 *
 * @param dtype float16, float32 or float64; null for the input's
 * @param mean the mean
 * @param scale the standard deviation
 * @param seed of the random numbers; null for different ones in each run
 */
public record RandomNormalLike(@Nullable DType dtype, float mean, float scale, @Nullable Float seed)
    implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("RandomNormalLike", 22)
          .compatibleSince(1)
          .decoder(context -> {
            Attributes attributes = context.attributes();
            return new RandomNormalLike(
                ElementTypes.optional(attributes, "dtype"),
                attributes.getFloat("mean", 0f),
                attributes.getFloat("scale", 1f),
                MersenneTwister.seed(attributes));
          })
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes.Builder attributes =
        Attributes.builder()
            .putUnless(0, "dtype", dtype == null ? 0 : dtype.onnxNumber())
            .putUnless(0f, "mean", mean)
            .putUnless(1f, "scale", scale);
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
    for (int i = 0; i < y.size(); i++) {
      y.setDouble(i, mean + scale * random.nextGaussian());
    }
  }
}
