package dev.tinytitan.compress.search;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.prune.Criterion;
import dev.tinytitan.compress.prune.SparseMethod;
import dev.tinytitan.compress.prune.SparsePattern;
import dev.tinytitan.compress.prune.StructuredOptions;
import dev.tinytitan.compress.prune.Target;
import dev.tinytitan.compress.quantize.Calibrator;
import dev.tinytitan.compress.quantize.Rounding;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.train.SampleChange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/** Recipes as JSON. What may be left out has a default; what is not known is refused. */
final class RecipeJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Recipes are short; a larger file is something else. */
  private static final long MOST_BYTES = 1 << 20;

  private static final String AUTO = "auto";

  private RecipeJson() {}

  // Writing.

  static String write(Recipe recipe) {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("recipe", Recipe.FORMAT);
    root.put("seed", recipe.seed());
    recipe.trainingShare().ifPresent(share -> root.put("trainingShare", share));
    root.set("steps", write(recipe.steps()));
    recipe.origin().ifPresent(origin -> root.set("origin", write(origin)));
    return text(root) + "\n";
  }

  /** The steps, on one line; the same for equal steps. */
  static String line(List<Step> steps) {
    return write(steps).toString();
  }

  static ArrayNode write(List<Step> steps) {
    ArrayNode array = MAPPER.createArrayNode();
    steps.forEach(step -> array.add(write(step)));
    return array;
  }

  private static String text(JsonNode node) {
    try {
      return MAPPER.writeValueAsString(node);
    } catch (JsonProcessingException error) {
      throw new IllegalStateException("a tree that JSON cannot hold", error);
    }
  }

  private static ObjectNode write(Origin origin) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("version", origin.version());
    node.put("engine", origin.engine());
    node.put("isa", origin.isa());
    node.put("model", origin.model());
    ObjectNode data = node.putObject("data");
    origin.data().forEach(data::put);
    return node;
  }

  private static ObjectNode write(Step step) {
    ObjectNode node = MAPPER.createObjectNode();
    node.put("step", step.kind());
    switch (step) {
      case PruneStructured prune -> {
        node.put("figure", label(prune.figure()));
        node.put("left", prune.left());
        node.put("criterion", prune.criterion().label());
        node.put("multiple", prune.multiple());
        exclude(node, prune.exclude());
        node.put("samples", prune.samples());
      }
      case PruneLayers prune -> {
        node.put("figure", label(prune.figure()));
        node.put("left", prune.left());
        exclude(node, prune.exclude());
        node.put("samples", prune.samples());
      }
      case PruneSparse prune -> {
        node.put("pattern", prune.pattern().toString());
        node.put("sparsity", prune.sparsity());
        node.put("method", prune.method().label());
        prune.teaching().ifPresent(teaching -> write(node.putObject("training"), teaching));
        exclude(node, prune.exclude());
        node.put("samples", prune.samples());
      }
      case FineTune tune -> {
        write(node, tune.plan());
      }
      case Distill distill -> {
        write(node, distill);
      }
      case QuantizationAware aware -> {
        aware
            .maxBytes()
            .ifPresentOrElse(
                bytes -> node.put("maxBytes", bytes),
                () -> node.put("weightBits", aware.weightBits()));
        write(node, aware.teaching());
        exclude(node, aware.exclude());
        node.put("calibration", aware.calibration());
      }
      case Quantize quantize -> {
        Calibrator calibrator = quantize.calibrator();
        node.put("scheme", quantize.scheme().label());
        node.put("calibrator", calibrator == null ? AUTO : calibrator.label());
        node.put("rounding", quantize.rounding().label());
        node.put("weightBits", quantize.weightBits());
        quantize.maxBytes().ifPresent(bytes -> node.put("maxBytes", bytes));
        exclude(node, quantize.exclude());
        node.put("samples", quantize.samples());
      }
      case Cluster cluster -> {
        node.put("clusters", cluster.clusters());
        cluster.teaching().ifPresent(teaching -> write(node.putObject("training"), teaching));
        exclude(node, cluster.exclude());
        node.put("samples", cluster.samples());
      }
      case DropDeadUnits _ -> {}
      case NarrowBiases _ -> {}
      case ShortenNames _ -> {}
    }
    return node;
  }

  private static void write(ObjectNode node, TrainingPlan plan) {
    node.put("epochs", plan.epochs());
    node.put("samples", plan.samples());
    node.put("learningRate", plan.learningRate());
    node.put("batch", plan.batch());
    texts(node, "augment", plan.augment().stream().map(SampleChange::label).toList());
    if (plan.averaging() > 0) {
      node.put("averaging", plan.averaging());
    }
  }

  private static void write(ObjectNode node, Distill teaching) {
    write(node, teaching.plan());
    node.put("temperature", teaching.temperature());
    node.put("labelWeight", teaching.labelWeight());
  }

  private static void exclude(ObjectNode node, List<String> names) {
    texts(node, "exclude", names);
  }

  /** Left out if there are none. */
  private static void texts(ObjectNode node, String name, List<String> texts) {
    if (!texts.isEmpty()) {
      ArrayNode array = node.putArray(name);
      texts.forEach(array::add);
    }
  }

  private static String label(Target.Figure figure) {
    return switch (figure) {
      case MULTIPLY_ADDS -> "macs";
      case PARAMETERS -> "parameters";
      case BYTES -> "bytes";
    };
  }

  // Reading.

  static Recipe read(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new BadDataException("'" + file + "' is too large for a recipe.");
      }
      return read(Files.readString(file));
    } catch (NoSuchFileException error) {
      throw new BadDataException("There is no recipe '" + file + "'.", error);
    } catch (IOException error) {
      throw new BadDataException("The recipe '" + file + "' cannot be read: " + error, error);
    }
  }

  static Recipe read(String json) {
    JsonFields root = JsonFields.of(tree(json), "the recipe");
    int format = root.integer("recipe");
    if (format != Recipe.FORMAT) {
      throw new BadDataException(
          "The recipe is of format "
              + format
              + "; this version of TinyTitan reads format "
              + Recipe.FORMAT
              + ".");
    }
    long seed = root.integer("seed", 1L);
    OptionalDouble share =
        root.has("trainingShare")
            ? OptionalDouble.of(root.number("trainingShare"))
            : OptionalDouble.empty();
    List<Step> steps = steps(root.array("steps"));
    Optional<Origin> origin = root.object("origin").map(RecipeJson::origin);
    root.requireNoOthers();
    return root.checked(() -> new Recipe(steps, seed, share, origin));
  }

  static List<Step> steps(List<JsonNode> array) {
    List<Step> steps = new ArrayList<>();
    for (JsonNode node : array) {
      steps.add(step(JsonFields.of(node, "step " + (steps.size() + 1))));
    }
    return steps;
  }

  static JsonNode tree(String json) {
    try {
      return MAPPER.readTree(json);
    } catch (JsonProcessingException error) {
      JsonLocation at = error.getLocation();
      throw new BadDataException(
          "The recipe is no JSON"
              + (at == null ? "" : ", in line " + at.getLineNr() + ", column " + at.getColumnNr())
              + ": "
              + error.getOriginalMessage()
              + ".",
          error);
    }
  }

  private static Origin origin(JsonFields fields) {
    Map<String, String> data = new LinkedHashMap<>();
    fields
        .object("data")
        .ifPresent(parts -> parts.names().forEach(name -> data.put(name, parts.text(name))));
    Origin origin =
        new Origin(
            fields.text("version"),
            fields.text("engine"),
            fields.text("isa"),
            fields.text("model"),
            data);
    fields.requireNoOthers();
    return origin;
  }

  private static Step step(JsonFields fields) {
    Step step =
        fields.checked(() ->
            switch (fields.text("step")) {
              case "prune-structured" ->
                  new PruneStructured(
                      figure(fields.text("figure", "macs")),
                      fields.number("left"),
                      Criterion.of(fields.text("criterion", Criterion.AUTO.label())),
                      fields.integer("multiple", StructuredOptions.DEFAULT_MULTIPLE),
                      fields.texts("exclude"),
                      fields.integer("samples", PruneStructured.DEFAULT_SAMPLES));
              case "prune-layers" ->
                  new PruneLayers(
                      figure(fields.text("figure", "macs")),
                      fields.number("left"),
                      fields.texts("exclude"),
                      fields.integer("samples", PruneStructured.DEFAULT_SAMPLES));
              case "prune-sparse" ->
                  new PruneSparse(
                      SparsePattern.of(fields.text("pattern")),
                      fields.number("sparsity", 0.5),
                      SparseMethod.of(fields.text("method", SparseMethod.SPARSE_GPT.label())),
                      ownTraining(fields),
                      fields.texts("exclude"),
                      fields.integer("samples", PruneSparse.DEFAULT_SAMPLES));
              case "fine-tune" -> new FineTune(plan(fields));
              case "distill" -> teaching(fields);
              case "quantization-aware" ->
                  new QuantizationAware(
                      fields.integer("weightBits", 8),
                      maxBytes(fields),
                      teaching(fields),
                      fields.texts("exclude"),
                      fields.integer("calibration", Quantize.DEFAULT_SAMPLES));
              case "quantize" -> quantize(fields);
              case "cluster" ->
                  new Cluster(
                      fields.integer("clusters"),
                      ownTraining(fields),
                      fields.texts("exclude"),
                      fields.integer("samples", Quantize.DEFAULT_SAMPLES));
              case "drop-dead-units" -> new DropDeadUnits();
              case "narrow-biases" -> new NarrowBiases();
              case "shorten-names" -> new ShortenNames();
              default ->
                  throw new IllegalArgumentException(
                      "there is no step '"
                          + fields.text("step")
                          + "'; there are prune-structured, prune-layers, prune-sparse, fine-tune,"
                          + " distill, quantize, quantization-aware, cluster, drop-dead-units, narrow-biases"
                          + " and shorten-names");
            });
    fields.requireNoOthers();
    return step;
  }

  private static TrainingPlan plan(JsonFields fields) {
    return new TrainingPlan(
        fields.integer("epochs"),
        fields.integer("samples", 0),
        fields.number("learningRate", TrainingPlan.DEFAULT_RATE),
        fields.integer("batch", TrainingPlan.DEFAULT_BATCH),
        fields.texts("augment").stream().map(SampleChange::of).toList(),
        fields.number("averaging", 0));
  }

  private static Distill teaching(JsonFields fields) {
    return new Distill(
        plan(fields),
        fields.number("temperature", Distill.DEFAULT_TEMPERATURE),
        fields.number("labelWeight", Distill.DEFAULT_LABEL_WEIGHT));
  }

  /** Training where a step can do without. */
  private static Optional<Distill> ownTraining(JsonFields fields) {
    Optional<JsonFields> own = fields.object("training");
    Optional<Distill> teaching = own.map(RecipeJson::teaching);
    own.ifPresent(JsonFields::requireNoOthers);
    return teaching;
  }

  private static OptionalLong maxBytes(JsonFields fields) {
    long bytes = fields.integer("maxBytes", 0L);
    return bytes == 0 ? OptionalLong.empty() : OptionalLong.of(bytes);
  }

  private static Quantize quantize(JsonFields fields) {
    String calibrator = fields.text("calibrator", AUTO);
    return new Quantize(
        Scheme.of(fields.text("scheme", Scheme.INT8.label())),
        calibrator.equals(AUTO) ? null : Calibrator.of(calibrator),
        Rounding.of(fields.text("rounding", Rounding.NEAREST.label())),
        fields.integer("weightBits", 8),
        maxBytes(fields),
        fields.texts("exclude"),
        fields.integer("samples", Quantize.DEFAULT_SAMPLES));
  }

  private static Target.Figure figure(String label) {
    for (Target.Figure figure : Target.Figure.values()) {
      if (label(figure).equals(label)) {
        return figure;
      }
    }
    throw new IllegalArgumentException(
        "'" + label + "' cannot be counted; macs, parameters and bytes can");
  }
}
