package dev.tinytitan.cli.command;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.Split;
import dev.tinytitan.edge.elastic.CascadeSession;
import dev.tinytitan.edge.elastic.ElasticModel;
import dev.tinytitan.edge.elastic.OperatingPoint;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.TrainingData;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A cascade, calibrated on one half of the data and judged on the other. */
final class CascadeRun {
  private static final SessionOptions ONE_THREAD = SessionOptions.defaults().withThreads(1);

  private final List<Path> files;
  private final DataSource data;
  private final double points;

  /**
   * @param files an elastic model, or several models
   * @param points of accuracy that may be lost
   */
  CascadeRun(List<Path> files, DataSource data, double points) {
    this.files = files;
    this.data = data;
    this.points = points;
  }

  /**
   * What one half of the data says.
   *
   * @param accuracy of all answers
   * @param multiplyAdds the mean of an answer
   * @param answered by each exit, a share
   */
  private record Judged(double accuracy, double multiplyAdds, List<Double> answered) {}

  void run(PrintWriter out, boolean json) {
    try (Dataset opened = data.open();
        CascadeSession session = open()) {
      Dataset samples = opened.inMemory();
      Split split = Split.of(samples, 0.5, 1);
      TrainingData all = TrainingData.of(samples);
      if (!all.hasClasses()) {
        throw new BadDataException("Cascades are calibrated on classes; these data have none.");
      }
      TrainingData judging = all.select(split.heldBack());
      // Before it is calibrated, every answer comes from the last exit.
      Judged last = judge(session, judging);
      session.calibrate(all.select(split.train()), points / 100);
      Judged cascade = judge(session, judging);
      if (json) {
        Json.print(out, document(session, cascade, last));
      } else {
        print(out, session, cascade, last);
      }
      out.flush();
    }
  }

  private CascadeSession open() {
    if (files.size() == 1) {
      ElasticModel model = ElasticModel.load(files.getFirst());
      return CascadeSession.open(model, model.points().getFirst(), ONE_THREAD);
    }
    List<Model> smallestFirst =
        files.stream()
            .map(Model::load)
            .sorted(
                Comparator.comparingLong(model -> OperatingPoint.of("x", model, 0).multiplyAdds()))
            .toList();
    return CascadeSession.of(smallestFirst, ONE_THREAD);
  }

  private static Judged judge(CascadeSession session, TrainingData judging) {
    Tensor sample = session.sample();
    int right = 0;
    double spent = 0;
    int[] answered = new int[session.exits()];
    for (int i = 0; i < judging.size(); i++) {
      System.arraycopy(
          judging.samples(),
          i * judging.sampleSize(),
          sample.floatArray(),
          0,
          judging.sampleSize());
      CascadeSession.Answer answer = session.run(sample);
      right += isClass(answer.output().toFloatArray(), judging.classes()[i]) ? 1 : 0;
      spent += answer.multiplyAdds();
      answered[answer.exit()]++;
    }
    double size = judging.size();
    return new Judged(
        right / size,
        spent / size,
        Arrays.stream(answered).mapToObj(count -> count / size).toList());
  }

  private static boolean isClass(float[] scores, int label) {
    for (float score : scores) {
      if (score > scores[label]) {
        return false;
      }
    }
    return true;
  }

  private static Map<String, Object> document(CascadeSession session, Judged cascade, Judged last) {
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("cascade", cascade);
    document.put("withoutEarlyAnswers", last);
    document.put("threshold", session.policy().threshold());
    document.put("dropBound", session.policy().dropBound());
    return document;
  }

  private static void print(PrintWriter out, CascadeSession session, Judged cascade, Judged last) {
    Table table = new Table("exit", "answers>");
    for (int exit = 0; exit < cascade.answered().size(); exit++) {
      table.row(exit + 1, percent(cascade.answered().get(exit)));
    }
    table.print(out);
    out.printf(
        Locale.ROOT,
        "%nAccuracy %s, without early answers %s; %s multiply-adds an answer in the mean, and"
            + " %s.%n",
        percent(cascade.accuracy()),
        percent(last.accuracy()),
        Units.count(Math.round(cascade.multiplyAdds())),
        Units.count(Math.round(last.multiplyAdds())));
    out.printf(
        Locale.ROOT,
        "An answer is taken from a confidence of %.3f on; at most %.2f points are lost, at 95 %%"
            + " confidence.%n",
        session.policy().threshold(),
        100 * session.policy().dropBound());
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }
}
