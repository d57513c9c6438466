package dev.tinytitan.edge.adapt;

import dev.tinytitan.compress.report.Report;
import dev.tinytitan.compress.report.Section;
import dev.tinytitan.edge.elastic.OperatingPoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Draws a timeline: as text for a terminal, and as a report. */
public final class TimelinePlot {
  private static final String BLOCKS = "▁▂▃▄▅▆▇█";

  /** Columns of a report's plots. */
  private static final int BINS = 120;

  private TimelinePlot() {}

  /**
   * A line for each point, the most accurate on top, and lines for the slow-down and for late
   * answers.
   *
   * @param columns of time
   */
  public static List<String> text(Timeline timeline, int columns) {
    List<List<Frame>> bins = bins(timeline, columns);
    List<OperatingPoint> points = points(timeline);
    int width = 10;
    for (OperatingPoint point : points) {
      width = Math.max(width, point.name().length());
    }
    List<String> lines = new ArrayList<>();
    for (OperatingPoint point : points) {
      StringBuilder line = new StringBuilder(padded(point.name(), width));
      for (List<Frame> bin : bins) {
        double share = share(bin, point);
        line.append(share == 0 ? '·' : share > 0.5 ? '█' : '▒');
      }
      lines.add(line.toString());
    }
    double most = bins.stream().mapToDouble(TimelinePlot::slowdown).max().orElse(1);
    StringBuilder slow = new StringBuilder(padded("slow-down", width));
    StringBuilder late = new StringBuilder(padded("late", width));
    for (List<Frame> bin : bins) {
      int level = (int) Math.round(slowdown(bin) / most * (BLOCKS.length() - 1));
      slow.append(BLOCKS.charAt(Math.clamp(level, 0, BLOCKS.length() - 1)));
      late.append(bin.stream().allMatch(Frame::inTime) ? '·' : '!');
    }
    lines.add(slow.append(String.format(Locale.ROOT, "  up to %.1f", most)).toString());
    lines.add(late.toString());
    double end = timeline.frames().getLast().time();
    String right = String.format(Locale.ROOT, "%.0f s", end);
    lines.add(
        padded("", width) + "0 s" + " ".repeat(Math.max(1, columns - 3 - right.length())) + right);
    return lines;
  }

  /**
   * A page with the timeline, every switch and why, and the figures of other ways to run beside it.
   *
   * @param others to compare with, such as the largest point all the time
   * @param footer where the figures come from
   */
  public static Report report(
      String title, Timeline timeline, List<Timeline> others, String footer) {
    return new Report(
        title,
        List.of(
            String.format(
                Locale.ROOT,
                "%d answers; %.2f %% of them late; %d switches.",
                timeline.frames().size(),
                100 * timeline.misses(),
                timeline.changes().size())),
        List.of(),
        sections(timeline, others),
        footer);
  }

  /**
   * The parts of such a page, for a page that shows more.
   *
   * @param others to compare with
   */
  public static List<Section> sections(Timeline timeline, List<Timeline> others) {
    List<Timeline> all = new ArrayList<>(List.of(timeline));
    all.addAll(others);
    List<Section> sections = new ArrayList<>();
    List<OperatingPoint> points = points(timeline);
    List<List<Frame>> bins = bins(timeline, BINS);
    double most = bins.stream().mapToDouble(TimelinePlot::slowdown).max().orElse(1);
    sections.add(
        columns(
            "Points over time",
            "A step for each point, the most accurate on top: "
                + points.stream().map(OperatingPoint::name).collect(Collectors.joining(", "))
                + ". Red where an answer was late.",
            bins,
            bin ->
                bin.stream()
                    .mapToDouble(frame -> points.size() - points.indexOf(frame.point()))
                    .average()
                    .orElse(0),
            points.size(),
            points.getFirst().name()));
    sections.add(
        columns(
            "Slow-down",
            "How much slower than at rest an answer came.",
            bins,
            TimelinePlot::slowdown,
            most,
            String.format(Locale.ROOT, "%.1f", most)));
    sections.add(
        new Section.Table(
            "Side by side",
            "Late answers count as wrong in the accuracy.",
            List.of("", "late>", "accuracy>", "energy>", "switches>"),
            all.stream().map(TimelinePlot::row).toList()));
    sections.add(
        new Section.Table(
            "Switches",
            "",
            List.of("at>", "point", "why"),
            timeline.changes().stream()
                .map(frame ->
                    List.of(
                        String.format(Locale.ROOT, "%.1f s", frame.time()),
                        frame.point().name(),
                        frame.change().orElse("")))
                .toList()));
    return sections;
  }

  private static List<String> row(Timeline each) {
    return List.of(
        each.title(),
        String.format(Locale.ROOT, "%.2f %%", 100 * each.misses()),
        String.format(Locale.ROOT, "%.2f %%", 100 * each.accuracy()),
        String.format(Locale.ROOT, "%.3g J", each.joules()),
        String.valueOf(each.changes().size()));
  }

  private interface Figure {
    double of(List<Frame> bin);
  }

  private static Section columns(
      String heading,
      String intro,
      List<List<Frame>> bins,
      Figure figure,
      double most,
      String top) {
    List<Section.Column> columns = new ArrayList<>();
    for (List<Frame> bin : bins) {
      boolean inTime = bin.stream().allMatch(Frame::inTime);
      columns.add(
          new Section.Column(
              Math.clamp(figure.of(bin) / most, 0.01, 1),
              String.format(
                  Locale.ROOT,
                  "%.1f s: %s, slow-down %.2f",
                  bin.getFirst().time(),
                  bin.getFirst().point().name(),
                  slowdown(bin)),
              inTime ? Section.Role.AFTER : Section.Role.WARNING));
    }
    return new Section.Columns(
        heading,
        intro,
        columns,
        top,
        "0 s",
        String.format(Locale.ROOT, "%.0f s", bins.getLast().getLast().time()));
  }

  private static List<OperatingPoint> points(Timeline timeline) {
    return timeline.frames().stream()
        .map(Frame::point)
        .distinct()
        .sorted(Comparator.comparingDouble(point -> -point.accuracy()))
        .toList();
  }

  private static List<List<Frame>> bins(Timeline timeline, int columns) {
    List<Frame> frames = timeline.frames();
    int count = Math.min(columns, frames.size());
    List<List<Frame>> bins = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      bins.add(
          frames.subList(
              (int) ((long) i * frames.size() / count),
              (int) ((long) (i + 1) * frames.size() / count)));
    }
    return bins;
  }

  private static double share(List<Frame> bin, OperatingPoint point) {
    return bin.stream().filter(frame -> frame.point().equals(point)).count() / (double) bin.size();
  }

  private static double slowdown(List<Frame> bin) {
    return bin.stream().mapToDouble(Frame::slowdown).average().orElse(1);
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(width - text.length() + 2);
  }
}
