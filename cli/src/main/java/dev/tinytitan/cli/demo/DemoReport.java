package dev.tinytitan.cli.demo;

import dev.tinytitan.cli.output.Units;
import dev.tinytitan.compress.report.QuantizationReport;
import dev.tinytitan.compress.report.Report;
import dev.tinytitan.compress.report.Section;
import dev.tinytitan.compress.report.Section.Role;
import dev.tinytitan.compress.statistics.Interval;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** The report about the demo. */
public final class DemoReport {
  private static final int BINS = 40;

  private DemoReport() {}

  /** Puts together what came of the demo. */
  public static Report of(SentenceEncoderDemo.Outcome outcome) {
    Interval cosine = outcome.meanCosine();
    List<Section> sections = new ArrayList<>();
    sections.add(QuantizationReport.sizes(outcome.result()));
    sections.add(histogram(outcome.cosines()));
    sections.add(latency(outcome));
    sections.add(memory(outcome));
    sections.add(
        new Section.Searches(
            "Search, before and after",
            "The nearest of "
                + outcome.cosines().size()
                + " sentences to four queries, by the model before and after.",
            outcome.searches()));
    sections.addAll(QuantizationReport.layers(outcome.result()));
    sections.addAll(QuantizationReport.kept(outcome.result()));
    sections.add(QuantizationReport.deployment(String.valueOf(outcome.after().getFileName())));
    return new Report(
        "all-MiniLM-L6-v2, made small",
        List.of(
            String.format(
                Locale.ROOT,
                "A sentence encoder of 22.7 million parameters went from %s to %s. On %d sentences"
                    + " that quantization did not see, its embeddings have a mean cosine of %.4f to"
                    + " the original's (95 %% interval %.4f to %.4f); the least similar one has"
                    + " %.4f.",
                Units.bytes(outcome.result().bytesBefore()),
                Units.bytes(outcome.result().bytesAfter()),
                outcome.cosines().size(),
                cosine.value(),
                cosine.low(),
                cosine.high(),
                outcome.leastCosine()),
            QuantizationReport.summary(outcome.result())),
        List.of(
            QuantizationReport.sizeTile(outcome.result()),
            new Report.Tile(
                "mean cosine",
                String.format(Locale.ROOT, "%.4f", cosine.value()),
                String.format(Locale.ROOT, "95 %% in %.4f to %.4f", cosine.low(), cosine.high())),
            new Report.Tile(
                "least cosine",
                String.format(Locale.ROOT, "%.4f", outcome.leastCosine()),
                "of " + outcome.cosines().size() + " sentences"),
            latencyTile(outcome)),
        sections,
        QuantizationReport.provenance(outcome.result()));
  }

  private static Report.Tile latencyTile(SentenceEncoderDemo.Outcome outcome) {
    double before = median(outcome, Role.BEFORE);
    double after = median(outcome, Role.AFTER);
    return new Report.Tile(
        "time per sentence", Units.nanos(after), "before: " + Units.nanos(before));
  }

  private static double median(SentenceEncoderDemo.Outcome outcome, Role role) {
    return outcome.latencies().stream()
        .filter(line -> line.role() == role)
        .mapToDouble(line -> line.timings().median())
        .findFirst()
        .orElseThrow();
  }

  private static Section histogram(List<Double> cosines) {
    double from = Math.floor(Math.min(0.99, Collections.min(cosines)) * 100) / 100;
    int[] counts = new int[BINS];
    int most = 1;
    for (double cosine : cosines) {
      int bin = (int) Math.clamp((cosine - from) / (1 - from) * BINS, 0, BINS - 1);
      most = Math.max(most, ++counts[bin]);
    }
    List<Section.Column> columns = new ArrayList<>();
    for (int i = 0; i < BINS; i++) {
      double low = from + (1 - from) * i / BINS;
      columns.add(
          new Section.Column(
              counts[i] / (double) most,
              String.format(
                  Locale.ROOT,
                  "%d sentences from %.4f to %.4f",
                  counts[i],
                  low,
                  low + (1 - from) / BINS),
              Role.AFTER));
    }
    return new Section.Columns(
        "How near the embeddings stay",
        "The cosine between each sentence's embedding before and after; 1 is the same direction.",
        columns,
        most + " sentences",
        String.format(Locale.ROOT, "%.2f", from),
        "1.00");
  }

  private static Section latency(SentenceEncoderDemo.Outcome outcome) {
    return new Section.Bars(
        "Latency",
        "The median time of one run on a sentence of "
            + outcome.timedTokens()
            + " tokens, one thread, measured in turns on this machine"
            + (hasPeer(outcome)
                ? "."
                : ". With the bench module present, ONNX Runtime stands beside it."),
        outcome.latencies().stream()
            .map(line ->
                new Section.Bar(
                    line.label(),
                    line.timings().median(),
                    Units.nanos(line.timings().median()),
                    line.role()))
            .toList());
  }

  private static boolean hasPeer(SentenceEncoderDemo.Outcome outcome) {
    return outcome.latencies().stream().anyMatch(line -> line.role() == Role.PEER);
  }

  private static Section memory(SentenceEncoderDemo.Outcome outcome) {
    List<List<String>> rows = new ArrayList<>();
    for (Latency.Line line : outcome.latencies()) {
      rows.add(
          List.of(
              line.label(),
              Units.nanos(line.timings().median()),
              Units.nanos(line.timings().quantile(0.95)),
              Units.nanos(line.timings().quantile(0.99)),
              line.memoryBytes() < 0 ? "not known" : Units.bytes(line.memoryBytes())));
    }
    return new Section.Table(
        "Latency and memory in figures",
        "Memory: activations, inputs, outputs and scratch of one thread, as planned.",
        List.of("engine and model", "median>", "p95>", "p99>", "memory>"),
        rows);
  }
}
