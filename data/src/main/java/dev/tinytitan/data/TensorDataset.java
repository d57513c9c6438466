package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** A data set in memory. */
final class TensorDataset implements Dataset {
  private final Tensor samples;
  private final Annotations annotations;

  TensorDataset(String source, Tensor samples, Annotations annotations) {
    if (samples.shape().rank() == 0) {
      throw new BadDataException(source + ": a scalar has no samples");
    }
    this.samples = samples;
    this.annotations = annotations.checked(samples.shape().dim(0), source);
  }

  @Override
  public int size() {
    return samples.shape().dim(0);
  }

  @Override
  public DType dtype() {
    return samples.dtype();
  }

  @Override
  public Shape sampleShape() {
    return Rows.rowShape(samples.shape());
  }

  @Override
  public Tensor samples(int from, int to) {
    return Rows.slice(samples, from, to);
  }

  @Override
  public Optional<Tensor> labels() {
    return annotations.labels();
  }

  @Override
  public List<String> classNames() {
    return annotations.classNames();
  }

  @Override
  public Optional<Tensor> groups() {
    return annotations.groups();
  }

  @Override
  public Dataset inMemory() {
    return this;
  }

  @Override
  public void close() {
    // Nothing but memory.
  }
}
