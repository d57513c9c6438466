package dev.tinytitan.codegen.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.codegen.Isa;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which filters lie where, for blocks of every size. */
class FilterLayoutTest {
  private static List<FilterLayout> layouts(Isa isa) {
    List<FilterLayout> layouts = new ArrayList<>();
    for (int vectors = 1; vectors <= 8; vectors++) {
      for (int parts = 1; parts <= 2; parts++) {
        layouts.add(new FilterLayout(isa, vectors, parts, true));
        layouts.add(new FilterLayout(isa, vectors, parts, false));
      }
    }
    return layouts;
  }

  @ParameterizedTest
  @EnumSource
  void eachPartOfEachFilterHasOneElement(Isa isa) {
    for (FilterLayout layout : layouts(isa)) {
      int[] seen = new int[layout.filters() * layout.parts()];
      for (int i = 0; i < layout.vectors() * layout.elements(); i++) {
        int element = i % layout.elements();
        int filter = layout.filterOfSum(i / layout.elements(), element);
        seen[filter * layout.parts() + layout.partOf(element)]++;
      }
      assertThat(seen).as("%s", layout).containsOnly(1);
    }
  }

  @ParameterizedTest
  @EnumSource
  void addingUpNeighboursOfTwoVectorsGivesTheWholeOnes(Isa isa) {
    for (FilterLayout layout : layouts(isa)) {
      for (int i = 0; i < layout.wholeVectors() * layout.elements(); i++) {
        int vector = i / layout.elements();
        int element = i % layout.elements();
        // In each lane of four, the first vector's two pairs come before the second's.
        boolean first = layout.parts() == 1 || element % 4 < 2;
        int pair = element / 4 * 4 + element % 2 * 2;
        int from = layout.parts() == 1 ? vector : 2 * vector + (first ? 0 : 1);
        assertThat(layout.filterOfOutput(vector, element))
            .as("%s", layout)
            .isEqualTo(layout.filterOfSum(from, layout.parts() == 1 ? element : pair));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void halvesHoldTheLastFiltersOfTwoPlaces(Isa isa) {
    for (FilterLayout layout : layouts(isa)) {
      if (layout.hasHalf()) {
        int[] filters =
            IntStream.range(0, layout.elements())
                .map(element -> layout.filterOfOutput(layout.wholeVectors(), element))
                .toArray();
        int[] place =
            IntStream.range(layout.filters() - layout.inHalf(), layout.filters()).toArray();
        assertThat(Arrays.copyOf(filters, layout.inHalf())).isEqualTo(place);
        assertThat(Arrays.copyOfRange(filters, layout.inHalf(), filters.length)).isEqualTo(place);
      }
    }
  }
}
