package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BudgetSearchTest {
  private static final List<String> LAYERS =
      IntStream.range(0, 40).mapToObj(i -> "layer" + i).toList();

  @Test
  void nothingGoesBackIfTheBudgetHolds() {
    assertThat(BudgetSearch.fewest(LAYERS, raised -> true)).contains(Set.of());
  }

  @Test
  void findsTheOneThatHurtsWhereverItIs() {
    for (String culprit : LAYERS) {
      assertThat(BudgetSearch.fewest(LAYERS, raised -> raised.contains(culprit)))
          .contains(Set.of(culprit));
    }
  }

  @Test
  void findsSeveralWithFewTries() {
    Set<String> needed = Set.of("layer2", "layer3", "layer9");
    List<Set<String>> tried = new ArrayList<>();
    assertThat(
            BudgetSearch.fewest(
                LAYERS,
                raised -> {
                  tried.add(raised);
                  return raised.containsAll(needed);
                }))
        .contains(needed);
    assertThat(tried).hasSizeLessThan(24);
  }

  @Test
  void takesTheMostSensitiveWhereOnlyTheNumberCounts() {
    assertThat(BudgetSearch.fewest(LAYERS, raised -> raised.size() >= 3).orElseThrow())
        .containsExactlyInAnyOrder("layer0", "layer1", "layer2");
  }

  @Test
  void saysWhenEvenAllAreNotEnough() {
    assertThat(BudgetSearch.fewest(LAYERS, raised -> false)).isEmpty();
    assertThat(BudgetSearch.fewest(List.of(), raised -> false)).isEmpty();
    assertThat(BudgetSearch.fewest(LAYERS, raised -> raised.size() == 40).orElseThrow())
        .hasSize(40);
  }

  @Test
  void choicesAreJudgedFromTheSafestOnUntilOneFails() {
    List<Set<String>> choices = BudgetSearch.saferFirst(Set.of("layer5"), LAYERS.subList(0, 8));
    assertThat(choices).extracting(Set::size).containsExactly(8, 5, 3, 2, 1);
    assertThat(choices.get(3)).containsExactlyInAnyOrder("layer5", "layer0");
    assertThat(choices).allMatch(choice -> choice.contains("layer5"));
    assertThat(BudgetSearch.judged(choices, choice -> choice.size() != 3))
        .as("what passes after a failure does not count")
        .contains(choices.get(1));
    assertThat(BudgetSearch.judged(choices, choice -> true)).contains(Set.of("layer5"));
    assertThat(BudgetSearch.judged(choices, choice -> choice.size() < 8)).isEmpty();
    assertThat(BudgetSearch.saferFirst(Set.of(), List.of())).containsExactly(Set.of());
  }
}
