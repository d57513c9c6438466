package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.data.Npy;
import dev.tinytitan.data.Npz;
import dev.tinytitan.data.text.SentenceEncoder;
import dev.tinytitan.data.text.WordPieceTokenizer;
import dev.tinytitan.tensor.Tensor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code titan run}: one run, outputs printed or saved. */
@Command(
    name = "run",
    description = {
      "Runs a model once; prints its outputs or saves them. Text encoders take texts: with several,"
          + " the cosines between them are printed."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan run classifier.onnx -i image.npy",
      "  titan run encoder.onnx -i inputs.npz -o outputs.npz",
      "  titan run encoder.onnx --text 'Good morning' --text 'Hello there'"
    })
public final class Run implements Callable<Integer> {
  private static final int SHOWN = 8;

  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  private Path file = Path.of("");

  @Mixin private InputOptions inputs = new InputOptions();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Save to a .npz with an array for each output, or a .npy if there is only one.")
  private @Nullable Path output;

  @Option(
      names = "--text",
      paramLabel = "TEXT",
      description = {
        "For text encoders: embeds this text (mean over tokens, length 1); may be repeated. Saved"
            + " as one array 'embeddings', a row for each text."
      })
  private List<String> texts = List.of();

  @Mixin private TokenizerOptions tokenizer = new TokenizerOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Run() {}

  @Override
  public Integer call() {
    Model model = Model.load(file);
    PrintWriter out = spec.commandLine().getOut();
    if (!texts.isEmpty()) {
      embed(model, out);
      return 0;
    }
    try (Session session = engine.open(model)) {
      Map<String, Tensor> outputs = session.run(inputs.inputs(model));
      if (output != null) {
        save(outputs, output);
      }
      if (common.json) {
        Map<String, Object> result = new LinkedHashMap<>();
        outputs.forEach((name, tensor) -> result.put(name, json(tensor)));
        Json.print(out, result);
      } else {
        outputs.forEach((name, tensor) -> out.println(name + "  " + summary(tensor)));
        if (!inputs.isGiven() && !model.inputs().isEmpty()) {
          out.println("(inputs drawn at random; give files with -i)");
        }
      }
    }
    out.flush();
    return 0;
  }

  private void embed(Model model, PrintWriter out) {
    if (inputs.isGiven()) {
      throw new CommandFailure("Give texts with --text or files with --input, not both.");
    }
    List<float[]> vectors;
    WordPieceTokenizer words = tokenizer.read();
    try (Session session = engine.open(model);
        SentenceEncoder encoder = new SentenceEncoder(session, words)) {
      vectors = List.of(encoder.encode(texts));
    }
    Tensor embeddings = stack(vectors);
    if (output != null) {
      save(Map.of("embeddings", embeddings), output);
    }
    if (common.json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("texts", texts);
      result.put("embeddings", vectors);
      result.put("cosines", cosines(vectors));
      Json.print(out, result);
    } else {
      printTexts(out, vectors);
    }
    out.flush();
  }

  private static Tensor stack(List<float[]> vectors) {
    int width = vectors.get(0).length;
    float[] all = new float[vectors.size() * width];
    for (int i = 0; i < vectors.size(); i++) {
      System.arraycopy(vectors.get(i), 0, all, i * width, width);
    }
    return Tensor.of(all, vectors.size(), width);
  }

  private static double[][] cosines(List<float[]> vectors) {
    double[][] cosines = new double[vectors.size()][vectors.size()];
    for (int i = 0; i < vectors.size(); i++) {
      for (int j = 0; j < vectors.size(); j++) {
        for (int k = 0; k < vectors.get(i).length; k++) {
          cosines[i][j] += (double) vectors.get(i)[k] * vectors.get(j)[k];
        }
      }
    }
    return cosines;
  }

  /** Each text with its cosine to every other, or the start of the embedding of a single one. */
  private void printTexts(PrintWriter out, List<float[]> vectors) {
    if (vectors.size() == 1) {
      out.println(texts.get(0) + "  " + Tensor.of(vectors.get(0), vectors.get(0).length));
      return;
    }
    List<String> heads = new ArrayList<>(List.of("", "text"));
    for (int i = 0; i < texts.size(); i++) {
      heads.add("to " + (i + 1) + ">");
    }
    Table table = new Table(heads.toArray(String[]::new));
    double[][] cosines = cosines(vectors);
    for (int i = 0; i < texts.size(); i++) {
      List<Object> row = new ArrayList<>(List.of(i + 1, texts.get(i)));
      for (double cosine : cosines[i]) {
        row.add(String.format(Locale.ROOT, "%.4f", cosine));
      }
      table.row(row.toArray());
    }
    table.print(out);
    out.println("cosines of embeddings of " + vectors.get(0).length + " elements");
  }

  private static void save(Map<String, Tensor> outputs, Path target) {
    if (target.toString().endsWith(".npz")) {
      Npz.write(target, outputs);
    } else if (target.toString().endsWith(".npy") && outputs.size() == 1) {
      Npy.write(target, outputs.values().iterator().next());
    } else {
      throw new CommandFailure(
          "'"
              + target
              + "' should end in .npz"
              + (outputs.size() == 1
                  ? " or .npy."
                  : ": there are " + outputs.size() + " outputs."));
    }
  }

  private static Map<String, Object> json(Tensor tensor) {
    List<Object> values = new ArrayList<>(tensor.size());
    for (int i = 0; i < tensor.size(); i++) {
      if (tensor.dtype().isFloat()) {
        double value = tensor.getDouble(i);
        values.add(Double.isFinite(value) ? value : Double.toString(value));
      } else {
        values.add(
            switch (tensor.dtype()) {
              case BOOL -> tensor.getBoolean(i);
              case STRING -> tensor.getString(i);
              default -> tensor.getLong(i);
            });
      }
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("dtype", tensor.dtype().label());
    json.put("shape", tensor.shape().toArray());
    json.put("values", values);
    return json;
  }

  private static String summary(Tensor tensor) {
    StringBuilder text = new StringBuilder(tensor.toString());
    if (tensor.size() > SHOWN && tensor.dtype().isFloat()) {
      double min = Double.POSITIVE_INFINITY;
      double max = Double.NEGATIVE_INFINITY;
      double sum = 0;
      int largest = 0;
      for (int i = 0; i < tensor.size(); i++) {
        double value = tensor.getDouble(i);
        min = Math.min(min, value);
        if (value > max || Double.isNaN(value)) {
          largest = Double.isNaN(max) ? largest : i;
        }
        max = Math.max(max, value);
        sum += value;
      }
      text.append(
          String.format(
              Locale.ROOT,
              "  min %.4g, mean %.4g, max %.4g at %d",
              min,
              sum / tensor.size(),
              max,
              largest));
    }
    return text.toString();
  }
}
