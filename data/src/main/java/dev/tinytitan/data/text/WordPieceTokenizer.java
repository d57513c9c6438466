package dev.tinytitan.data.text;

import dev.tinytitan.BadDataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The WordPiece tokenizer of BERT and its descendants, MiniLM among them: text in, token ids out,
 * the same ids as the original Hugging Face tokenizer gives.
 *
 * <p>A text is cleaned, split at ideographs, white space and punctuation, stripped of accents and
 * lower-cased (as the configuration says); each word is then spelled with the longest vocabulary
 * entries that fit, from left to right (Wu et al. 2016, <a
 * href="https://arxiv.org/abs/1609.08144">arXiv:1609.08144</a>; Devlin et al. 2018, <a
 * href="https://arxiv.org/abs/1810.04805">arXiv:1810.04805</a>). As in the original, special tokens
 * written out in a text, such as {@code [SEP]}, are taken as such.
 *
 * <pre>{@code
 * WordPieceTokenizer tokenizer = WordPieceTokenizer.fromTokenizerJson(Path.of("tokenizer.json"));
 * Encoding encoding = tokenizer.encode(List.of("How are you?", "Fine."));
 * encoding.inputIds(); // [2, 6]: 101 2129 2024 2017 1029 102, 101 2986 1012 102 0 0
 * }</pre>
 *
 * <p>Immutable and thread-safe. Time and memory are linear in the length of the text.
 */
public final class WordPieceTokenizer {
  private final WordPieceConfig config;
  private final WordTrie trie;
  private final int continuationRoot;
  private final int classId;
  private final int separatorId;
  private final int paddingId;
  private final int unknownId;

  private WordPieceTokenizer(WordPieceConfig config, WordTrie trie, String source) {
    this.config = config;
    this.trie = trie;
    this.continuationRoot = trie.find(config.continuationPrefix());
    this.classId = config.requiredId(config.classToken(), source);
    this.separatorId = config.requiredId(config.separatorToken(), source);
    this.paddingId = config.requiredId(config.paddingToken(), source);
    this.unknownId = config.requiredId(config.unknownToken(), source);
  }

  private static WordPieceTokenizer of(WordPieceConfig config, String source) {
    return new WordPieceTokenizer(config, new WordTrie(config.vocabulary()), source);
  }

  /**
   * Reads a {@code vocab.txt} (UTF-8, one token a line, its id is the line number from 0) of an
   * uncased model: lower-cased, accents stripped, at most 512 tokens a text.
   *
   * @throws BadDataException if the file cannot be read or is not the vocabulary of a BERT model
   */
  public static WordPieceTokenizer fromVocabulary(Path file) {
    return fromVocabulary(file, true);
  }

  /**
   * Reads a {@code vocab.txt}, saying whether the model is an uncased one.
   *
   * @param lowercase lower-case the text and strip its accents (uncased models), or leave both
   *     (cased)
   * @throws BadDataException if the file cannot be read or is not the vocabulary of a BERT model
   */
  public static WordPieceTokenizer fromVocabulary(Path file, boolean lowercase) {
    try (InputStream in = Files.newInputStream(file)) {
      return fromVocabulary(in, file.toString(), lowercase);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * Reads a {@code vocab.txt} from a stream, which stays open.
   *
   * @param source what the stream is, for messages
   * @param lowercase lower-case the text and strip its accents (uncased models), or leave both
   *     (cased)
   * @throws BadDataException if the stream cannot be read or is not the vocabulary of a BERT model
   */
  public static WordPieceTokenizer fromVocabulary(
      InputStream in, String source, boolean lowercase) {
    return of(WordPieceFiles.readVocabulary(in, source, lowercase), source);
  }

  /**
   * Reads a Hugging Face {@code tokenizer.json} of a BERT model: vocabulary, special tokens,
   * normalization flags and the maximum length (512 where the file sets none). The file's padding
   * to a fixed length is not taken over, see {@link #encode(List)}.
   *
   * @throws BadDataException if the file cannot be read or describes another kind of tokenizer
   */
  public static WordPieceTokenizer fromTokenizerJson(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return fromTokenizerJson(in, file.toString());
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * Reads a Hugging Face {@code tokenizer.json} from a stream, which stays open.
   *
   * @param source what the stream is, for messages
   * @throws BadDataException if the stream cannot be read or describes another kind of tokenizer
   */
  public static WordPieceTokenizer fromTokenizerJson(InputStream in, String source) {
    return of(WordPieceFiles.readTokenizerJson(in, source), source);
  }

  /**
   * Most tokens of one encoded text, {@code [CLS]} and {@code [SEP]} included; the rest is cut off.
   */
  public int maxLength() {
    return config.maxLength();
  }

  /**
   * The same tokenizer with another maximum length; both share the vocabulary.
   *
   * @param newMaxLength at least 2, room for {@code [CLS]} and {@code [SEP]}
   */
  public WordPieceTokenizer withMaxLength(int newMaxLength) {
    checkLength(newMaxLength);
    return new WordPieceTokenizer(config.withMaxLength(newMaxLength), trie, "this tokenizer");
  }

  /** Encodes one text as a batch of one, [1, tokens]; tokens ≤ {@link #maxLength()}. */
  public Encoding encode(String text) {
    return encode(List.of(text));
  }

  /** Encodes texts as one batch, padded to the longest of them, at most {@link #maxLength()}. */
  public Encoding encode(List<String> texts) {
    int[][] rows = rows(texts, config.maxLength());
    int longest = 0;
    for (int[] row : rows) {
      longest = Math.max(longest, row.length);
    }
    return pad(rows, longest);
  }

  /**
   * Encodes texts one by one, each as a batch of one without padding, at most {@link #maxLength()}
   * tokens long: for callers that make batches of their own.
   */
  public List<Encoding> encodeEach(List<String> texts) {
    List<Encoding> encodings = new ArrayList<>(texts.size());
    for (int[] row : rows(texts, config.maxLength())) {
      encodings.add(pad(new int[][] {row}, row.length));
    }
    return encodings;
  }

  /** The id that fills the rows of a batch. */
  int paddingId() {
    return paddingId;
  }

  /**
   * Encodes texts as one batch of exactly {@code length} tokens a row, whatever {@link
   * #maxLength()} says: longer texts are cut off, shorter ones padded.
   *
   * @param length at least 2, room for {@code [CLS]} and {@code [SEP]}
   */
  public Encoding encode(List<String> texts, int length) {
    checkLength(length);
    return pad(rows(texts, length), length);
  }

  /** The ids of a whole text, with neither special tokens around it nor a maximum length. */
  public int[] tokenIds(String text) {
    TokenIds ids = new TokenIds(Integer.MAX_VALUE);
    tokenize(text, ids);
    return ids.toArray();
  }

  private int[][] rows(List<String> texts, int limit) {
    int[][] rows = new int[texts.size()][];
    for (int i = 0; i < rows.length; i++) {
      TokenIds ids = new TokenIds(limit - 1);
      ids.add(classId);
      tokenize(texts.get(i), ids);
      int[] row = Arrays.copyOf(ids.toArray(), ids.size() + 1);
      row[ids.size()] = separatorId;
      rows[i] = row;
    }
    return rows;
  }

  private Encoding pad(int[][] rows, int length) {
    long[] inputIds = new long[Math.multiplyExact(rows.length, length)];
    int[] tokenCounts = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      int[] row = rows[i];
      tokenCounts[i] = row.length;
      for (int j = 0; j < length; j++) {
        inputIds[i * length + j] = j < row.length ? row[j] : paddingId;
      }
    }
    return new Encoding(inputIds, tokenCounts, length);
  }

  /** Tokenizes the text between special tokens, and the special tokens themselves. */
  private void tokenize(String text, TokenIds out) {
    int from = 0;
    for (int i = 0; i < text.length() && !out.isFull(); ) {
      Map.Entry<String, Integer> special = specialTokenAt(text, i);
      if (special == null) {
        i++;
      } else {
        words(config.normalizer().normalize(text.substring(from, i)), out);
        out.add(special.getValue());
        i += special.getKey().length();
        from = i;
      }
    }
    words(config.normalizer().normalize(text.substring(from)), out);
  }

  /** The longest special token that stands at {@code position}, if any. */
  private Map.@Nullable Entry<String, Integer> specialTokenAt(String text, int position) {
    Map.Entry<String, Integer> longest = null;
    for (Map.Entry<String, Integer> token : config.specialTokens().entrySet()) {
      if (text.startsWith(token.getKey(), position)
          && (longest == null || token.getKey().length() > longest.getKey().length())) {
        longest = token;
      }
    }
    return longest;
  }

  /** Splits a normalized text at white space, and around each punctuation character. */
  private void words(CharSequence text, TokenIds out) {
    int start = 0;
    for (int i = 0; i < text.length() && !out.isFull(); ) {
      int c = Character.codePointAt(text, i);
      int next = i + Character.charCount(c);
      boolean punctuation = BertCharacters.isPunctuation(c);
      if (punctuation || BertCharacters.isWhitespace(c)) {
        word(text, start, i, out);
        if (punctuation) {
          word(text, i, next, out);
        }
        start = next;
      }
      i = next;
    }
    word(text, start, text.length(), out);
  }

  /** Spells one word with the longest tokens that fit; all of it is unknown if a part is. */
  private void word(CharSequence text, int start, int end, TokenIds out) {
    if (start >= end) {
      return;
    }
    if (Character.codePointCount(text, start, end) > config.maxWordLength()) {
      out.add(unknownId);
      return;
    }
    int before = out.size();
    int root = WordTrie.ROOT;
    for (int position = start; position < end; root = continuationRoot) {
      int token = WordTrie.NONE;
      int tokenEnd = position;
      int node = root;
      for (int i = position; i < end && node != WordTrie.NONE; i++) {
        node = trie.child(node, text.charAt(i));
        if (node != WordTrie.NONE && trie.token(node) != WordTrie.NONE) {
          token = trie.token(node);
          tokenEnd = i + 1;
        }
      }
      if (token == WordTrie.NONE) {
        out.shrinkTo(before);
        out.add(unknownId);
        return;
      }
      out.add(token);
      position = tokenEnd;
    }
  }

  private static void checkLength(int length) {
    if (length < 2) {
      throw new IllegalArgumentException(
          "A length of " + length + " has no room for the two special tokens around a text");
    }
  }

  private static BadDataException unreadable(Path file, IOException e) {
    return BadDataException.unreadable(file.toString(), e);
  }
}
