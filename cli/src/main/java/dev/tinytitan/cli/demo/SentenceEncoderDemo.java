package dev.tinytitan.cli.demo;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.cli.samples.ModelFiles;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.Calibrator;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.QuantizationResult;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.compress.quantize.Toggle;
import dev.tinytitan.compress.report.Section.Search;
import dev.tinytitan.compress.statistics.Interval;
import dev.tinytitan.data.text.MiniLm;
import dev.tinytitan.data.text.SentenceEncoder;
import dev.tinytitan.data.text.Sentences;
import dev.tinytitan.data.text.WordPieceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Makes MiniLM smaller, checks it on sentences it has not seen, times it, and searches with it. */
public final class SentenceEncoderDemo {
  /** What is searched for among the evaluation sentences. */
  private static final List<String> QUERIES =
      List.of(
          "The patient has a fever",
          "my code does not compile",
          "What will the weather be like at the weekend?",
          "I would like my money back");

  private static final int HITS = 3;
  private static final int CALIBRATION_SENTENCES = 140;

  /** About sixteen tokens: a short query or a title, the usual thing to embed. */
  private static final String TIMED_SENTENCE =
      "The delivery arrived two days late, and the box was completely soaked.";

  private SentenceEncoderDemo() {}

  /**
   * What came of it.
   *
   * @param before the model's file
   * @param after the quantized model's file
   * @param cosines of each evaluation sentence's embedding to the float model's
   * @param timedTokens tokens of the sentence that was timed
   */
  public record Outcome(
      Path before,
      Path after,
      QuantizationResult result,
      List<Double> cosines,
      List<Latency.Line> latencies,
      int timedTokens,
      List<Search> searches) {

    /** The mean cosine with its interval. */
    public Interval meanCosine() {
      return Interval.ofMean(cosines.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** The least cosine. */
    public double leastCosine() {
      return Collections.min(cosines);
    }
  }

  /**
   * Runs the demo.
   *
   * @param folder where the small model goes; made if need be
   * @throws BadDataException if MiniLM is not here or the folder cannot be written
   */
  public static Outcome run(Path folder, ProgressDisplay progress) {
    MiniLm files = ModelFiles.miniLm();
    Model model = Model.load(files.model());
    WordPieceTokenizer tokenizer = files.readTokenizer();
    QuantizationResult result = quantize(model, tokenizer, progress);
    Path small = createFolder(folder).resolve("minilm-int8.onnx");
    result.model().save(small);

    List<String> sentences = Sentences.evaluation();
    List<Double> cosines;
    List<Search> searches;
    SessionOptions options = SessionOptions.defaults();
    try (SentenceEncoder floats = SentenceEncoder.open(model, tokenizer, options);
        SentenceEncoder integers = SentenceEncoder.open(Model.load(small), tokenizer, options)) {
      Embeddings expected = Embeddings.of(sentences, floats, "embed, before", progress);
      Embeddings actual = Embeddings.of(sentences, integers, "embed, after", progress);
      cosines = actual.cosines(expected);
      searches = new ArrayList<>();
      for (String query : QUERIES) {
        searches.add(
            new Search(
                query,
                expected.nearest(floats.encode(query), HITS),
                actual.nearest(integers.encode(query), HITS)));
      }
    }
    var timed = tokenizer.encode(TIMED_SENTENCE);
    progress.report("time", 0, 1);
    List<Latency.Line> latencies = Latency.measure(files.model(), small, timed.tensors());
    progress.report("time", 1, 1);
    return new Outcome(files.model(), small, result, cosines, latencies, timed.length(), searches);
  }

  /** Static int8: products run in integers, with ranges found beforehand. */
  private static QuantizationResult quantize(
      Model model, WordPieceTokenizer tokenizer, ProgressDisplay progress) {
    List<String> sentences = Sentences.calibration();
    int stride = sentences.size() / CALIBRATION_SENTENCES;
    Samples samples =
        Samples.of(
            CALIBRATION_SENTENCES,
            index -> Sample.of(tokenizer.encode(sentences.get(index * stride)).tensors()));
    QuantizationOptions options =
        QuantizationOptions.of(Scheme.INT8)
            .withCalibrator(Calibrator.MSE)
            .withEqualize(Toggle.OFF)
            .withSmooth(Toggle.OFF)
            .withCorrectBias(Toggle.OFF);
    // The evaluation sentences are embedded once, here, and serve for the search too.
    return new Quantizer(options, progress).quantize(model, samples, Samples.none());
  }

  /** Makes the folder of a demo if it is not there. */
  static Path createFolder(Path folder) {
    try {
      return Files.createDirectories(folder);
    } catch (IOException error) {
      throw new BadDataException(
          "The folder '" + folder + "' cannot be made: name another with --output.", error);
    }
  }
}
