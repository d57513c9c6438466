package dev.tinytitan.cli.conformance;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.TitanException;
import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.OpaqueType;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.onnx.OnnxTensors;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Runs cases of the ONNX backend test suite: folders with {@code model.onnx} and {@code
 * test_data_set_N/{input,output}_M.pb}.
 */
public final class ConformanceSuite {

  /** What became of a case. */
  public sealed interface Outcome {
    /** The case's folder name. */
    String name();
  }

  /** All outputs of all data sets agree. */
  public record Passed(String name) implements Outcome {}

  /** It does not run, or an output differs. */
  public record Failed(String name, String reason) implements Outcome {}

  /** It is about something that TinyTitan leaves out on purpose. */
  public record Skipped(String name, String reason) implements Outcome {}

  /** Domains left out: classical machine learning, and training as a preview. */
  private static final Set<String> SKIPPED_DOMAINS =
      Set.of("ai.onnx.ml", "ai.onnx.preview.training");

  private static final Pattern NO_WORD = Pattern.compile("[^A-Za-z]+");

  /** Operators left out: strings, sequences, optionals, image files. */
  private static final Set<String> SKIPPED_OPERATORS =
      Set.of(
          "StringNormalizer",
          "StringConcat",
          "StringSplit",
          "RegexFullMatch",
          "SequenceAt",
          "SequenceConstruct",
          "SequenceEmpty",
          "SequenceErase",
          "SequenceInsert",
          "SequenceLength",
          "SequenceMap",
          "SplitToSequence",
          "ConcatFromSequence",
          "Optional",
          "OptionalGetElement",
          "OptionalHasElement",
          "ImageDecoder");

  private final SessionOptions options;

  /** A suite that runs with these options. */
  public ConformanceSuite(SessionOptions options) {
    this.options = options;
  }

  /**
   * The cases below a folder, by name; the folder itself if it is a case.
   *
   * @throws BadDataException if there are none
   */
  public static List<Path> cases(Path folder) {
    if (Files.exists(folder.resolve("model.onnx"))) {
      return List.of(folder);
    }
    try (Stream<Path> entries = Files.list(folder)) {
      List<Path> cases =
          entries.filter(entry -> Files.exists(entry.resolve("model.onnx"))).sorted().toList();
      if (cases.isEmpty()) {
        throw new BadDataException(
            "There are no conformance cases in '"
                + folder
                + "': a case is a folder with model.onnx and test_data_set_0.");
      }
      return cases;
    } catch (IOException error) {
      throw BadDataException.unreadable(folder.toString(), error);
    }
  }

  /** Runs one case. */
  public Outcome run(Path folder) {
    String name = String.valueOf(folder.getFileName());
    try {
      Model model = Model.load(folder.resolve("model.onnx"));
      Optional<String> left = leftOut(model);
      if (left.isPresent()) {
        return new Skipped(name, left.get());
      }
      try (Session session = model.open(options)) {
        return runDataSets(name, folder, model, session);
      }
    } catch (UnsupportedModelException error) {
      return leftOut(error)
          .<Outcome>map(reason -> new Skipped(name, reason))
          .orElseGet(() -> new Failed(name, String.valueOf(error.getMessage())));
    } catch (TitanException error) {
      return new Failed(name, String.valueOf(error.getMessage()));
    } catch (RuntimeException error) {
      return new Failed(name, "unexpected " + error);
    }
  }

  private static Outcome runDataSets(String name, Path folder, Model model, Session session) {
    if (!Files.isDirectory(folder.resolve("test_data_set_0"))) {
      return new Failed(name, "it has no test_data_set_0");
    }
    Tolerance tolerance = Tolerance.of(folder.resolve("data.json"));
    for (int set = 0; Files.isDirectory(folder.resolve("test_data_set_" + set)); set++) {
      Path data = folder.resolve("test_data_set_" + set);
      if (holdsOtherThanTensors(data)) {
        return new Skipped(name, "its data are sequences or optionals");
      }
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      for (int i = 0; i < model.inputs().size(); i++) {
        Path file = data.resolve("input_" + i + ".pb");
        if (Files.exists(file)) {
          inputs.put(model.inputs().get(i).name(), OnnxTensors.read(file));
        }
      }
      Map<String, Tensor> outputs = session.run(inputs);
      List<Value> declared = model.outputs();
      for (int i = 0; i < declared.size(); i++) {
        Path file = data.resolve("output_" + i + ".pb");
        if (!Files.exists(file)) {
          continue;
        }
        Tensor actual = outputs.get(declared.get(i).name());
        if (actual == null) {
          return new Failed(name, "output '" + declared.get(i).name() + "' is missing");
        }
        Optional<String> difference = tolerance.difference(OnnxTensors.read(file), actual);
        if (difference.isPresent()) {
          return new Failed(
              name,
              "output '"
                  + declared.get(i).name()
                  + "' of data set "
                  + set
                  + ": "
                  + difference.get());
        }
      }
    }
    return new Passed(name);
  }

  private static boolean holdsOtherThanTensors(Path data) {
    try (Stream<Path> files = Files.list(data)) {
      List<Path> tensors =
          new ArrayList<>(files.filter(f -> f.toString().endsWith(".pb")).toList());
      return tensors.stream().anyMatch(file -> !OnnxTensors.isTensor(file));
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }

  private static Optional<String> leftOut(Model model) {
    return Stream.concat(model.inputs().stream(), model.outputs().stream())
        .flatMap(value -> leftOut(value).stream())
        .findFirst();
  }

  private static Optional<String> leftOut(Value value) {
    return switch (value.type()) {
      case OpaqueType opaque ->
          Optional.of("value '" + value.name() + "' is of type " + opaque.kind());
      case TensorType tensor when tensor.dtype() == DType.STRING ->
          Optional.of("value '" + value.name() + "' holds strings");
      case null, default -> Optional.empty();
    };
  }

  private static Optional<String> leftOut(UnsupportedModelException error) {
    for (String problem : error.problems()) {
      for (String domain : SKIPPED_DOMAINS) {
        if (problem.contains(domain)) {
          return Optional.of("domain " + domain);
        }
      }
      Optional<String> operator =
          NO_WORD.splitAsStream(problem).filter(SKIPPED_OPERATORS::contains).findFirst();
      if (operator.isPresent()) {
        return operator.map(name -> "operator " + name);
      }
    }
    return Optional.empty();
  }
}
