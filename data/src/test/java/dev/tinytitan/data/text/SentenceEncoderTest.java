package dev.tinytitan.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Gather;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SentenceEncoderTest {
  private static final int WIDTH = 3;
  private static final String VOCABULARY =
      "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\none\ntwo\nthree\nfour\n";

  private static WordPieceTokenizer tokenizer() {
    return WordPieceTokenizer.fromVocabulary(
            new ByteArrayInputStream(VOCABULARY.getBytes(StandardCharsets.UTF_8)), "test", true)
        .withMaxLength(20);
  }

  private static float table(int token, int i) {
    // Padding is large, so that a mean over it would show.
    return token == 0 ? 1000 : (float) Math.sin(token * WIDTH + i);
  }

  /** Looks each token up in a table. */
  private static Model lookup(String idsName) {
    float[] table = new float[9 * WIDTH];
    for (int i = 0; i < table.length; i++) {
      table[i] = table(i / WIDTH, i % WIDTH);
    }
    TensorType ids =
        new TensorType(DType.INT64, List.of(new Dim.Symbol("batch"), new Dim.Symbol("length")));
    Graph graph =
        Graph.builder("lookup")
            .input(idsName, ids)
            .input("attention_mask", ids)
            .initializer("table", Tensor.of(table, 9, WIDTH))
            .node(new Gather(0), List.of("table", idsName), "hidden")
            .output("hidden", null)
            .build();
    return Model.of(graph, ModelInfo.of(17));
  }

  @Test
  void averagesTokensAndScales() {
    try (SentenceEncoder encoder = new SentenceEncoder(lookup("input_ids").open(), tokenizer())) {
      assertThat(encoder.dimension()).isEqualTo(WIDTH);
      float[] vector = encoder.encode("one three");
      double[] sum = new double[WIDTH];
      for (int token : new int[] {2, 5, 7, 3}) {
        for (int i = 0; i < WIDTH; i++) {
          sum[i] += table(token, i);
        }
      }
      double norm = Math.sqrt(sum[0] * sum[0] + sum[1] * sum[1] + sum[2] * sum[2]);
      for (int i = 0; i < WIDTH; i++) {
        assertThat((double) vector[i]).isCloseTo(sum[i] / norm, within(1e-6));
      }
    }
  }

  @Test
  void batchesGiveWhatSingleTextsGive() {
    Random random = new Random(5);
    String[] words = {"one", "two", "three", "four", "five"};
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(30); n > 0; n--) {
        text.append(words[random.nextInt(words.length)]).append(' ');
      }
      texts.add(text.toString());
    }
    try (SentenceEncoder encoder = new SentenceEncoder(lookup("input_ids").open(), tokenizer())) {
      float[][] together = encoder.encode(texts);
      for (int i = 0; i < texts.size(); i++) {
        assertThat(together[i]).isEqualTo(encoder.encode(texts.get(i)));
      }
      assertThat(encoder.encode(List.of())).isEmpty();
    }
  }

  @Test
  void cutsOffLongTexts() {
    try (SentenceEncoder encoder = new SentenceEncoder(lookup("input_ids").open(), tokenizer())) {
      assertThat(encoder.encode("two ".repeat(18) + "one four three"))
          .isEqualTo(encoder.encode("two ".repeat(18)));
    }
  }

  @Test
  void refusesOtherModels() {
    try (Session session = lookup("tokens").open()) {
      assertThatThrownBy(() -> new SentenceEncoder(session, tokenizer()))
          .hasMessageContaining("its inputs are attention_mask, tokens")
          .hasMessageContaining("input_ids");
    }
  }

  @Test
  void closedEncoderRefusesTexts() {
    SentenceEncoder encoder = new SentenceEncoder(lookup("input_ids").open(), tokenizer());
    encoder.close();
    assertThatThrownBy(() -> encoder.encode("one"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("closed");
  }
}
