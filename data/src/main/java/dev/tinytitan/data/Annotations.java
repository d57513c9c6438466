package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/**
 * What is known about the samples of a data set.
 *
 * @param labels shape [size, ...]
 * @param classNames names of the classes that labels index, or empty
 * @param groups int64 [size]
 */
record Annotations(Optional<Tensor> labels, List<String> classNames, Optional<Tensor> groups) {
  static final Annotations NONE = new Annotations(Optional.empty(), List.of(), Optional.empty());

  Annotations {
    classNames = List.copyOf(classNames);
  }

  /** Checks that there is a label and a group for each sample. */
  Annotations checked(int size, String source) {
    labels.ifPresent(tensor -> check(tensor, size, "labels", source));
    groups.ifPresent(tensor -> check(tensor, size, "groups", source));
    return this;
  }

  private static void check(Tensor tensor, int size, String what, String source) {
    if (tensor.shape().rank() == 0 || tensor.shape().dim(0) != size) {
      throw new BadDataException(
          source
              + ": there are "
              + size
              + " samples, but the "
              + what
              + " have the shape "
              + tensor.shape());
    }
  }
}
