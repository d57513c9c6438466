package dev.tinytitan.data.text;

import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Token ids of one or more texts, padded to one length, as BERT-like models take them: each array
 * has the shape [batch, length], row-major, int64. A single text is a batch of one. Immutable and
 * thread-safe.
 */
public final class Encoding {
  /** The names of the inputs of BERT models exported to ONNX, in {@link #tensors()}. */
  public static final List<String> NAMES = List.of("input_ids", "attention_mask", "token_type_ids");

  private final long[] inputIds;
  private final int[] tokenCounts;
  private final int length;

  /** Takes over both arrays; ids after a row's token count are padding. */
  Encoding(long[] inputIds, int[] tokenCounts, int length) {
    this.inputIds = inputIds;
    this.tokenCounts = tokenCounts;
    this.length = length;
  }

  /**
   * Lays the rows of encodings one below the other.
   *
   * @param length the new length of each row, no less than any token count
   * @param paddingId fills the rest of each row
   */
  static Encoding join(List<Encoding> encodings, int length, int paddingId) {
    int batch = encodings.stream().mapToInt(Encoding::batch).sum();
    long[] ids = new long[Math.multiplyExact(batch, length)];
    Arrays.fill(ids, paddingId);
    int[] counts = new int[batch];
    int row = 0;
    for (Encoding encoding : encodings) {
      for (int i = 0; i < encoding.batch(); i++, row++) {
        counts[row] = encoding.tokenCounts[i];
        System.arraycopy(encoding.inputIds, i * encoding.length, ids, row * length, counts[row]);
      }
    }
    return new Encoding(ids, counts, length);
  }

  /** Number of texts, the first dimension. */
  public int batch() {
    return tokenCounts.length;
  }

  /** Tokens in each row, padding included, the second dimension. */
  public int length() {
    return length;
  }

  /**
   * Tokens of one text: {@code [CLS]} and {@code [SEP]} included, padding not.
   *
   * @param row 0 to {@link #batch()} − 1
   */
  public int tokenCount(int row) {
    return tokenCounts[row];
  }

  /** Token ids, shape [batch, length]; a copy that the caller owns. */
  public long[] inputIds() {
    return inputIds.clone();
  }

  /**
   * Token ids of one text without padding, shape [tokenCount(row)]; a copy that the caller owns.
   */
  public long[] inputIds(int row) {
    int from = row * length;
    return Arrays.copyOfRange(inputIds, from, from + tokenCounts[row]);
  }

  /** 1 for a token and 0 for padding, shape [batch, length]; a copy that the caller owns. */
  public long[] attentionMask() {
    long[] mask = new long[inputIds.length];
    for (int row = 0; row < tokenCounts.length; row++) {
      Arrays.fill(mask, row * length, row * length + tokenCounts[row], 1L);
    }
    return mask;
  }

  /** Segment of each token, shape [batch, length]: all 0, as each row holds one text. */
  public long[] tokenTypeIds() {
    return new long[inputIds.length];
  }

  /**
   * All three as int64 tensors of shape [batch, length], under the names that BERT models exported
   * to ONNX have: {@code input_ids}, {@code attention_mask}, {@code token_type_ids}.
   */
  public Map<String, Tensor> tensors() {
    int batch = batch();
    return Map.of(
        "input_ids", Tensor.of(inputIds(), batch, length),
        "attention_mask", Tensor.of(attentionMask(), batch, length),
        "token_type_ids", Tensor.of(tokenTypeIds(), batch, length));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Encoding that
        && length == that.length
        && Arrays.equals(tokenCounts, that.tokenCounts)
        && Arrays.equals(inputIds, that.inputIds);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(inputIds) + Arrays.hashCode(tokenCounts);
  }

  @Override
  public String toString() {
    return "Encoding[batch=" + batch() + ", length=" + length + "]";
  }
}
