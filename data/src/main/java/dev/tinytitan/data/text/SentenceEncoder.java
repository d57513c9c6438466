package dev.tinytitan.data.text;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Turns texts into vectors whose inner product says how near their meanings are: a BERT-like
 * encoder, the mean of its token vectors, scaled to length 1 (Reimers and Gurevych 2019, <a
 * href="https://arxiv.org/abs/1908.10084">arXiv:1908.10084</a>).
 *
 * <pre>{@code
 * try (SentenceEncoder encoder = SentenceEncoder.open(MiniLm.in(folder))) {
 *   float[] vector = encoder.encode("How are you?"); // 384 numbers
 * }
 * }</pre>
 *
 * <p>The model takes {@code input_ids}, {@code attention_mask} and, if it wants, {@code
 * token_type_ids}, each int64 [batch, length]; its first output is float32 [batch, length,
 * dimension]. Texts longer than the tokenizer's maximum are cut off. Safe for use by many threads
 * at once.
 */
public final class SentenceEncoder implements AutoCloseable {
  /** Enough for the matrix kernels to be busy, and little enough to stay in the caches. */
  private static final int BATCH_TOKENS = 512;

  /** Lengths are rounded up to this, so that few shapes occur and their plans are found again. */
  private static final int LENGTH_STEP = 8;

  private static final Set<String> KNOWN_INPUTS =
      Set.of("input_ids", "attention_mask", "token_type_ids");

  private final Session session;
  private final WordPieceTokenizer tokenizer;
  private final String output;
  private final int dimension;

  /**
   * Encodes with this session, which {@link #close} closes.
   *
   * @throws ShapeMismatchException if the session's model is not such an encoder
   */
  public SentenceEncoder(Session session, WordPieceTokenizer tokenizer) {
    requireEncoder(session);
    this.session = session;
    this.tokenizer = tokenizer;
    this.output = session.outputs().get(0).name();
    this.dimension = hidden(tokenizer.encode("")).shape().dim(2);
  }

  /**
   * Opens the files on the best engine at hand; the caller closes the encoder.
   *
   * @throws dev.tinytitan.TitanException if a file is missing, damaged or not what it should be
   */
  public static SentenceEncoder open(MiniLm files) {
    return open(Model.load(files.model()), files.readTokenizer(), SessionOptions.defaults());
  }

  /**
   * Opens a model; the caller closes the encoder.
   *
   * @throws ShapeMismatchException if the model is not such an encoder
   */
  public static SentenceEncoder open(
      Model model, WordPieceTokenizer tokenizer, SessionOptions options) {
    Session session = model.open(options);
    try {
      return new SentenceEncoder(session, tokenizer);
    } catch (RuntimeException | Error failure) {
      session.close();
      throw failure;
    }
  }

  /** The length of a vector, 384 for all-MiniLM-L6-v2. */
  public int dimension() {
    return dimension;
  }

  /** What splits the texts. */
  public WordPieceTokenizer tokenizer() {
    return tokenizer;
  }

  /**
   * The vector of one text, of Euclidean length 1.
   *
   * @throws IllegalStateException if the encoder is closed
   */
  public float[] encode(String text) {
    return encode(List.of(text))[0];
  }

  /**
   * The vectors of texts, in their order, each of Euclidean length 1. Texts of like length are run
   * together, so many at once cost less than one by one.
   *
   * @throws IllegalStateException if the encoder is closed
   */
  public float[][] encode(List<String> texts) {
    return encodeTokenized(tokenizer.encodeEach(texts));
  }

  /**
   * The vectors of texts that are tokenized already, in their order; see {@link #encode(List)}.
   *
   * @param texts each a batch of one, as {@link WordPieceTokenizer#encodeEach} gives them
   * @throws IllegalStateException if the encoder is closed
   */
  public float[][] encodeTokenized(List<Encoding> texts) {
    float[][] vectors = new float[texts.size()][];
    Integer[] byLength = new Integer[vectors.length];
    Arrays.setAll(byLength, i -> i);
    Arrays.sort(byLength, (a, b) -> Integer.compare(texts.get(a).length(), texts.get(b).length()));
    int from = 0;
    while (from < byLength.length) {
      int length = rounded(texts.get(byLength[from]).length());
      List<Encoding> batch = new ArrayList<>();
      int rows = Math.max(1, BATCH_TOKENS / length);
      for (int i = from; i < byLength.length && batch.size() < rows; i++) {
        Encoding text = texts.get(byLength[i]);
        if (text.length() > length) {
          break;
        }
        batch.add(text);
      }
      Encoding joined = Encoding.join(batch, length, tokenizer.paddingId());
      Tensor hidden = hidden(joined);
      for (int row = 0; row < batch.size(); row++) {
        vectors[byLength[from + row]] = pool(hidden, row, joined.tokenCount(row));
      }
      from += batch.size();
    }
    return vectors;
  }

  /** Closes the session; waits for calls under way. */
  @Override
  public void close() {
    session.close();
  }

  private int rounded(int length) {
    int up = (length + LENGTH_STEP - 1) / LENGTH_STEP * LENGTH_STEP;
    return Math.max(length, Math.min(up, tokenizer.maxLength()));
  }

  private Tensor hidden(Encoding encoding) {
    Map<String, Tensor> inputs = new HashMap<>(encoding.tensors());
    inputs.keySet().retainAll(names(session.inputs()));
    Tensor hidden = Objects.requireNonNull(session.run(inputs).get(output));
    if (hidden.dtype() != DType.FLOAT32 || hidden.shape().rank() != 3) {
      throw notAnEncoder("its output '" + output + "' is " + hidden.dtype() + hidden.shape());
    }
    return hidden;
  }

  /** The mean of a row's first {@code tokens} vectors (the rest is padding), scaled to length 1. */
  private static float[] pool(Tensor hidden, int row, int tokens) {
    int width = hidden.shape().dim(2);
    double[] sum = new double[width];
    int start = row * hidden.shape().dim(1) * width;
    for (int token = 0; token < tokens; token++) {
      int at = start + token * width;
      for (int i = 0; i < width; i++) {
        sum[i] += hidden.getFloat(at + i);
      }
    }
    double squares = 0;
    for (double value : sum) {
      squares += value * value;
    }
    // The mean and the sum have one direction, and only that is left after scaling.
    double norm = Math.sqrt(squares);
    float[] vector = new float[width];
    for (int i = 0; i < width; i++) {
      vector[i] = (float) (norm == 0 ? 0 : sum[i] / norm);
    }
    return vector;
  }

  private static void requireEncoder(Session session) {
    Set<String> names = names(session.inputs());
    if (!KNOWN_INPUTS.containsAll(names)
        || !names.contains("input_ids")
        || !names.contains("attention_mask")) {
      throw notAnEncoder("its inputs are " + String.join(", ", names));
    }
  }

  private static Set<String> names(List<Value> values) {
    return values.stream().map(Value::name).collect(Collectors.toCollection(TreeSet::new));
  }

  private static ShapeMismatchException notAnEncoder(String reason) {
    return new ShapeMismatchException(
        "The model is not a BERT-like sentence encoder: "
            + reason
            + "; expected are input_ids, attention_mask and perhaps token_type_ids, and first a"
            + " float32 output [batch, length, dimension].");
  }
}
