package dev.tinytitan.compress;

import dev.tinytitan.data.Dataset;
import dev.tinytitan.tensor.Tensor;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A data set as samples for a model with one input. Labels that are no class indices are targets.
 */
record DatasetSamples(Dataset data, String input) implements Samples {
  @Override
  public int size() {
    return data.size();
  }

  @Override
  public Sample get(int index) {
    OptionalInt label = label(index);
    return new Sample(
        Map.of(input, data.samples(index, index + 1)),
        label,
        label.isPresent() ? Optional.empty() : data.labels().map(labels -> row(labels, index)));
  }

  /** One row of labels, as a batch of one. */
  private static Tensor row(Tensor labels, int index) {
    return Dataset.of(labels).samples(index, index + 1);
  }

  private OptionalInt label(int index) {
    Optional<Tensor> labels = data.labels();
    boolean classes =
        labels.isPresent()
            && labels.get().dtype().isInteger()
            && labels.get().size() == data.size();
    return classes ? OptionalInt.of(labels.get().getInt(index)) : OptionalInt.empty();
  }

  @Override
  public long group(int index) {
    return data.groups().map(groups -> groups.getLong(index)).orElse((long) index);
  }
}
