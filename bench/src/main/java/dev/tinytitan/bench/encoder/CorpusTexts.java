package dev.tinytitan.bench.encoder;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Sentences of a folder of plain text files, such as those of Debian's package fortunes: paragraphs
 * end at empty lines and at lines of a per cent sign, sentences at full stops, question and
 * exclamation marks. What has too few or too many words, or more signs than letters, is left out.
 */
final class CorpusTexts {
  private static final int FEWEST_WORDS = 4;
  private static final int MOST_WORDS = 40;
  private static final Pattern PARAGRAPH = Pattern.compile("\\R%\\R|\\R\\s*\\R|\\R\\s*-- ");
  private static final Pattern SENTENCE = Pattern.compile("(?<=[.!?])\\s+(?=\\p{Lu})");
  private static final Pattern SPACE = Pattern.compile("\\s+");

  private CorpusTexts() {}

  /**
   * So many different sentences, drawn from all files; the same seed gives the same ones.
   *
   * @return fewer than {@code count} where there are not more
   */
  static List<String> of(Path folder, int count, long seed) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(folder)) {
      files =
          found
              .filter(file -> Files.isRegularFile(file) && !Files.isSymbolicLink(file))
              .filter(file -> !file.toString().endsWith(".dat"))
              .sorted()
              .toList();
    }
    Set<String> sentences = new LinkedHashSet<>();
    for (Path file : files) {
      String text = Files.readString(file, StandardCharsets.UTF_8);
      for (String paragraph : PARAGRAPH.split(text, -1)) {
        SENTENCE
            .splitAsStream(SPACE.matcher(paragraph.strip()).replaceAll(" "))
            .filter(CorpusTexts::isProse)
            .forEach(sentences::add);
      }
    }
    List<String> shuffled = new ArrayList<>(sentences);
    Collections.shuffle(shuffled, new Random(seed));
    return shuffled.subList(0, Math.min(count, shuffled.size()));
  }

  private static boolean isProse(String sentence) {
    long words = 1 + sentence.chars().filter(c -> c == ' ').count();
    long letters = sentence.chars().filter(Character::isLetter).count();
    return words >= FEWEST_WORDS && words <= MOST_WORDS && letters * 4 >= sentence.length() * 3L;
  }
}
