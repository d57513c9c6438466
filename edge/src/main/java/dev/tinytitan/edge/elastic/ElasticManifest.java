package dev.tinytitan.edge.elastic;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.tinytitan.BadDataException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a JSON file beside an ONNX file says about the points in it.
 *
 * @param sha256 of the ONNX file, in hexadecimal
 * @param widths by key, the full one first
 * @param points the largest first
 */
public record ElasticManifest(
    String sha256, Map<String, WidthSlice> widths, List<ElasticPoint> points) {
  private static final int FORMAT = 1;

  public ElasticManifest {
    widths = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(widths));
    points = List.copyOf(points);
  }

  /** The JSON text. */
  String toJson() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("format", FORMAT);
    root.put("sha256", sha256);
    Map<String, Object> slices = new LinkedHashMap<>();
    widths.forEach((key, slice) -> {
      Map<String, Object> width = new LinkedHashMap<>();
      width.put("keep", slice.keep());
      Map<String, String> values = new LinkedHashMap<>();
      slice.values().forEach((name, array) -> values.put(name, encode(array)));
      width.put("values", values);
      slices.put(key, width);
    });
    root.put("widths", slices);
    List<Map<String, Object>> list = new ArrayList<>();
    for (ElasticPoint each : points) {
      Map<String, Object> point = new LinkedHashMap<>();
      point.put("name", each.name());
      point.put("width", each.width());
      point.put("output", each.output());
      point.put("weightBits", each.weightBits());
      point.put("accuracy", each.point().accuracy());
      point.put("multiplyAdds", each.point().multiplyAdds());
      point.put("weightBytes", each.point().weightBytes());
      list.add(point);
    }
    root.put("points", list);
    try {
      return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(root);
    } catch (JsonProcessingException error) {
      throw new IllegalStateException("a manifest that JSON cannot hold", error);
    }
  }

  /**
   * Reads the JSON text.
   *
   * @param source its name, for errors
   * @throws BadDataException if it is no manifest, or a damaged one
   */
  static ElasticManifest parse(String json, String source) {
    return checked(
        source,
        () -> {
          JsonNode root = new ObjectMapper().readTree(json);
          if (root.path("format").asInt() != FORMAT) {
            throw new IllegalArgumentException(
                "its format is " + root.path("format") + ", where this version knows " + FORMAT);
          }
          Map<String, WidthSlice> widths = new LinkedHashMap<>();
          for (Map.Entry<String, JsonNode> each : required(root, "widths").properties()) {
            Map<String, Integer> keep = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> group :
                required(each.getValue(), "keep").properties()) {
              keep.put(group.getKey(), group.getValue().asInt());
            }
            Map<String, float[]> values = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> value :
                required(each.getValue(), "values").properties()) {
              values.put(value.getKey(), decode(value.getValue().asText()));
            }
            widths.put(each.getKey(), new WidthSlice(keep, values));
          }
          List<ElasticPoint> points = new ArrayList<>();
          for (JsonNode each : required(root, "points")) {
            String width = required(each, "width").asText();
            if (!widths.containsKey(width)) {
              throw new IllegalArgumentException("there is no width '" + width + "'");
            }
            points.add(
                new ElasticPoint(
                    new OperatingPoint(
                        required(each, "name").asText(),
                        required(each, "accuracy").asDouble(),
                        required(each, "multiplyAdds").asLong(),
                        required(each, "weightBytes").asLong()),
                    width,
                    required(each, "output").asText(),
                    required(each, "weightBits").asInt()));
          }
          if (points.isEmpty()) {
            throw new IllegalArgumentException("it has no points");
          }
          return new ElasticManifest(required(root, "sha256").asText(), widths, points);
        });
  }

  private interface Parser {
    ElasticManifest parse() throws JsonProcessingException;
  }

  private static ElasticManifest checked(String source, Parser parser) {
    Supplier<String> start = () -> "'" + source + "' is no manifest of an elastic model: ";
    try {
      return parser.parse();
    } catch (JsonProcessingException error) {
      throw new BadDataException(start.get() + error.getOriginalMessage() + ".", error);
    } catch (IllegalArgumentException error) {
      throw new BadDataException(start.get() + error.getMessage() + ".", error);
    }
  }

  private static JsonNode required(JsonNode node, String field) {
    JsonNode value = node.get(field);
    if (value == null) {
      throw new IllegalArgumentException("'" + field + "' is missing");
    }
    return value;
  }

  private static String encode(float[] values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  private static float[] decode(String text) {
    byte[] bytes = Base64.getDecoder().decode(text);
    float[] values = new float[bytes.length / 4];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }
}
