package dev.tinytitan.examples;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.store.embedding.CosineSimilarity;
import dev.tinytitan.langchain4j.TinyTitanEmbeddingModel;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Finds the sentence that is nearest to a question, through LangChain4j's interface. */
public final class Embed {
  private static final List<String> SENTENCES =
      List.of(
          "The invoice is due within thirty days.",
          "Replace the filter when the pressure drops below two bar.",
          "The museum opens at ten and closes at six.");

  private Embed() {}

  /** Prints the sentence that answers the arguments, or a question of its own. */
  public static void main(String[] args) {
    String question = args.length > 0 ? String.join(" ", args) : "When must I pay?";
    try (TinyTitanEmbeddingModel model = TinyTitanEmbeddingModel.allMiniLmL6V2()) {
      System.out.println(nearest(model, question));
    }
  }

  static String nearest(EmbeddingModel model, String question) {
    Embedding asked = model.embed(question).content();
    List<Embedding> known =
        model.embedAll(SENTENCES.stream().map(TextSegment::from).toList()).content();
    int best =
        IntStream.range(0, SENTENCES.size())
            .boxed()
            .max(Comparator.comparingDouble(i -> CosineSimilarity.between(asked, known.get(i))))
            .orElseThrow();
    return SENTENCES.get(best);
  }
}
