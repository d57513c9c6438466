package dev.tinytitan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SplitTest {

  private static Dataset data(int size, int groups) {
    long[] numbers = new long[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = i % groups;
    }
    return new TensorDataset(
        "test",
        Tensor.of(new float[size], size, 1),
        new Annotations(Optional.empty(), List.of(), Optional.of(Tensor.of(numbers, size))));
  }

  @Test
  void groupsStayTogether() {
    Split split = Split.of(data(100, 10), 0.25, 1);
    assertThat(split.heldBack()).hasSize(30);
    assertThat(split.train()).hasSize(70);
    Set<Integer> held = new HashSet<>();
    for (int index : split.heldBack()) {
      held.add(index % 10);
    }
    for (int index : split.train()) {
      assertThat(held).doesNotContain(index % 10);
    }
  }

  @Test
  void withoutGroupsEachSampleIsItsOwn() {
    Dataset data = Dataset.of(Tensor.of(new float[50], 50, 1));
    Split split = Split.of(data, 0.2, 3);
    assertThat(split.heldBack()).hasSize(10);
    assertThat(split.train()).hasSize(40);
    assertThat(Split.of(data, 0.2, 3).heldBack()).isEqualTo(split.heldBack());
    assertThat(Split.of(data, 0.2, 4).heldBack()).isNotEqualTo(split.heldBack());
  }

  @Test
  void oneGroupCannotBeSplit() {
    assertThatThrownBy(() -> Split.of(data(10, 1), 0.5, 1))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("10 samples in 1 group:");
  }
}
