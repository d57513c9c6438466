package dev.tinytitan.compress.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.data.text.SentenceEncoder;
import dev.tinytitan.data.text.Sentences;
import dev.tinytitan.data.text.WordPieceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The sentence encoder all-MiniLM-L6-v2, quantized here and run beside the float model, in ONNX
 * Runtime and on our own engine, sentence by sentence, tokens averaged as its users do.
 */
class MiniLmTest {
  private static Model model;
  private static WordPieceTokenizer tokenizer;

  @BeforeAll
  static void load() throws IOException {
    try (InputStream in = open("/all-minilm-l6-v2.onnx")) {
      model = Model.load(in.readAllBytes());
    }
    try (InputStream in = open("/all-minilm-l6-v2-tokenizer.json")) {
      tokenizer = WordPieceTokenizer.fromTokenizerJson(in, "all-minilm-l6-v2-tokenizer.json");
    }
  }

  private static InputStream open(String resource) {
    return Objects.requireNonNull(
        MiniLmTest.class.getResourceAsStream(resource), () -> resource + " is not there");
  }

  private static Samples samples(List<String> sentences) {
    return Samples.of(
        sentences.size(), i -> Sample.of(tokenizer.encode(sentences.get(i)).tensors()));
  }

  private record Cosines(double mean, double least) {}

  private static Cosines compare(Model small, Samples sentences) {
    Metric metric = Metric.embeddingCosine("attention_mask");
    double sum = 0;
    double least = 1;
    try (OnnxRuntime before = new OnnxRuntime(model);
        OnnxRuntime after = new OnnxRuntime(small)) {
      for (int i = 0; i < sentences.size(); i++) {
        Sample sample = sentences.get(i);
        double cosine = metric.observe(sample, after.run(sample), before.run(sample))[0];
        sum += cosine;
        least = Math.min(least, cosine);
      }
    }
    return new Cosines(sum / sentences.size(), least);
  }

  @Test
  void dynamicInt8KeepsAllEmbeddings() {
    QuantizationResult result =
        new Quantizer(QuantizationOptions.of(Scheme.INT8_DYNAMIC)).quantize(model);
    assertThat(result.bytesAfter()).isLessThanOrEqualTo(23_500_000);
    Samples sentences = samples(Sentences.evaluation());
    assertThat(sentences.size()).isGreaterThanOrEqualTo(500);
    Cosines cosines = compare(result.model(), sentences);
    assertThat(cosines.mean()).isGreaterThanOrEqualTo(0.990);
    assertThat(cosines.least()).isGreaterThanOrEqualTo(0.97);
  }

  @Test
  void dynamicInt8KeepsAllEmbeddingsOnOurOwnEngine() {
    Model small =
        new Quantizer(QuantizationOptions.of(Scheme.INT8_DYNAMIC)).quantize(model).model();
    List<String> sentences = Sentences.evaluation();
    SessionOptions options = SessionOptions.defaults();
    float[][] expected;
    float[][] actual;
    try (SentenceEncoder before = SentenceEncoder.open(model, tokenizer, options);
        SentenceEncoder after = SentenceEncoder.open(small, tokenizer, options)) {
      expected = before.encode(sentences);
      actual = after.encode(sentences);
    }
    double[] cosines = new double[sentences.size()];
    for (int i = 0; i < cosines.length; i++) {
      for (int j = 0; j < expected[i].length; j++) {
        cosines[i] += (double) expected[i][j] * actual[i][j];
      }
    }
    assertThat(cosines).hasSizeGreaterThanOrEqualTo(500);
    assertThat(Arrays.stream(cosines).average().orElseThrow()).isGreaterThanOrEqualTo(0.990);
    assertThat(Arrays.stream(cosines).min().orElseThrow()).isGreaterThanOrEqualTo(0.97);
  }

  @Test
  void fourBitsKeepEmbeddingsOnTheWhole() {
    QuantizationOptions options =
        QuantizationOptions.of(Scheme.INT4_WEIGHTS).withCorrectBias(Toggle.ON);
    QuantizationResult result =
        new Quantizer(options)
            .quantize(model, samples(Sentences.calibration()).first(32), Samples.none());
    assertThat(result.bytesAfter()).isLessThanOrEqualTo(16_000_000);
    assertThat(compare(result.model(), samples(Sentences.evaluation()).first(80)).mean())
        .isGreaterThanOrEqualTo(0.97);
  }
}
