package dev.tinytitan.compress.metric;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.internal.Similarity;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;
import java.util.Objects;

/** The cosine between all float outputs, laid end to end, and the float model's. */
record CosineMetric() implements MeanMetric {
  @Override
  public String name() {
    return "cosine";
  }

  @Override
  public String unit() {
    return "cosine";
  }

  @Override
  public double scoreOne(
      Sample sample, Map<String, Tensor> outputs, Map<String, Tensor> reference) {
    Similarity similarity = new Similarity();
    reference.forEach((name, tensor) -> {
      if (tensor.dtype().isFloat()) {
        similarity.add(tensor, Objects.requireNonNull(outputs.get(name)));
      }
    });
    return similarity.cosine();
  }
}
