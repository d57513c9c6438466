package dev.tinytitan.data.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tinytitan.BadDataException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the two kinds of files that define a WordPiece tokenizer. */
final class WordPieceFiles {
  private static final int MAX_BYTES = 64 << 20;
  private static final String MAKE_ANOTHER = "; give a tokenizer.json of a BERT model";

  private WordPieceFiles() {}

  /** Reads a {@code vocab.txt}: one token a line, its id is the line number from 0. */
  static WordPieceConfig readVocabulary(InputStream in, String source, boolean lowercase) {
    String text = new String(readBounded(in, source), StandardCharsets.UTF_8);
    Map<String, Integer> vocabulary = new HashMap<>();
    List<String> lines = text.lines().toList();
    for (int id = 0; id < lines.size(); id++) {
      vocabulary.put(lines.get(id).stripTrailing(), id);
    }
    return WordPieceConfig.bert(vocabulary, lowercase);
  }

  /** Reads the parts of a Hugging Face {@code tokenizer.json} that define a BERT tokenizer. */
  static WordPieceConfig readTokenizerJson(InputStream in, String source) {
    JsonNode root = parse(readBounded(in, source), source);
    JsonNode model = root.path("model");
    // Files of early versions leave the model's type out.
    expect(source, "model.type", model.path("type").asText("WordPiece"), "WordPiece");
    expect(source, "normalizer.type", root.at("/normalizer/type").asText(), "BertNormalizer");
    expect(
        source, "pre_tokenizer.type", root.at("/pre_tokenizer/type").asText(), "BertPreTokenizer");

    String[] ends = sequenceEnds(root.path("post_processor"), source);
    return new WordPieceConfig(
        vocabulary(model.path("vocab"), source),
        normalizer(root.path("normalizer")),
        specialTokens(root.path("added_tokens"), source),
        ends[0],
        ends[1],
        root.at("/padding/pad_token").asText("[PAD]"),
        model.path("unk_token").asText("[UNK]"),
        model.path("continuing_subword_prefix").asText("##"),
        atLeast(
            1,
            source,
            "model.max_input_chars_per_word",
            model.path("max_input_chars_per_word").asInt(WordPieceConfig.BERT_MAX_WORD_LENGTH)),
        atLeast(
            2,
            source,
            "truncation.max_length",
            root.at("/truncation/max_length").asInt(WordPieceConfig.BERT_MAX_LENGTH)));
  }

  private static BertNormalizer normalizer(JsonNode node) {
    boolean lowercase = node.path("lowercase").asBoolean(true);
    // null or absent: as lowercase.
    boolean stripAccents = node.path("strip_accents").asBoolean(lowercase);
    return new BertNormalizer(
        node.path("clean_text").asBoolean(true),
        node.path("handle_chinese_chars").asBoolean(true),
        stripAccents,
        lowercase);
  }

  private static Map<String, Integer> vocabulary(JsonNode node, String source) {
    Map<String, Integer> vocabulary = HashMap.newHashMap(node.size());
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      vocabulary.put(entry.getKey(), id(entry.getKey(), entry.getValue(), source));
    }
    return vocabulary;
  }

  private static int id(String token, JsonNode id, String source) {
    if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
      throw new BadDataException(
          source + ": the id of token '" + token + "' is " + id + ", not an index");
    }
    return id.intValue();
  }

  private static Map<String, Integer> specialTokens(JsonNode addedTokens, String source) {
    Map<String, Integer> tokens = new HashMap<>();
    for (JsonNode token : addedTokens) {
      String content = token.path("content").asText();
      for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
        if (token.path(flag).asBoolean(false)) {
          throw new BadDataException(
              source + ": added token '" + content + "' sets " + flag + ", which is not supported");
        }
      }
      if (!content.isEmpty()) {
        tokens.put(content, id(content, token.path("id"), source));
      }
    }
    return tokens;
  }

  /** The special tokens before and after a single text. */
  private static String[] sequenceEnds(JsonNode postProcessor, String source) {
    String type = postProcessor.path("type").asText();
    if (type.equals("BertProcessing")) {
      return new String[] {
        postProcessor.at("/cls/0").asText("[CLS]"), postProcessor.at("/sep/0").asText("[SEP]")
      };
    }
    expect(source, "post_processor.type", type, "TemplateProcessing");
    List<String> template = new ArrayList<>();
    for (JsonNode piece : postProcessor.path("single")) {
      template.add(piece.at("/SpecialToken/id").asText(""));
    }
    boolean textBetweenTwoTokens =
        template.size() == 3
            && !template.get(0).isEmpty()
            && template.get(1).isEmpty()
            && !template.get(2).isEmpty();
    if (!textBetweenTwoTokens) {
      throw new BadDataException(
          source + ": post_processor.single is not of the form [CLS] text [SEP]" + MAKE_ANOTHER);
    }
    return new String[] {template.get(0), template.get(2)};
  }

  private static void expect(String source, String where, String got, String expected) {
    if (!got.equals(expected)) {
      throw new BadDataException(
          source
              + ": "
              + where
              + " is '"
              + got
              + "', and only "
              + expected
              + " is supported"
              + MAKE_ANOTHER);
    }
  }

  private static int atLeast(int minimum, String source, String where, int value) {
    if (value < minimum) {
      throw new BadDataException(
          source + ": " + where + " is " + value + ", but must be at least " + minimum);
    }
    return value;
  }

  private static JsonNode parse(byte[] json, String source) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (JsonProcessingException e) {
      throw new BadDataException(source + " is not valid JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new BadDataException(source + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static byte[] readBounded(InputStream in, String source) {
    try {
      byte[] bytes = in.readNBytes(MAX_BYTES + 1);
      if (bytes.length > MAX_BYTES) {
        throw new BadDataException(
            source + " is larger than 64 MiB, too large for a tokenizer's vocabulary");
      }
      return bytes;
    } catch (IOException e) {
      throw new BadDataException(source + " cannot be read: " + e.getMessage(), e);
    }
  }
}
