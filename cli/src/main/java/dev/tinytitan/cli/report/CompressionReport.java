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
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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

  /** Images with both answers: first those about which the models differ. */
  private static List<Section.Picture> examples(
      Model before, Model after, List<String> names, Samples samples) {
    List<Section.Picture> different = new ArrayList<>();
    List<Section.Picture> alike = new ArrayList<>();
    try (Session first = before.open(SessionOptions.defaults().withThreads(1));
        Session second = after.open(SessionOptions.defaults().withThreads(1))) {
      for (int i = 0; i < Math.min(LOOKED_AT, samples.size()); i++) {
        Sample sample = samples.get(i);
        Optional<Thumbnail> image = Thumbnail.of(sample.inputs().values().iterator().next());
        if (image.isEmpty() || sample.label().isEmpty()) {
          return List.of();
        }
        Answer was = answer(first, sample);
        Answer is = answer(second, sample);
        int truth = sample.label().getAsInt();
        List<Section.Picture> list = was.index() == is.index() ? alike : different;
        if (list.size() < MOST_EXAMPLES) {
          list.add(
              new Section.Picture(
                  image.get(),
                  List.of(
                      "after: " + name(names, is),
                      "before: " + name(names, was),
                      "truth: " + name(names, truth)),
                  is.index() == truth ? Section.Role.AFTER : Section.Role.WARNING));
        }
      }
    }
    List<Section.Picture> chosen =
        new ArrayList<>(different.subList(0, Math.min(MOST_DIFFERENT, different.size())));
    chosen.addAll(alike.subList(0, Math.min(MOST_EXAMPLES - chosen.size(), alike.size())));
    return chosen;
  }

  private static Answer answer(Session session, Sample sample) {
    Tensor scores = session.run(sample.inputs()).values().iterator().next();
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
