package dev.tinytitan.bench.encoder;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.compress.distill.Students;
import dev.tinytitan.compress.measure.LatencyMeter;
import dev.tinytitan.compress.prune.StructuredOptions;
import dev.tinytitan.compress.prune.StructuredPruner;
import dev.tinytitan.compress.prune.Target;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.data.text.MiniLm;
import dev.tinytitan.data.text.SentenceEncoder;
import dev.tinytitan.data.text.Sentences;
import dev.tinytitan.data.text.WordPieceTokenizer;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Schedule;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * How small the sentence encoder all-MiniLM-L6-v2 can be: layers, heads and neurons leave it, what
 * is left learns from the whole model on unlabelled texts, and is stored in int8. For each size:
 * the mean cosine to the float model's embeddings on sentences that nothing was trained or
 * calibrated on, and the latency by that of the int8 model of six layers, in turns.
 *
 * <p>The texts are spliced from the project's calibration sentences, and with {@code --corpus
 * FOLDER} as many more are sentences of plain text files, such as those of Debian's package
 * fortunes.
 *
 * <p>Arguments: a folder with the model's files or the artifact's jar ({@link MiniLm#in(Path)}); a
 * folder for the trained encoders, which are not trained again; optionally {@code --only NAME},
 * {@code --texts N} (so many of each kind) and {@code --epochs N}, and {@code --latency} to measure
 * time, for which nothing else should run.
 */
public final class EncoderCurve {
  private static final int BATCH = 16;
  private static final double LEARNING_RATE = 4e-4;
  private static final long SEED = 1;
  private static final int[] TOKENS = {16, 64};

  /**
   * A size.
   *
   * @param from the size whose trained encoder it begins with; empty for the whole model
   * @param cut what makes it smaller
   */
  private record Size(String name, String from, UnaryOperator<Model> cut) {}

  private static final List<Size> SIZES =
      List.of(
          new Size("6-layers", "", UnaryOperator.identity()),
          new Size("4-layers", "", model -> Students.withLayers(model, Set.of(0, 2, 4, 5))),
          new Size("4-layers-95", "4-layers", model -> narrower(model, 0.95)),
          new Size("4-layers-90", "4-layers-95", model -> narrower(model, 0.9 / 0.95)),
          new Size("3-layers", "4-layers", model -> Students.shallower(model, 3 / 4.0)));

  private final Model teacher;
  private final WordPieceTokenizer tokenizer;
  private final Path folder;
  private final List<String> arguments;
  private Optional<TrainingData> data = Optional.empty();

  private EncoderCurve(MiniLm files, Path folder, List<String> arguments) {
    this.teacher = Model.load(files.model());
    this.tokenizer = files.readTokenizer();
    this.folder = folder;
    this.arguments = arguments;
  }

  /** Trains, judges and prints; see the class. */
  public static void main(String[] args) throws IOException {
    if (args.length < 2) {
      System.err.println("Give the folder or jar of all-MiniLM-L6-v2, and a folder for encoders.");
      System.exit(2);
    }
    Path folder = Files.createDirectories(Path.of(args[1]));
    new EncoderCurve(MiniLm.in(Path.of(args[0])), folder, Arrays.asList(args)).run();
  }

  private void run() throws IOException {
    Model reference = quantized(teacher);
    float[][] wanted = embeddings(teacher);
    System.out.println(
        "| encoder | parameters in layers | bytes | cosine, float | cosine, int8 | 5 % lowest |"
            + " latency at 16 tokens | at 64 |");
    System.out.println("|---|---:|---:|---:|---:|---:|---:|---:|");
    for (Size size : SIZES) {
      if (arguments.contains("--only") && !size.name().equals(argument("--only", ""))) {
        continue;
      }
      Model student = trained(size);
      Model small = quantized(student);
      double[] cosines = cosines(embeddings(small), wanted);
      System.out.printf(
          Locale.ROOT,
          "| %s | %,d | %,d | %.4f | %.4f | %.4f | %s | %s |%n",
          size.name(),
          parameters(student),
          small.toBytes().length,
          Arrays.stream(cosines(embeddings(student), wanted)).average().orElseThrow(),
          Arrays.stream(cosines).average().orElseThrow(),
          cosines[cosines.length / 20],
          latency(reference, small, TOKENS[0]),
          latency(reference, small, TOKENS[1]));
      System.out.flush();
    }
  }

  private String argument(String name, String otherwise) {
    int at = arguments.indexOf(name);
    return at >= 0 && at + 1 < arguments.size() ? arguments.get(at + 1) : otherwise;
  }

  // Making encoders.

  private Model trained(Size size) throws IOException {
    Path file = folder.resolve(size.name() + ".onnx");
    if (Files.exists(file)) {
      return Model.load(file);
    }
    if (size.name().equals("6-layers")) {
      return teacher;
    }
    Model begin = teacher;
    for (Size each : SIZES) {
      if (each.name().equals(size.from())) {
        begin = trained(each);
      }
    }
    Model student = size.cut().apply(begin);
    System.err.printf(
        Locale.ROOT,
        "%s: cosine %.4f before training%n",
        size.name(),
        Arrays.stream(cosines(embeddings(student), embeddings(teacher))).average().orElseThrow());
    Model learned = train(student, file);
    learned.save(file);
    return learned;
  }

  /** Heads and neurons leave, whichever bring least on sentences; the width of layers stays. */
  private static Model narrower(Model model, double left) {
    return new StructuredPruner(
            StructuredOptions.of(Target.multiplyAdds(left))
                .withSensitivity(false)
                .withMultiple(32)
                .withSeed(SEED))
        .prune(model)
        .model();
  }

  private Model train(Model student, Path file) throws IOException {
    int epochs = Integer.parseInt(argument("--epochs", "4"));
    if (data.isEmpty()) {
      data = Optional.of(EncoderData.answered(teacher, tokenizer, texts()));
    }
    TrainingOptions options =
        TrainingOptions.of(Loss.meanSquaredError())
            .withOptimizer(Optimizer.adamW(LEARNING_RATE))
            .withSchedule(Schedule.cosine().withWarmUp(0.03))
            .withClipNorm(1)
            .withBatch(BATCH)
            .withEpochs(epochs)
            .withSeed(SEED)
            .withThreads(2)
            .withCheckpoint(file.resolveSibling(file.getFileName() + ".checkpoint"));
    // Words keep their vectors: few of them occur in the texts.
    try (Trainer trainer =
        Trainer.of(EncoderData.trainable(student), options, name -> !name.contains("embeddings"))) {
      long start = System.nanoTime();
      TrainingListener listener =
          new TrainingListener() {
            @Override
            public void onStep(int step, int steps, double loss) {
              if (step % 25 == 0) {
                System.err.printf(
                    Locale.ROOT,
                    "step %d of %d: loss %.5f, %.0f s%n",
                    step,
                    steps,
                    loss,
                    (System.nanoTime() - start) / 1e9);
              }
            }
          };
      return EncoderData.learned(
          student, trainer.fit(data.orElseThrow(), Optional.empty(), listener).model());
    }
  }

  private List<String> texts() throws IOException {
    int count = Integer.parseInt(argument("--texts", "2400"));
    List<String> texts = new ArrayList<>(SplicedTexts.of(count, SEED));
    String corpus = argument("--corpus", "");
    if (!corpus.isEmpty()) {
      texts.addAll(CorpusTexts.of(Path.of(corpus), count, SEED));
    }
    return texts;
  }

  private static Model quantized(Model model) {
    return new Quantizer(QuantizationOptions.of(Scheme.INT8_DYNAMIC)).quantize(model).model();
  }

  // Judging them.

  private float[][] embeddings(Model model) {
    try (Session session = model.open(SessionOptions.defaults());
        SentenceEncoder encoder = new SentenceEncoder(session, tokenizer)) {
      return Sentences.evaluation().stream().map(encoder::encode).toArray(float[][]::new);
    }
  }

  /** Of unit vectors, the lowest first. */
  private static double[] cosines(float[][] some, float[][] others) {
    double[] cosines = new double[some.length];
    for (int i = 0; i < cosines.length; i++) {
      for (int j = 0; j < some[i].length; j++) {
        cosines[i] += (double) some[i][j] * others[i][j];
      }
    }
    Arrays.sort(cosines);
    return cosines;
  }

  private static long parameters(Model model) {
    return model.graph().initializers().entrySet().stream()
        .filter(each -> !each.getKey().contains("embeddings"))
        .filter(each -> each.getValue().dtype().isFloat())
        .mapToLong(each -> each.getValue().size())
        .sum();
  }

  /** By that of the whole model in int8, on one thread. */
  private String latency(Model reference, Model small, int tokens) {
    if (!arguments.contains("--latency")) {
      return "";
    }
    String words = "word ".repeat(tokens - 2).strip();
    Map<String, Tensor> inputs = tokenizer.encode(List.of(words), tokens).tensors();
    try (LatencyMeter meter = new LatencyMeter(reference, inputs, Duration.ofSeconds(4))) {
      return String.format(Locale.ROOT, "%.2f", meter.measure(small).ratio());
    }
  }
}
