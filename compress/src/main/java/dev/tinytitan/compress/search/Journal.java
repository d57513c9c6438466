package dev.tinytitan.compress.search;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.io.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder in which a search keeps what it has done: a file for each trial, its model, and models
 * that training gave. Each file is written whole or not at all, so that a search goes on after a
 * kill. Serves one thread.
 */
final class Journal {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String HEADER = "search.json";

  private final Path folder;

  private Journal(Path folder) {
    this.folder = folder;
  }

  /**
   * Opens a folder, or makes it.
   *
   * @param fingerprint of what trials depend on; a folder of another search is refused
   */
  static Journal open(Path folder, String fingerprint) {
    Path header = folder.resolve(HEADER);
    try {
      Files.createDirectories(folder.resolve("stages"));
      if (!Files.exists(header)) {
        ObjectNode node = MAPPER.createObjectNode().put("search", fingerprint);
        write(header, node);
      } else if (!read(header).path("search").asText().equals(fingerprint)) {
        throw new BadDataException(
            "The folder '"
                + folder
                + "' holds a search that was begun with another model, other data, another seed or"
                + " another version: remove it to begin anew.");
      }
    } catch (IOException error) {
      throw new BadDataException(
          "The folder '" + folder + "' for the work of the search cannot be used: " + error, error);
    }
    return new Journal(folder);
  }

  /** Where models are kept that training gave. */
  Path stages() {
    return folder.resolve("stages");
  }

  /** All trials that are done, in order. */
  List<Trial> trials() {
    List<Trial> trials = new ArrayList<>();
    while (Files.exists(file(trials.size() + 1))) {
      trials.add(trial(read(file(trials.size() + 1))));
    }
    return trials;
  }

  /** Keeps a trial, and its model if it was measured. */
  void add(Trial trial, @Nullable Model model) {
    if (model != null) {
      model.save(model(trial.number()));
    }
    write(file(trial.number()), node(trial));
  }

  /** The model of a trial that was measured. */
  Model model(Trial trial) {
    return Model.load(model(trial.number()));
  }

  /** Removes a folder of a search and all that is in it. */
  static void remove(Path folder) {
    if (!Files.exists(folder.resolve(HEADER))) {
      throw new BadDataException("'" + folder + "' is no folder of a search.");
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException error) {
      throw new BadDataException("'" + folder + "' cannot be removed: " + error, error);
    }
  }

  private Path file(int number) {
    return folder.resolve(String.format(Locale.ROOT, "trial-%04d.json", number));
  }

  private Path model(int number) {
    return folder.resolve(String.format(Locale.ROOT, "trial-%04d.onnx", number));
  }

  private static ObjectNode node(Trial trial) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("number", trial.number());
    node.set("steps", RecipeJson.write(trial.steps()));
    node.put("status", trial.status().name());
    node.put("reason", trial.reason());
    node.set("score", MAPPER.valueToTree(trial.score()));
    node.set("figures", MAPPER.valueToTree(trial.figures()));
    node.put("seconds", trial.seconds());
    return node;
  }

  private static Trial trial(JsonNode node) {
    List<JsonNode> steps = new ArrayList<>();
    node.path("steps").forEach(steps::add);
    return new Trial(
        node.path("number").intValue(),
        RecipeJson.steps(steps),
        Trial.Status.valueOf(node.path("status").textValue()),
        node.path("reason").asText(),
        value(node.path("score"), Score.class).orElse(null),
        value(node.path("figures"), Figures.class).orElse(null),
        node.path("seconds").doubleValue());
  }

  private static <T> Optional<T> value(JsonNode node, Class<T> type) {
    try {
      return Optional.ofNullable(MAPPER.treeToValue(node, type));
    } catch (JsonProcessingException error) {
      throw new BadDataException("A trial of the search is damaged: " + error.getMessage(), error);
    }
  }

  private static JsonNode read(Path file) {
    try {
      return MAPPER.readTree(Files.readString(file));
    } catch (IOException error) {
      throw new BadDataException("'" + file + "' of the search is damaged: " + error, error);
    }
  }

  private static void write(Path file, JsonNode node) {
    AtomicFile.write(file, out -> out.write(node.toString().getBytes(StandardCharsets.UTF_8)));
  }
}
