package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A tensor of evenly distributed random numbers; with a seed, the same in each run. ONNX:
 * RandomUniform-22.
 *
 * @param dtype float16, float32 or float64
 * @param low the least value
 * @param high the value that all stay below
 * @param seed of the random numbers; null for different ones in each run
 * @param shape of the result
 */
public record RandomUniform(
    DType dtype, float low, float high, @Nullable Float seed, List<Integer> shape)
    implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("RandomUniform", 22)
          .compatibleSince(1)
          .inputs(0)
          .decoder(context -> {
            Attributes attributes = context.attributes();
            return new RandomUniform(
                ElementTypes.get(attributes, "dtype", DType.FLOAT32),
                attributes.getFloat("low", 0f),
                attributes.getFloat("high", 1f),
                MersenneTwister.seed(attributes),
                attributes.getInts("shape").map(Ints::list).orElse(List.of()));
          })
          .build();

  public RandomUniform {
    shape = List.copyOf(shape);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes.Builder attributes =
        Attributes.builder()
            .putUnless(DType.FLOAT32.onnxNumber(), "dtype", dtype.onnxNumber())
            .putUnless(0f, "low", low)
            .putUnless(1f, "high", high)
            .put("shape", shape);
    return MersenneTwister.putSeed(attributes, seed).build();
  }

  @Override
  public boolean isNondeterministic() {
    return seed == null;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return List.of(TensorType.of(dtype, Ints.array(shape)));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor y = context.output(0, dtype, Shape.of(Ints.array(shape)));
    RandomGenerator random = MersenneTwister.of(seed);
    for (int i = 0; i < y.size(); i++) {
      y.setDouble(i, low + (high - low) * random.nextDouble());
    }
  }
}
