package dev.tinytitan.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordPieceTokenizerTest {
  private static WordPieceTokenizer miniLm;

  @BeforeAll
  static void load() throws IOException {
    miniLm = MiniLmArtifact.tokenizer();
  }

  @Test
  void givesTheGoldenIds() throws IOException {
    WordPieceTokenizer unlimited = miniLm.withMaxLength(Integer.MAX_VALUE);
    List<WordPieceGolden> golden = WordPieceGolden.read();
    assertThat(golden).hasSizeGreaterThanOrEqualTo(300);
    assertThat(golden)
        .extracting(WordPieceGolden::text)
        .containsExactlyElementsOf(TokenizerTexts.ALL);
    for (WordPieceGolden each : golden) {
      assertThat(Arrays.stream(unlimited.encode(each.text()).inputIds()).boxed().toList())
          .as(each.text())
          .isEqualTo(each.ids());
    }
  }

  @Test
  void readsAPlainVocabularyToTheSameTokenizer(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("vocab.txt");
    try (InputStream in = MiniLmArtifact.open("/bert-vocabulary-en.txt")) {
      Files.copy(in, file);
    }
    WordPieceTokenizer fromVocabulary = WordPieceTokenizer.fromVocabulary(file);
    for (String text : TokenizerTexts.ALL) {
      assertThat(fromVocabulary.tokenIds(text)).as(text).isEqualTo(miniLm.tokenIds(text));
    }
    assertThat(fromVocabulary.maxLength()).isEqualTo(512);
  }

  @Test
  void takesTheMaximumLengthFromTheFile() {
    assertThat(miniLm.maxLength()).isEqualTo(128);
    assertThat(miniLm.encode("word ".repeat(1000)).length()).isEqualTo(128);
  }

  @Test
  void cutsOffAtTheMaximumLengthAndKeepsTheSeparator() {
    Encoding encoding = miniLm.withMaxLength(5).encode("How are you today, my friend?");
    assertThat(encoding.inputIds()).containsExactly(101, 2129, 2024, 2017, 102);
    assertThat(miniLm.withMaxLength(2).encode("How").inputIds()).containsExactly(101, 102);
  }

  @Test
  void cutsOffAWordThatIsSpelledWithSeveralTokensLikeTheWhole() {
    String text = "embeddings quantization";
    int[] whole = miniLm.tokenIds(text);
    for (int length = 2; length < whole.length + 4; length++) {
      long[] ids = miniLm.withMaxLength(length).encode(text).inputIds();
      assertThat(ids).hasSize(Math.min(length, whole.length + 2));
      for (int i = 1; i < ids.length - 1; i++) {
        assertThat(ids[i]).isEqualTo(whole[i - 1]);
      }
      assertThat(ids[ids.length - 1]).isEqualTo(102);
    }
  }

  @Test
  void padsABatchToItsLongestText() {
    Encoding encoding = miniLm.encode(List.of("How are you?", "Fine."));
    assertThat(encoding.batch()).isEqualTo(2);
    assertThat(encoding.length()).isEqualTo(6);
    assertThat(encoding.tokenCount(0)).isEqualTo(6);
    assertThat(encoding.tokenCount(1)).isEqualTo(4);
    assertThat(encoding.inputIds())
        .containsExactly(101, 2129, 2024, 2017, 1029, 102, 101, 2986, 1012, 102, 0, 0);
    assertThat(encoding.attentionMask()).containsExactly(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0);
    assertThat(encoding.tokenTypeIds()).containsOnly(0).hasSize(12);
    assertThat(encoding.inputIds(1)).containsExactly(101, 2986, 1012, 102);
  }

  @Test
  void givesTheInputsOfAModel() {
    assertThat(miniLm.encode(List.of("How are you?", "Fine.")).tensors())
        .containsOnlyKeys("input_ids", "attention_mask", "token_type_ids")
        .containsEntry("token_type_ids", Tensor.of(new long[12], 2, 6))
        .containsEntry(
            "attention_mask", Tensor.of(new long[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0}, 2, 6));
  }

  @Test
  void padsOrCutsToAGivenLength() {
    Encoding encoding = miniLm.encode(List.of("How are you?", "Fine."), 5);
    assertThat(encoding.inputIds())
        .containsExactly(101, 2129, 2024, 2017, 102, 101, 2986, 1012, 102, 0);
    assertThat(miniLm.encode(List.of("word ".repeat(300)), 256).tokenCount(0)).isEqualTo(256);
  }

  @Test
  void encodesAnEmptyBatch() {
    Encoding encoding = miniLm.encode(List.of());
    assertThat(encoding.batch()).isZero();
    assertThat(encoding.inputIds()).isEmpty();
  }

  @Test
  void givesArraysThatTheCallerMayChange() {
    Encoding encoding = miniLm.encode("Fine.");
    encoding.inputIds()[0] = 7;
    encoding.attentionMask()[0] = 7;
    assertThat(encoding)
        .isEqualTo(miniLm.encode("Fine."))
        .hasSameHashCodeAs(miniLm.encode("Fine."));
    assertThat(encoding).isNotEqualTo(miniLm.encode("Fine"));
    assertThat(encoding.attentionMask()[0]).isEqualTo(1);
  }

  @Test
  void dropsLoneSurrogates() {
    assertThat(miniLm.tokenIds("a\ud800b\udfff")).isEqualTo(miniLm.tokenIds("ab"));
  }

  @Test
  void isLinearInHostileTexts() {
    String marks = "o\u0323\u0307".repeat(500_000);
    String specials = "[SEP]".repeat(200_000);
    String tones = "\u302e\ud834\udd6d".repeat(100_000);
    assertThat(miniLm.tokenIds(marks)).hasSize(1);
    assertThat(miniLm.tokenIds(specials)).hasSize(200_000).containsOnly(102);
    assertThat(miniLm.tokenIds(tones)).hasSize(1);
    assertThat(miniLm.tokenIds("x".repeat(2_000_000))).hasSize(1);
  }

  @Test
  void isSafeToShareBetweenThreads() throws Exception {
    List<Encoding> expected = TokenizerTexts.ALL.stream().map(miniLm::encode).toList();
    Callable<List<Encoding>> work = () -> TokenizerTexts.ALL.stream().map(miniLm::encode).toList();
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<List<Encoding>>> results = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        results.add(threads.submit(work));
      }
      for (Future<List<Encoding>> result : results) {
        assertThat(result.get()).isEqualTo(expected);
      }
    }
  }

  @Test
  void leavesCaseAndAccentsToCasedModels() {
    String vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nÉtat\netat\n##s\nÉ\n";
    WordPieceTokenizer cased =
        WordPieceTokenizer.fromVocabulary(stream(vocabulary), "vocab.txt", false);
    WordPieceTokenizer uncased =
        WordPieceTokenizer.fromVocabulary(stream(vocabulary), "vocab.txt", true);
    assertThat(cased.tokenIds("États État etats")).containsExactly(5, 7, 5, 6, 7);
    assertThat(uncased.tokenIds("États État etats")).containsExactly(6, 7, 6, 6, 7);
  }

  @Test
  void refusesALengthWithoutRoom() {
    assertThatThrownBy(() -> miniLm.withMaxLength(1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> miniLm.encode(List.of("a"), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void saysWhichFileIsMissing(@TempDir Path folder) {
    assertThatThrownBy(() -> WordPieceTokenizer.fromVocabulary(folder.resolve("none.txt")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("none.txt");
    assertThatThrownBy(() -> WordPieceTokenizer.fromTokenizerJson(folder.resolve("none.json")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("none.json");
  }

  @Test
  void refusesAVocabularyOfAnotherKind() {
    assertThatThrownBy(() -> WordPieceTokenizer.fromVocabulary(stream("a\nb\n"), "other.txt", true))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("other.txt")
        .hasMessageContaining("[CLS]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "'<html>' | '{' | not valid JSON",
        "~\"type\":\"WordPiece\"~ | ~\"type\":\"BPE\"~ | model.type",
        "~\"type\":\"BertNormalizer\"~ | ~\"type\":\"NFC\"~ | normalizer.type",
        "~\"type\":\"BertPreTokenizer\"~ | ~\"type\":\"ByteLevel\"~ | pre_tokenizer.type",
        "~\"type\":\"TemplateProcessing\"~ | ~\"type\":\"ByteLevel\"~ | post_processor.type",
        "~\"Sequence\":{\"id\":\"A\"~ | ~\"SpecialToken\":{\"id\":\"[SEP]\"~ | post_processor.single",
        "~\"a\":5~ | ~\"a\":-5~ | the id of token 'a'",
        "~\"a\":5~ | ~\"a\":99999999999~ | the id of token 'a'",
        "~\"a\":5~ | ~\"a\":\"x\"~ | the id of token 'a'",
        "~\"max_length\":9~ | ~\"max_length\":0~ | truncation.max_length",
        "~\"max_input_chars_per_word\":100~ | ~\"max_input_chars_per_word\":0~ | max_input_chars",
        "~\"lstrip\":false~ | ~\"lstrip\":true~ | lstrip",
        "~\"[UNK]\":1,~ | ~~ | [UNK]",
      })
  void refusesAnotherKindOfTokenizer(String part, String replacement, String message) {
    String valid = smallTokenizerJson();
    String broken = part.startsWith("'<") ? "<html>" : valid.replace(part, replacement);
    assertThat(broken).isNotEqualTo(valid);
    assertThatThrownBy(() -> WordPieceTokenizer.fromTokenizerJson(stream(broken), "broken.json"))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("broken.json")
        .hasMessageContaining(message);
  }

  @Test
  void readsASmallTokenizerJson() {
    WordPieceTokenizer small =
        WordPieceTokenizer.fromTokenizerJson(stream(smallTokenizerJson()), "small.json");
    assertThat(small.maxLength()).isEqualTo(9);
    assertThat(small.encode("A[EXTRA]a b").inputIds()).containsExactly(2, 5, 77, 5, 1, 3);
  }

  private static String smallTokenizerJson() {
    return """
    {"truncation":{"max_length":9},"padding":null,
     "added_tokens":[{"id":77,"content":"[EXTRA]","lstrip":false,"special":true}],
     "normalizer":{"type":"BertNormalizer","lowercase":true},
     "pre_tokenizer":{"type":"BertPreTokenizer"},
     "post_processor":{"type":"TemplateProcessing","single":[
       {"SpecialToken":{"id":"[CLS]"}},{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"[SEP]"}}]},
     "model":{"type":"WordPiece","max_input_chars_per_word":100,
       "vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"[MASK]":4,"a":5}}}
    """;
  }

  private static InputStream stream(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }
}
