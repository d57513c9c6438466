package dev.tinytitan.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Documents quote code that is there, and link to files that are there. */
class DocumentsTest {
  /** A fenced block behind {@code <!-- from PATH -->}. */
  private static final Pattern QUOTE =
      Pattern.compile("<!-- from (\\S+) -->\\s*```\\w*\\n(.*?)```", Pattern.DOTALL);

  private static final Pattern LINK =
      Pattern.compile("]\\((?!https?:|#|mailto:)([^)#\\s]+)[^)]*\\)");

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    try (Stream<Path> top = Files.list(ProjectFiles.path(""));
        Stream<Path> docs = Files.walk(ProjectFiles.path("docs"))) {
      Stream.concat(top, docs)
          .filter(path -> path.toString().endsWith(".md"))
          .sorted()
          .forEach(documents::add);
    }
    return documents;
  }

  @Test
  void quotedCodeStandsInItsFile() throws IOException {
    int quotes = 0;
    for (Path document : documents()) {
      Matcher matcher = QUOTE.matcher(Files.readString(document));
      while (matcher.find()) {
        assertThat(withoutLayout(ProjectFiles.read(matcher.group(1))))
            .as("what %s quotes from %s", document.getFileName(), matcher.group(1))
            .contains(withoutLayout(matcher.group(2)));
        quotes++;
      }
    }
    assertThat(quotes).isPositive();
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    for (Path document : documents()) {
      Matcher matcher = LINK.matcher(Files.readString(document));
      while (matcher.find()) {
        assertThat(document.resolveSibling(matcher.group(1)))
            .as("a link of %s", document.getFileName())
            .exists();
      }
    }
  }

  private static String withoutLayout(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }
}
