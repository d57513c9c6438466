package dev.tinytitan.compress.report;

import dev.tinytitan.compress.quantize.LayerReport;
import dev.tinytitan.compress.search.Figures;
import dev.tinytitan.compress.search.Objective;
import dev.tinytitan.compress.search.Recipe;
import dev.tinytitan.compress.search.Score;
import dev.tinytitan.compress.search.SearchOptions;
import dev.tinytitan.compress.search.SearchResult;
import dev.tinytitan.compress.search.Step;
import dev.tinytitan.compress.search.Trial;
import dev.tinytitan.ir.Graph;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;

/** What a {@link Report} says about a search for the best compressed model. */
public final class SearchReport {
  private SearchReport() {}

  /**
   * The report about one search.
   *
   * @param before name of the model as it was given
   * @param after name of the file that was written
   * @param result of the search
   * @param original the graph of the model as it was given
   * @param layers what 8 bits do to each layer of the original; may be empty
   * @param examples real samples with both models' answers; may be empty
   */
  public static Report of(
      String before,
      String after,
      SearchResult result,
      Graph original,
      List<LayerReport> layers,
      List<Section.Picture> examples) {
    List<Section> sections = new ArrayList<>();
    sections.add(
        pareto(
            result,
            Objective.SIZE,
            figures -> result.options().archive() ? figures.archiveBytes() : figures.bytes()));
    sections.add(pareto(result, Objective.LATENCY, Figures::nanos));
    if (result.options().objective() == Objective.ENERGY) {
      sections.add(pareto(result, Objective.ENERGY, Figures::joules));
    }
    sections.add(recipe(result.recipe()));
    sections.add(comparison(result));
    if (!examples.isEmpty()) {
      sections.add(
          new Section.Pictures(
              "Before and after",
              "Samples that the search never saw, with the answer of each model; first those about"
                  + " which the two differ most.",
              examples));
    }
    sections.add(trials(result));
    if (!layers.isEmpty()) {
      sections.addAll(QuantizationReport.layers(original, layers));
    }
    sections.add(
        new Section.Code(
            "The recipe",
            "Saved beside the model; titan compress MODEL --data DATA -o OUT --recipe FILE makes the"
                + " same file from it, byte for byte.",
            result.recipe().toJson()));
    sections.add(QuantizationReport.deployment(after));
    return new Report(
        before + ", made small",
        List.of(result.reason(), "How: " + result.recipe().words() + "."),
        tiles(result),
        sections,
        provenance(result));
  }

  private static List<Report.Tile> tiles(SearchResult result) {
    Figures before = result.original();
    Figures after = result.figures();
    List<Report.Tile> tiles = new ArrayList<>();
    tiles.add(
        new Report.Tile(
            "model file",
            bytes(after.bytes()),
            String.format(
                Locale.ROOT,
                "%.1f× smaller than %s; as an archive %s",
                (double) before.bytes() / after.bytes(),
                bytes(before.bytes()),
                bytes(after.archiveBytes()))));
    tiles.add(
        new Report.Tile(
            "one run, one thread",
            time(after.nanos()),
            String.format(Locale.ROOT, "%.2f of the original's time", after.latencyRatio())));
    Score judged = result.judged();
    tiles.add(
        new Report.Tile(
            result.options().metric().name(),
            score(result, judged.after()),
            String.format(
                Locale.ROOT,
                "from %s; the drop is at most %s at 95 %% confidence, on %d samples never seen",
                score(result, judged.before()),
                number(judged.bound()),
                judged.samples())));
    return tiles;
  }

  /** Score against cost, the better corner at the upper left. */
  private static Section pareto(
      SearchResult result, Objective objective, ToDoubleFunction<Figures> cost) {
    List<Trial.Measured> trials =
        result.trials().stream().flatMap(trial -> trial.measured().stream()).toList();
    double most = cost.applyAsDouble(result.original());
    double fewest = most;
    // Errors are drawn upside down, so that better is higher.
    double up = result.options().metric().isError() ? -1 : 1;
    double best = up * result.originalScore().after();
    double allowed = best - result.options().maxDrop();
    double least = allowed;
    for (Trial.Measured trial : trials) {
      most = Math.max(most, cost.applyAsDouble(trial.figures()));
      fewest = Math.min(fewest, cost.applyAsDouble(trial.figures()));
      best = Math.max(best, up * trial.score().after());
      least = Math.min(least, up * trial.score().after());
    }
    double low = least - 0.1 * (best - least) - 1e-9;
    double high = best + 0.1 * (best - least) + 1e-9;
    // Costs are spread over orders of magnitude, so their axis is logarithmic.
    double left = fewest / 1.3;
    double right = 1.3 * most;
    ToDoubleFunction<Figures> place =
        figures -> Math.log(cost.applyAsDouble(figures) / left) / Math.log(right / left);
    Set<Integer> front = new HashSet<>(result.front());
    List<Section.Point> points = new ArrayList<>();
    for (Trial.Measured trial : trials) {
      int number = trial.trial().number();
      boolean isChosen = result.chosen().map(chosen -> chosen.number() == number).orElse(false);
      points.add(
          new Section.Point(
              place.applyAsDouble(trial.figures()),
              (up * trial.score().after() - low) / (high - low),
              isChosen ? "chosen" : front.contains(number) ? String.valueOf(number) : "",
              number
                  + ": "
                  + Recipe.label(trial.trial().steps())
                  + "; "
                  + score(result, trial.score().after())
                  + ", "
                  + bytes(trial.figures().bytes())
                  + ", "
                  + time(trial.figures().nanos()),
              isChosen
                  ? Section.Role.AFTER
                  : front.contains(number) ? Section.Role.PEER : Section.Role.OTHER));
    }
    points.add(
        new Section.Point(
            place.applyAsDouble(result.original()),
            (up * result.originalScore().after() - low) / (high - low),
            "original",
            "the original: " + score(result, result.originalScore().after()),
            Section.Role.BEFORE));
    String metric = result.options().metric().name();
    return new Section.Scatter(
        Character.toUpperCase(metric.charAt(0))
            + metric.substring(1)
            + " against "
            + objective.label(),
        "Each point is a trial, on the validation part; up and to the left is better. The scale is"
            + " logarithmic. What no other beats has its number, as in the table below.",
        points,
        (allowed - low) / (high - low),
        "budget",
        metric + " " + score(result, up * high),
        score(result, up * low),
        amount(objective, left),
        amount(objective, right));
  }

  private static String amount(Objective objective, double cost) {
    return switch (objective) {
      case SIZE -> bytes((long) cost);
      case LATENCY -> time(cost);
      case ENERGY -> joules(cost);
    };
  }

  private static Section recipe(Recipe recipe) {
    List<List<String>> rows = new ArrayList<>();
    for (Step step : recipe.steps()) {
      rows.add(List.of(String.valueOf(rows.size() + 1), step.kind(), step.words()));
    }
    return new Section.Table(
        "How it was made",
        "Steps in order; all chance comes from the seed " + recipe.seed() + ".",
        List.of("step", "what", "how"),
        rows);
  }

  private static Section comparison(SearchResult result) {
    Figures before = result.original();
    Figures after = result.figures();
    Score judged = result.judged();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("ONNX file", bytes(before.bytes()), bytes(after.bytes())));
    rows.add(List.of("zip archive", bytes(before.archiveBytes()), bytes(after.archiveBytes())));
    rows.add(
        List.of(
            "multiply-adds",
            String.format(Locale.ROOT, "%,d", before.multiplyAdds()),
            String.format(Locale.ROOT, "%,d", after.multiplyAdds())));
    rows.add(List.of("one run, one thread", time(before.nanos()), time(after.nanos())));
    rows.add(
        List.of(
            "energy of a run, " + result.options().energy().method(),
            joules(before.joules()),
            joules(after.joules())));
    rows.add(
        List.of(
            result.options().metric().name() + " on " + judged.samples() + " unseen samples",
            score(result, judged.before()),
            score(result, judged.after())));
    rows.add(List.of("95 % interval, from", "", score(result, judged.low())));
    rows.add(List.of("95 % interval, to", "", score(result, judged.high())));
    return new Section.Table(
        "Before and after in figures", "", List.of("", "before>", "after>"), rows);
  }

  private static Section trials(SearchResult result) {
    List<List<String>> rows = new ArrayList<>();
    for (Trial trial : result.trials()) {
      Score score = trial.score();
      Figures figures = trial.figures();
      rows.add(
          List.of(
              String.valueOf(trial.number()),
              Recipe.label(trial.steps()) + (trial.reason().isEmpty() ? "" : ": " + trial.reason()),
              score == null ? "" : score(result, score.after()),
              score == null ? "" : number(score.drop()),
              score == null ? "" : number(score.bound()),
              figures == null ? "" : bytes(figures.bytes()),
              figures == null ? "" : time(figures.nanos()),
              String.format(Locale.ROOT, "%.1f s", trial.seconds())));
    }
    return new Section.Table(
        "Every trial",
        "Scores are those of the validation part, by which the search chooses; the bound of the drop"
            + " is at 95 % confidence.",
        List.of("trial>", "recipe", "score>", "drop>", "at most>", "bytes>", "one run>", "took>"),
        rows);
  }

  private static String provenance(SearchResult result) {
    SearchOptions options = result.options();
    StringBuilder text = new StringBuilder();
    text.append(QuantizationReport.machine())
        .append(" Seed ")
        .append(options.seed())
        .append(", ")
        .append(result.trials().size())
        .append(" trials in ")
        .append(String.format(Locale.ROOT, "%.0f s. ", result.seconds()));
    result
        .recipe()
        .origin()
        .ifPresent(origin -> {
          text.append("SHA-256 of the model: ").append(origin.model());
          origin
              .data()
              .forEach((part, hash) ->
                  text.append("; of the ").append(part).append(" part: ").append(hash));
          text.append('.');
        });
    return text.toString();
  }

  private static String score(SearchResult result, double score) {
    return result.options().metric().format(score);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }

  private static String bytes(long bytes) {
    return QuantizationReport.megabytes(bytes);
  }

  private static String time(double nanos) {
    return nanos < 1e6
        ? String.format(Locale.ROOT, "%.1f µs", nanos / 1e3)
        : String.format(Locale.ROOT, "%.2f ms", nanos / 1e6);
  }

  private static String joules(double joules) {
    return joules < 1e-3
        ? String.format(Locale.ROOT, "%.2f µJ", joules * 1e6)
        : String.format(Locale.ROOT, "%.2f mJ", joules * 1e3);
  }
}
