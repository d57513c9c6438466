package dev.tinytitan.compress.search;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tinytitan.BadDataException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The fields of a JSON object, each read by name and type. What is missing, of another type or left
 * over is a {@link BadDataException} that names the place. Not thread-safe.
 */
final class JsonFields {
  private final JsonNode node;
  private final String place;
  private final Set<String> read = new HashSet<>();

  private JsonFields(JsonNode node, String place) {
    this.node = node;
    this.place = place;
  }

  /** The fields of an object; {@code place} is what messages call it. */
  static JsonFields of(JsonNode node, String place) {
    if (!node.isObject()) {
      throw new BadDataException("In the JSON, " + place + " must be an object in braces.");
    }
    return new JsonFields(node, place);
  }

  private Optional<JsonNode> find(String name) {
    read.add(name);
    return Optional.ofNullable(node.get(name)).filter(value -> !value.isNull());
  }

  private JsonNode need(String name) {
    return find(name).orElseThrow(() -> wrong("'" + name + "' is missing"));
  }

  private BadDataException wrong(String what) {
    return new BadDataException(
        Character.toUpperCase(place.charAt(0)) + place.substring(1) + ": " + what + ".");
  }

  /** True if there is such a field. */
  boolean has(String name) {
    return find(name).isPresent();
  }

  /** All names that are there. */
  List<String> names() {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  int integer(String name) {
    need(name);
    return integer(name, 0);
  }

  long integer(String name, long missing) {
    Optional<JsonNode> value = find(name);
    if (value.isEmpty()) {
      return missing;
    }
    if (!value.get().isIntegralNumber() || !value.get().canConvertToLong()) {
      throw wrong("'" + name + "' must be a whole number, not " + value.get());
    }
    return value.get().longValue();
  }

  /** A whole number that fits an int, or one for where it is missing. */
  int integer(String name, int missing) {
    long value = integer(name, (long) missing);
    if ((int) value != value) {
      throw wrong("'" + name + "' is too large: " + value);
    }
    return (int) value;
  }

  double number(String name) {
    need(name);
    return number(name, 0);
  }

  double number(String name, double missing) {
    Optional<JsonNode> value = find(name);
    if (value.isPresent() && !value.get().isNumber()) {
      throw wrong("'" + name + "' must be a number, not " + value.get());
    }
    return value.map(JsonNode::doubleValue).orElse(missing);
  }

  boolean flag(String name) {
    JsonNode value = need(name);
    if (!value.isBoolean()) {
      throw wrong("'" + name + "' must be true or false, not " + value);
    }
    return value.booleanValue();
  }

  String text(String name) {
    JsonNode value = need(name);
    if (!value.isTextual()) {
      throw wrong("'" + name + "' must be a text, not " + value);
    }
    return value.textValue();
  }

  String text(String name, String missing) {
    return find(name).isPresent() ? text(name) : missing;
  }

  List<JsonNode> array(String name) {
    return elements(name, need(name));
  }

  private List<JsonNode> elements(String name, JsonNode value) {
    if (!value.isArray()) {
      throw wrong("'" + name + "' must be a list in brackets");
    }
    List<JsonNode> elements = new ArrayList<>();
    value.forEach(elements::add);
    return elements;
  }

  List<String> texts(String name) {
    Optional<JsonNode> value = find(name);
    if (value.isEmpty()) {
      return List.of();
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode element : elements(name, value.get())) {
      if (!element.isTextual()) {
        throw wrong("'" + name + "' must hold texts, not " + element);
      }
      texts.add(element.textValue());
    }
    return texts;
  }

  Optional<JsonFields> object(String name) {
    return find(name).map(value -> of(value, "'" + name + "' of " + place));
  }

  /** What a constructor or factory refuses is said with the place. */
  <T> T checked(Supplier<T> source) {
    try {
      return source.get();
    } catch (IllegalArgumentException error) {
      String message = String.valueOf(error.getMessage());
      throw wrong(message.endsWith(".") ? message.substring(0, message.length() - 1) : message);
    }
  }

  /** All that is there must have been read. */
  void requireNoOthers() {
    List<String> others = new ArrayList<>(names());
    others.removeAll(read);
    if (!others.isEmpty()) {
      throw wrong("'" + others.get(0) + "' is not known here");
    }
  }
}
