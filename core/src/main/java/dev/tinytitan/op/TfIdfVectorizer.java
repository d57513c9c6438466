package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Counts of n-grams from a pool, or weights made from them: a vector {@code [C]} or rows {@code [N,
 * C]} of int32, int64 or strings become float32 {@code [outputs]} or {@code [N, outputs]}. ONNX:
 * TfIdfVectorizer-9.
 *
 * @param minLength the least length of an n-gram, at least 1
 * @param maxLength the greatest
 * @param maxSkip how many items an n-gram may leave out between its own
 * @param mode what is written for an n-gram
 * @param counts where in the pool the n-grams of each length start, from length 1 on
 * @param indexes the output of each n-gram of the pool
 * @param numbers the pool, for numbers
 * @param texts the pool, for strings
 * @param weights one for each output; empty for 1
 */
public record TfIdfVectorizer(
    int minLength,
    int maxLength,
    int maxSkip,
    Mode mode,
    List<Integer> counts,
    List<Integer> indexes,
    List<Long> numbers,
    List<String> texts,
    List<Float> weights)
    implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("TfIdfVectorizer", 9).decoder(TfIdfVectorizer::decode).build();

  /** What is written for an n-gram. */
  public enum Mode {
    /** How often it occurs. */
    TF,
    /** Its weight, if it occurs. */
    IDF,
    /** Its weight, as often as it occurs. */
    TFIDF
  }

  /** Checks that the pool is what the counts and indexes say. */
  public TfIdfVectorizer {
    counts = List.copyOf(counts);
    indexes = List.copyOf(indexes);
    numbers = List.copyOf(numbers);
    texts = List.copyOf(texts);
    weights = List.copyOf(weights);
    int pool = numbers.isEmpty() ? texts.size() : numbers.size();
    long grams = 0;
    for (int i = 0; i < counts.size(); i++) {
      int end = i + 1 < counts.size() ? counts.get(i + 1) : pool;
      int length = end - counts.get(i);
      if (counts.get(i) < 0 || length < 0 || end > pool || length % (i + 1) != 0) {
        throw new MalformedModelException(
            "Attribute 'ngram_counts' " + counts + " does not fit a pool of " + pool + " items.");
      }
      grams += length / (i + 1);
    }
    if (grams != indexes.size() || indexes.stream().anyMatch(index -> index < 0)) {
      throw new MalformedModelException(
          "Attribute 'ngram_indexes' should hold an output for each of " + grams + " n-grams.");
    }
    if (minLength < 1 || maxLength < minLength || maxSkip < 0) {
      throw new MalformedModelException(
          "N-grams of "
              + minLength
              + " to "
              + maxLength
              + " items with up to "
              + maxSkip
              + " left out make no sense.");
    }
    if (!weights.isEmpty() && weights.size() != indexes.size()) {
      throw new MalformedModelException(
          weights.size() + " weights were given for " + indexes.size() + " n-grams.");
    }
  }

  private static TfIdfVectorizer decode(ImportContext context) {
    Attributes attributes = context.attributes();
    String label = attributes.getText("mode", "");
    Mode mode =
        Arrays.stream(Mode.values())
            .filter(value -> value.name().equals(label))
            .findFirst()
            .orElseThrow(() -> Shapes.badAttribute("mode", label));
    List<Float> weights = new ArrayList<>();
    for (float weight : attributes.getFloats("weights").orElse(new float[0])) {
      weights.add(weight);
    }
    return new TfIdfVectorizer(
        attributes.getInt("min_gram_length"),
        attributes.getInt("max_gram_length"),
        attributes.getInt("max_skip_count"),
        mode,
        Arrays.stream(attributes.getInts("ngram_counts").orElse(new int[0])).boxed().toList(),
        Arrays.stream(attributes.getInts("ngram_indexes").orElse(new int[0])).boxed().toList(),
        Arrays.stream(attributes.getLongs("pool_int64s").orElse(new long[0])).boxed().toList(),
        attributes.getTexts("pool_strings"),
        weights);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes.Builder attributes =
        Attributes.builder()
            .put("max_gram_length", maxLength)
            .put("max_skip_count", maxSkip)
            .put("min_gram_length", minLength)
            .put("mode", mode.name())
            .put("ngram_counts", counts)
            .put("ngram_indexes", indexes);
    if (!numbers.isEmpty()) {
      attributes.put("pool_int64s", new Attribute.Ints(numbers));
    }
    if (!texts.isEmpty()) {
      attributes.put("pool_strings", new Attribute.Texts(texts));
    }
    if (!weights.isEmpty()) {
      attributes.put("weights", new Attribute.Floats(weights));
    }
    return attributes.build();
  }

  private int outputs() {
    return indexes.stream().mapToInt(index -> Math.addExact(index, 1)).max().orElse(0);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (!input.hasRank()) {
      return List.of(TensorType.unknown(DType.FLOAT32));
    }
    requireRank(input.rank());
    Dim outputs = Dim.of(outputs());
    return List.of(
        new TensorType(
            DType.FLOAT32, input.rank() == 1 ? List.of(outputs) : List.of(input.dim(0), outputs)));
  }

  private static void requireRank(int rank) {
    if (rank != 1 && rank != 2) {
      throw new ShapeMismatchException(
          "N-grams are counted in a vector or rows, not in " + rank + " dimensions.");
    }
  }

  /** The output of each n-gram of the pool. */
  private Map<List<?>, Integer> pool() {
    List<?> pool = numbers.isEmpty() ? texts : numbers;
    Map<List<?>, Integer> outputs = new HashMap<>();
    int gram = 0;
    for (int i = 0; i < counts.size(); i++) {
      int end = i + 1 < counts.size() ? counts.get(i + 1) : pool.size();
      for (int at = counts.get(i); at < end; at += i + 1) {
        outputs.put(pool.subList(at, at + i + 1), indexes.get(gram++));
      }
    }
    return outputs;
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    requireRank(x.shape().rank());
    int rows = x.shape().rank() == 1 ? 1 : x.shape().dim(0);
    int length = x.shape().dim(-1);
    int outputs = outputs();
    Tensor y =
        context.output(
            0, DType.FLOAT32, x.shape().rank() == 1 ? Shape.of(outputs) : Shape.of(rows, outputs));
    Map<List<?>, Integer> pool = pool();
    for (int row = 0; row < rows; row++) {
      List<Object> items = new ArrayList<>();
      for (int i = 0; i < length; i++) {
        int at = row * length + i;
        items.add(x.dtype() == DType.STRING ? x.getString(at) : (Object) x.getLong(at));
      }
      int[] found = count(items, pool, outputs);
      for (int i = 0; i < outputs; i++) {
        float weight = i < weights.size() ? weights.get(i) : 1;
        y.setFloat(
            row * outputs + i,
            switch (mode) {
              case TF -> found[i];
              case IDF -> found[i] > 0 ? weight : 0;
              case TFIDF -> found[i] * weight;
            });
      }
    }
  }

  private int[] count(List<Object> items, Map<List<?>, Integer> pool, int outputs) {
    int[] found = new int[outputs];
    for (int skip = 1; skip <= maxSkip + 1 && skip <= items.size(); skip++) {
      for (int start = 0; start < items.size(); start++) {
        List<Object> gram = new ArrayList<>();
        for (int at = start; at < items.size() && gram.size() < maxLength; at += skip) {
          gram.add(items.get(at));
          // Single items leave nothing out: they are counted once.
          boolean counts = gram.size() >= minLength && (gram.size() > 1 || skip == 1);
          Integer output = counts ? pool.get(gram) : null;
          if (output != null) {
            found[output]++;
          }
        }
      }
    }
    return found;
  }
}
