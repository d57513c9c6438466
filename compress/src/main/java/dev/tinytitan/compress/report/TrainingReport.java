package dev.tinytitan.compress.report;

import dev.tinytitan.train.EpochReport;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** What a {@link Report} says about a model's training. */
public final class TrainingReport {
  private TrainingReport() {}

  /**
   * What is told beside the result itself.
   *
   * @param title of the page
   * @param lead how the model was trained, in a sentence or two
   * @param measure what scores are, such as {@code accuracy}
   * @param isShare whether scores are shares, shown in per cent, of which more is better
   * @param teacherScore a line to compare with: the teacher's score
   * @param parameters how many numbers were trained
   */
  public record Facts(
      String title,
      String lead,
      String measure,
      boolean isShare,
      OptionalDouble teacherScore,
      long parameters) {}

  /** The report about one training run. */
  public static Report of(Facts facts, TrainingOptions options, TrainingResult result) {
    List<Section> sections = new ArrayList<>(curves(facts, result.history()));
    sections.add(epochs(facts, result.history()));
    return new Report(
        facts.title(),
        List.of(facts.lead(), result.detail()),
        tiles(facts, result),
        sections,
        String.format(
            Locale.ROOT,
            "Seed %d, %s, batches of %d, %d threads at most. Java %s.",
            options.seed(),
            options.optimizer().kind().name().toLowerCase(Locale.ROOT),
            options.batch(),
            options.threads(),
            Runtime.version()));
  }

  /** The course of the loss, and of the score where there is one. */
  public static List<Section> curves(Facts facts, List<EpochReport> history) {
    List<Section> sections = new ArrayList<>();
    if (history.isEmpty()) {
      return sections;
    }
    sections.add(
        new Section.Curves(
            "Loss",
            "The mean of the loss over the training data, epoch by epoch.",
            List.of(
                new Section.Curve(
                    "training loss",
                    history.stream().map(EpochReport::loss).toList(),
                    Section.Role.AFTER)),
            "epoch",
            "%.4g"));
    List<Double> scores = history.stream().map(report -> scaled(facts, report.score())).toList();
    if (scores.stream().anyMatch(Double::isFinite)) {
      List<Section.Curve> curves = new ArrayList<>();
      curves.add(new Section.Curve(facts.measure(), scores, Section.Role.AFTER));
      facts
          .teacherScore()
          .ifPresent(score -> {
            List<Double> line = scores.stream().map(any -> scaled(facts, score)).toList();
            curves.add(new Section.Curve("the teacher's", line, Section.Role.BEFORE));
          });
      sections.add(
          new Section.Curves(
              facts.measure().substring(0, 1).toUpperCase(Locale.ROOT)
                  + facts.measure().substring(1),
              "On the samples held back, which decide which epoch is kept.",
              curves,
              "epoch",
              facts.isShare() ? "%.2f %%" : "%.4g"));
    }
    return sections;
  }

  private static double scaled(Facts facts, double score) {
    return facts.isShare() ? 100 * score : score;
  }

  private static List<Report.Tile> tiles(Facts facts, TrainingResult result) {
    List<Report.Tile> tiles = new ArrayList<>();
    Optional<EpochReport> best =
        result.history().stream().filter(EpochReport::best).reduce((a, b) -> b);
    best.filter(report -> Double.isFinite(report.score()))
        .ifPresent(report ->
            tiles.add(
                new Report.Tile(
                    facts.measure(),
                    score(facts, report.score()),
                    facts.teacherScore().isPresent()
                        ? "teacher " + score(facts, facts.teacherScore().getAsDouble())
                        : "epoch " + report.epoch())));
    tiles.add(
        new Report.Tile(
            "parameters", String.format(Locale.ROOT, "%,d", facts.parameters()), "trained"));
    double seconds = result.history().stream().mapToDouble(EpochReport::seconds).sum();
    tiles.add(
        new Report.Tile(
            "time",
            String.format(Locale.ROOT, "%.0f s", seconds),
            result.history().size() + " epochs"));
    return tiles;
  }

  private static String score(Facts facts, double score) {
    return String.format(Locale.ROOT, facts.isShare() ? "%.2f %%" : "%.4g", scaled(facts, score));
  }

  private static Section epochs(Facts facts, List<EpochReport> history) {
    List<List<String>> rows = new ArrayList<>();
    for (EpochReport report : history) {
      rows.add(
          List.of(
              String.valueOf(report.epoch()),
              String.format(Locale.ROOT, "%.4g", report.loss()),
              Double.isFinite(report.score()) ? score(facts, report.score()) : "",
              String.format(Locale.ROOT, "%.2g", report.learningRate()),
              String.format(Locale.ROOT, "%.0f", report.samplesPerSecond()),
              report.best() ? "best so far" : ""));
    }
    return new Section.Table(
        "Epochs",
        "The learning rate is that at the end of the epoch.",
        List.of("epoch>", "loss>", facts.measure() + ">", "learning rate>", "samples/s>", ""),
        rows);
  }
}
