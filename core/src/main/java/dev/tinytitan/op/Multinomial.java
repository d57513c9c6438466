package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
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
 * Random class indices: for each row of unnormalized log-probabilities {@code [batch, classes]}, a
 * row of samples {@code [batch, sampleSize]}. ONNX: Multinomial-22.
 *
 * @param dtype int32 or int64
 * @param sampleSize the number of samples for each row
 * @param seed of the random numbers; null for different ones in each run
 */
public record Multinomial(DType dtype, int sampleSize, @Nullable Float seed) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Multinomial", 22)
          .compatibleSince(7)
          .decoder(context ->
              new Multinomial(
                  ElementTypes.get(context.attributes(), "dtype", DType.INT32),
                  context.attributes().getInt("sample_size", 1),
                  MersenneTwister.seed(context.attributes())))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes.Builder attributes =
        Attributes.builder()
            .putUnless(DType.INT32.onnxNumber(), "dtype", dtype.onnxNumber())
            .putUnless(1, "sample_size", sampleSize);
    return MersenneTwister.putSeed(attributes, seed).build();
  }

  @Override
  public boolean isNondeterministic() {
    return seed == null;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    Dim batch = input.hasRank() ? input.dim(0) : Dim.UNKNOWN;
    return List.of(new TensorType(dtype, List.of(batch, Dim.of(sampleSize))));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    int classes = x.shape().dim(1);
    Tensor y = context.output(0, dtype, Shape.of(x.shape().dim(0), sampleSize));
    RandomGenerator random = MersenneTwister.of(seed);
    for (int row = 0; row < x.shape().dim(0); row++) {
      double[] cumulative = cumulative(x, row * classes, classes);
      for (int i = 0; i < sampleSize; i++) {
        double draw = random.nextDouble() * cumulative[classes - 1];
        int sample = 0;
        while (sample < classes - 1 && draw >= cumulative[sample]) {
          sample++;
        }
        y.setLong(row * sampleSize + i, sample);
      }
    }
  }

  private static double[] cumulative(Tensor x, int start, int classes) {
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < classes; i++) {
      max = Math.max(max, x.getDouble(start + i));
    }
    double[] cumulative = new double[classes];
    double sum = 0;
    for (int i = 0; i < classes; i++) {
      sum += Math.exp(x.getDouble(start + i) - max);
      cumulative[i] = sum;
    }
    return cumulative;
  }
}
