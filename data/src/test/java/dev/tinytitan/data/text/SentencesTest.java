package dev.tinytitan.data.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SentencesTest {
  @Test
  void areEnough() {
    assertThat(Sentences.calibration()).hasSizeGreaterThanOrEqualTo(420);
    assertThat(Sentences.evaluation()).hasSizeGreaterThanOrEqualTo(520);
  }

  @Test
  void areAllDifferentAndTheTwoSetsDisjoint() {
    // Compared by their letters and digits only, so that punctuation makes no difference.
    List<String> all =
        Stream.concat(Sentences.calibration().stream(), Sentences.evaluation().stream())
            .map(sentence -> sentence.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", " "))
            .toList();
    assertThat(all).doesNotHaveDuplicates();
  }

  @Test
  void haveThreeToSixtyWordsAndNoBlankAround() {
    Stream.concat(Sentences.calibration().stream(), Sentences.evaluation().stream())
        .forEach(sentence -> {
          assertThat(sentence).isEqualTo(sentence.strip()).doesNotContain("  ");
          assertThat(sentence.split(" ")).as(sentence).hasSizeBetween(3, 60);
        });
  }

  @Test
  void areNotTheSameWordsOverAndOver() {
    for (List<String> sentences : List.of(Sentences.calibration(), Sentences.evaluation())) {
      Set<String> words =
          sentences.stream()
              .flatMap(sentence -> Stream.of(sentence.toLowerCase(Locale.ROOT).split("\\W+")))
              .collect(Collectors.toSet());
      assertThat(words).hasSizeGreaterThan(1500);
    }
  }
}
