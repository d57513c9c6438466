package dev.tinytitan.data.text;

import dev.tinytitan.BadDataException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What defines a WordPiece tokenizer.
 *
 * @param vocabulary token to id; pieces within a word begin with {@code continuationPrefix}
 * @param normalizer applied to the text outside special tokens
 * @param specialTokens token to id; recognized in the raw text, as they stand
 * @param classToken set before each text, {@code [CLS]}
 * @param separatorToken set after each text, {@code [SEP]}
 * @param paddingToken fills the rows of a batch, {@code [PAD]}
 * @param unknownToken stands for a word that the vocabulary cannot spell, {@code [UNK]}
 * @param continuationPrefix {@code ##}
 * @param maxWordLength longest word in code points; longer ones are unknown
 * @param maxLength most tokens of one encoded text, special tokens included
 */
record WordPieceConfig(
    Map<String, Integer> vocabulary,
    BertNormalizer normalizer,
    Map<String, Integer> specialTokens,
    String classToken,
    String separatorToken,
    String paddingToken,
    String unknownToken,
    String continuationPrefix,
    int maxWordLength,
    int maxLength) {

  /** What BERT takes at most: its number of position embeddings. */
  static final int BERT_MAX_LENGTH = 512;

  /** Where the original gives up on a word. */
  static final int BERT_MAX_WORD_LENGTH = 100;

  /** The configuration that goes with a plain {@code vocab.txt}. */
  static WordPieceConfig bert(Map<String, Integer> vocabulary, boolean lowercase) {
    Map<String, Integer> specialTokens = new HashMap<>();
    for (String token : List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")) {
      Integer id = vocabulary.get(token);
      if (id != null) {
        specialTokens.put(token, id);
      }
    }
    return new WordPieceConfig(
        vocabulary,
        new BertNormalizer(true, true, lowercase, lowercase),
        specialTokens,
        "[CLS]",
        "[SEP]",
        "[PAD]",
        "[UNK]",
        "##",
        BERT_MAX_WORD_LENGTH,
        BERT_MAX_LENGTH);
  }

  /** The same with another maximum length, at least 2. */
  WordPieceConfig withMaxLength(int newMaxLength) {
    return new WordPieceConfig(
        vocabulary,
        normalizer,
        specialTokens,
        classToken,
        separatorToken,
        paddingToken,
        unknownToken,
        continuationPrefix,
        maxWordLength,
        newMaxLength);
  }

  /**
   * The id of a token that the tokenizer cannot work without.
   *
   * @param source what was read, for the message
   * @throws BadDataException if the vocabulary lacks it
   */
  int requiredId(String token, String source) {
    Integer id = specialTokens.getOrDefault(token, vocabulary.get(token));
    if (id == null) {
      throw new BadDataException(
          source + ": the vocabulary has no token " + token + ", so it is not one of a BERT model");
    }
    return id;
  }
}
