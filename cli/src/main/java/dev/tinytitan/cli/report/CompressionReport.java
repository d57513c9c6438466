package dev.tinytitan.cli.report;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.TitanException;
import dev.tinytitan.cli.samples.ModelData;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.compress.quantize.LayerReport;
import dev.tinytitan.compress.quantize.QuantizationOptions;
import dev.tinytitan.compress.quantize.Quantizer;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.compress.report.Report;
import dev.tinytitan.compress.report.SearchReport;
import dev.tinytitan.compress.report.Section;
import dev.tinytitan.compress.report.Thumbnail;
import dev.tinytitan.compress.search.SearchData;
import dev.tinytitan.compress.search.SearchResult;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The report of {@code titan compress}. */
public final class CompressionReport {
  private static final int MOST_EXAMPLES = 12;

  /** Of the examples, so many at most are about what the models see differently. */
  private static final int MOST_DIFFERENT = 6;

  private static final int LOOKED_AT = 2000;
  private static final int CALIBRATING = 200;

  private CompressionReport() {}

  /** What a model says about a sample. */
  private record Answer(int index, double score) {}

  /**
   * The report about a search.
   *
   * @param before the file that was given
   * @param after the file that was written
   * @param model the original
   */
  public static Report of(
      Path before, Path after, Model model, ModelData data, SearchData parts, SearchResult result) {
    return SearchReport.of(
        String.valueOf(before.getFileName()),
        String.valueOf(after.getFileName()),
        result,
        model.graph(),
        layers(model, parts),
        examples(model, result.model(), data.classNames(), parts.judging()));
  }

  /** What 8 bits do to each layer; nothing where the model cannot be quantized. */
  private static List<LayerReport> layers(Model model, SearchData parts) {
    try {
      return new Quantizer(QuantizationOptions.of(Scheme.INT8))
          .quantize(model, parts.training().first(CALIBRATING), Samples.none())
          .layers();
    } catch (TitanException error) {
      return List.of();
    }
  }

  /**
   * A sample with both answers.
   *
   * @param kind of samples of which not all should be alike: the class
   * @param difference between the answers; 0 if they are the same
   */
  private record Example(
      int index, long kind, double difference, List<String> lines, Section.Role role) {}

  /**
   * Samples with both answers: first those about which the models differ most, then as many kinds
   * as there are. They are looked for all over the data, not among the first person's alone.
   */
  private static List<Section.Picture> examples(
      Model before, Model after, List<String> names, Samples samples) {
    List<Example> examples = new ArrayList<>();
    int looked = Math.min(LOOKED_AT, samples.size());
    try (Session first = before.open(SessionOptions.defaults().withThreads(1));
        Session second = after.open(SessionOptions.defaults().withThreads(1))) {
      for (int i = 0; i < looked; i++) {
        int index = (int) ((long) i * samples.size() / looked);
        Sample sample = samples.get(index);
        Optional<Example> example =
            example(index, sample, output(first, sample), output(second, sample), names);
        if (example.isEmpty() || picture(sample).isEmpty()) {
          return List.of();
        }
        examples.add(example.get());
      }
    }
    return chosen(examples).stream()
        .map(example ->
            new Section.Picture(
                picture(samples.get(example.index())).orElseThrow(),
                example.lines(),
                example.role()))
        .toList();
  }

  private static Optional<Thumbnail> picture(Sample sample) {
    return Thumbnail.of(sample.inputs().values().iterator().next());
  }

  private static Tensor output(Session session, Sample sample) {
    return session.run(sample.inputs()).values().iterator().next();
  }

  /** Empty where there is no class to be right, nor one value. */
  private static Optional<Example> example(
      int index, Sample sample, Tensor before, Tensor after, List<String> names) {
    if (sample.label().isPresent()) {
      int truth = sample.label().getAsInt();
      Answer was = answer(before);
      Answer is = answer(after);
      return Optional.of(
          new Example(
              index,
              truth,
              was.index() == is.index() ? 0 : 1,
              List.of(
                  "after: " + name(names, is),
                  "before: " + name(names, was),
                  "truth: " + name(names, truth)),
              is.index() == truth ? Section.Role.AFTER : Section.Role.WARNING));
    }
    Optional<Tensor> target = sample.target().filter(tensor -> tensor.size() == 1);
    if (target.isEmpty() || before.size() != 1 || after.size() != 1) {
      return Optional.empty();
    }
    double truth = target.get().getDouble(0);
    double was = before.getDouble(0);
    double is = after.getDouble(0);
    return Optional.of(
        new Example(
            index,
            Math.round(truth),
            Math.abs(is - was),
            List.of("after: " + value(is), "before: " + value(was), "truth: " + value(truth)),
            Math.abs(is - truth) <= 2 * Math.abs(was - truth)
                ? Section.Role.AFTER
                : Section.Role.WARNING));
  }

  private static String value(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }

  private static List<Example> chosen(List<Example> examples) {
    List<Example> chosen = new ArrayList<>();
    examples.stream()
        .filter(example -> example.difference() > 0)
        .sorted(Comparator.comparingDouble(Example::difference).reversed())
        .limit(MOST_DIFFERENT)
        .forEach(chosen::add);
    List<Example> rest = new ArrayList<>(examples);
    rest.removeAll(chosen);
    while (chosen.size() < MOST_EXAMPLES && !rest.isEmpty()) {
      // One of each kind, then again.
      Set<Long> kinds = new HashSet<>();
      for (Example example : List.copyOf(rest)) {
        if (chosen.size() < MOST_EXAMPLES && kinds.add(example.kind())) {
          chosen.add(example);
          rest.remove(example);
        }
      }
    }
    return chosen;
  }

  private static Answer answer(Tensor scores) {
    int best = 0;
    for (int i = 1; i < scores.size(); i++) {
      best = scores.getDouble(i) > scores.getDouble(best) ? i : best;
    }
    return new Answer(best, scores.getDouble(best));
  }

  private static String name(List<String> names, Answer answer) {
    boolean isShare = answer.score() >= 0 && answer.score() <= 1;
    return name(names, answer.index())
        + (isShare ? String.format(Locale.ROOT, " (%.0f %%)", 100 * answer.score()) : "");
  }

  private static String name(List<String> names, int index) {
    return index < names.size() ? names.get(index) : Integer.toString(index);
  }
}
