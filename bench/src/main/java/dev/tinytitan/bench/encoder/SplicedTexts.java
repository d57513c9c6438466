package dev.tinytitan.bench.encoder;

import dev.tinytitan.data.text.Sentences;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * As many unlabelled texts as wanted, out of the project's calibration sentences alone: the
 * sentences as they are, and new ones of the beginning of one and the end of another, with a word
 * here and there from a third. They make little sense, but have the words, the order and the
 * lengths of English, and are the same on every machine.
 */
final class SplicedTexts {
  /** The share of words that come from elsewhere. */
  private static final double FOREIGN = 0.1;

  private SplicedTexts() {}

  /** So many texts; the same seed gives the same ones. */
  static List<String> of(int count, long seed) {
    List<List<String>> sentences =
        Sentences.calibration().stream().map(text -> List.of(text.split(" +", -1))).toList();
    SplittableRandom random = new SplittableRandom(seed);
    List<String> texts = new ArrayList<>(Sentences.calibration());
    while (texts.size() < count) {
      List<String> first = any(sentences, random);
      List<String> second = any(sentences, random);
      List<String> words = new ArrayList<>(first.subList(0, random.nextInt(first.size()) + 1));
      words.addAll(second.subList(random.nextInt(second.size()), second.size()));
      words.replaceAll(
          word -> random.nextDouble() < FOREIGN ? any(any(sentences, random), random) : word);
      texts.add(String.join(" ", words));
    }
    return texts.subList(0, count);
  }

  private static <T> T any(List<T> list, SplittableRandom random) {
    return list.get(random.nextInt(list.size()));
  }
}
