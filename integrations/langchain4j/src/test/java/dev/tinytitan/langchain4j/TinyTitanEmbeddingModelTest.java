package dev.tinytitan.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.tinytitan.BadDataException;
import dev.tinytitan.data.text.Sentences;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The same vectors as LangChain4j's own model on ONNX Runtime, side by side. */
class TinyTitanEmbeddingModelTest {
  private static final float TOLERANCE = 1e-4f;

  private static EmbeddingModel theirs;
  private static TinyTitanEmbeddingModel ours;

  @BeforeAll
  static void open() {
    // The tokenizer that comes with theirs reports its use to its makers unless told otherwise.
    System.setProperty("OPT_OUT_TRACKING", "true");
    theirs = new AllMiniLmL6V2EmbeddingModel();
    ours = TinyTitanEmbeddingModel.allMiniLmL6V2();
  }

  @AfterAll
  static void close() {
    ours.close();
  }

  private static List<TextSegment> texts() {
    List<String> texts = new ArrayList<>(Sentences.evaluation().subList(0, 40));
    String sentence = "The pump in hall 7 reports a bearing temperature of 81.5 °C. ";
    texts.addAll(
        List.of(
            "a",
            "?",
            "Hello",
            "HELLO hello HeLLo",
            "naïve café, Ünïcödé, ŁÓDŹ, Ærøskøbing",
            "東京は日本の首都です。",
            "서울은 대한민국의 수도이다",
            "Привет, как дела? Всё хорошо!",
            "مرحبا بالعالم",
            "नमस्ते दुनिया",
            "👍🏽 great 🚀🚀 work 😀",
            "3.14159 1,000,000 $42.00 50% 1e-7",
            "tab\there\nnew line\r\nand \u00a0 no-break space",
            "zero\u200bwidth and soft\u00adhyphen and \ufffd and \u0000 control",
            "http://example.org/a/b?c=d&e=f#g user@example.org",
            "public static void main(String[] args) { return x -> y; }",
            "Pneumonoultramicroscopicsilicovolcanoconiosis",
            "x".repeat(101),
            "[CLS] special [SEP] tokens [MASK] written [UNK] out",
            "##ing ##s # # #",
            sentence.repeat(6),
            sentence.repeat(60),
            "word ".repeat(126),
            "word ".repeat(127),
            "unbelievably ".repeat(200),
            "e\u0301e\u0301 combining a\u030a"));
    return texts.stream().map(TextSegment::from).toList();
  }

  @Test
  void givesTheSameVectorsAndTokenCounts() {
    List<TextSegment> texts = texts();
    assertThat(texts).hasSizeGreaterThan(60);
    Response<List<Embedding>> all = ours.embedAll(texts);
    int tokens = 0;
    for (int i = 0; i < texts.size(); i++) {
      Response<Embedding> expected = theirs.embed(texts.get(i));
      tokens += expected.tokenUsage().inputTokenCount();
      for (float[] actual :
          List.of(all.content().get(i).vector(), ours.embed(texts.get(i)).content().vector())) {
        assertThat(actual).hasSize(384);
        assertThat(largestDifference(actual, expected.content().vector()))
            .as("text %d: %s", i, texts.get(i).text())
            .isLessThanOrEqualTo(TOLERANCE);
      }
    }
    assertThat(all.tokenUsage().inputTokenCount()).isEqualTo(tokens);
  }

  private static float largestDifference(float[] a, float[] b) {
    float largest = 0;
    for (int i = 0; i < a.length; i++) {
      float difference = Math.abs(a[i] - b[i]);
      // Written so that NaN counts as a difference.
      largest = difference <= largest ? largest : difference;
    }
    return largest;
  }

  @Test
  void knowsItsDimensionAndName() {
    assertThat(ours.dimension()).isEqualTo(theirs.dimension()).isEqualTo(384);
    assertThat(ours.modelName()).isEqualTo("all-minilm-l6-v2");
  }

  @Test
  void refusesBlankTextsAsTheirs() {
    assertThatThrownBy(() -> theirs.embed(" ")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ours.embed(" ")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void manyThreadsShareOne() throws Exception {
    List<TextSegment> texts = texts().subList(0, 16);
    List<Embedding> expected = ours.embedAll(texts).content();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<List<Embedding>>> results =
          threads.invokeAll(Collections.nCopies(8, () -> ours.embedAll(texts).content()));
      for (Future<List<Embedding>> result : results) {
        assertThat(result.get()).isEqualTo(expected);
      }
    }
  }

  @Test
  void missingFileIsOneClearSentence() {
    assertThatThrownBy(
            () -> TinyTitanEmbeddingModel.of(Path.of("no.onnx"), Path.of("no-tokenizer.json")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("no.onnx");
  }

  @Test
  void closedModelRefusesTexts() {
    TinyTitanEmbeddingModel model = TinyTitanEmbeddingModel.allMiniLmL6V2();
    model.close();
    assertThatThrownBy(() -> model.embed("text"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }
}
