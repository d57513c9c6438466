package dev.tinytitan.bench.elastic;

import dev.tinytitan.Model;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.edge.elastic.CascadeSession;
import dev.tinytitan.edge.elastic.ElasticModel;
import dev.tinytitan.edge.elastic.ElasticOptions;
import dev.tinytitan.edge.elastic.ElasticPoint;
import dev.tinytitan.edge.elastic.ElasticTrainer;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Evaluation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Network;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.SharedWeightsOptions;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Trains an elastic residual network on Fashion-MNIST (or other images of 28×28 in ten classes),
 * and for each of its points a network of the same shape alone, with the same data, epochs and
 * options; prints both accuracies, multiply-adds, bytes, and what early exits save.
 *
 * <p>Arguments: the folder of the IDX files, the folder to save in, the number of training samples,
 * the epochs, and {@code elastic}, {@code dedicated} (names of points may follow) or {@code exits}
 * for what to do.
 */
public final class ElasticAccuracy {
  private static final int CLASSES = 10;
  private static final long SEED = 1;

  private final Path folder;
  private final TrainingData train;
  private final TrainingData test;
  private final TrainingOptions options;

  private ElasticAccuracy(Path data, Path folder, int samples, int epochs) {
    this.folder = folder;
    this.train = read(data.resolve("train-images-idx3-ubyte.gz"), samples);
    this.test = read(data.resolve("t10k-images-idx3-ubyte.gz"), Integer.MAX_VALUE);
    this.options =
        TrainingOptions.of(Loss.crossEntropy())
            .withOptimizer(Optimizer.adamW(2e-3).withWeightDecay(0.05))
            .withEpochs(epochs)
            .withBatch(64)
            .withThreads(1)
            .withSeed(SEED);
  }

  /** Runs the measurement. */
  public static void main(String[] args) throws IOException {
    ElasticAccuracy run =
        new ElasticAccuracy(
            Path.of(args[0]),
            Files.createDirectories(Path.of(args[1])),
            Integer.parseInt(args[2]),
            Integer.parseInt(args[3]));
    switch (args[4]) {
      case "elastic" -> run.elastic();
      case "dedicated" -> run.dedicated(List.of(args).subList(5, args.length));
      case "exits" -> {
        run.exits();
        run.cascade();
      }
      default -> throw new IllegalArgumentException(args[4]);
    }
  }

  private static TrainingData read(Path file, int most) {
    try (Dataset data = Dataset.open(file)) {
      TrainingData all = TrainingData.of(data);
      float[] scaled = all.samples().clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] = (scaled[i] - 73) / 90;
      }
      TrainingData ready =
          new TrainingData(all.size(), scaled, all.sampleSize(), all.classes(), all.targets());
      return most >= all.size() ? ready : ready.select(IntStream.range(0, most).toArray());
    }
  }

  private static Model network() {
    Network network = new Network("fashion", SEED);
    Layer x = network.input(1, 28, 28).conv(16, 3, 2).batchNorm().relu();
    x = residual(x, 16, 1);
    x = residual(x, 32, 2);
    x = residual(x, 64, 2);
    return network.classifier(x.globalAveragePool().dense(CLASSES));
  }

  private static Layer residual(Layer x, int filters, int stride) {
    Layer y = x.conv(filters, 3, stride).batchNorm().relu().conv(filters, 3, 1).batchNorm();
    Layer shortcut = stride == 1 ? x : x.conv(filters, 1, stride);
    return shortcut.add(y).relu();
  }

  private Path file() {
    return folder.resolve("fashion.onnx");
  }

  private void elastic() throws IOException {
    long start = System.nanoTime();
    ElasticModel model =
        new ElasticTrainer(
                ElasticOptions.defaults()
                    .withTraining(options)
                    .withSharing(new SharedWeightsOptions(0.5, 2, 100)))
            .train(network(), train, test, progress("elastic"));
    model.save(file());
    long largest = model.at(model.points().getFirst()).toBytes().length;
    long both = Files.size(file()) + Files.size(ElasticModel.manifestOf(file()));
    for (ElasticPoint point : model.points()) {
      System.out.printf(
          Locale.ROOT,
          "%s accuracy %.2f %% multiply-adds %d bytes %d%n",
          point.name(),
          100 * point.point().accuracy(),
          point.point().multiplyAdds(),
          point.point().weightBytes());
    }
    System.out.printf(
        Locale.ROOT,
        "file and manifest %d bytes, %.3f of the largest point's %d; %.0f s%n",
        both,
        (double) both / largest,
        largest,
        (System.nanoTime() - start) * 1e-9);
  }

  /** The points of these names alone; all of them if there are none. */
  private void dedicated(List<String> names) {
    ElasticModel model = ElasticModel.load(file());
    ElasticModel fresh =
        new ElasticTrainer(ElasticOptions.defaults().withTraining(options)).untrained(network());
    for (ElasticPoint point : model.points()) {
      if (!names.isEmpty() && !names.contains(point.name())) {
        continue;
      }
      Model start = fresh.at(point);
      try (Trainer trainer = Trainer.of(start, options)) {
        Model alone = trainer.fit(train, Optional.empty(), progress(point.name())).model();
        double accuracy = Evaluation.score(alone, test, SessionOptions.defaults().withThreads(1));
        System.out.printf(
            Locale.ROOT,
            "%s elastic %.2f %% alone %.2f %% difference %+.2f points%n",
            point.name(),
            100 * point.point().accuracy(),
            100 * accuracy,
            100 * (point.point().accuracy() - accuracy));
      }
    }
  }

  /** Calibrates on one half of the test images, and judges on the other. */
  private void exits() {
    ElasticModel model = ElasticModel.load(file());
    int half = test.size() / 2;
    TrainingData calibration = test.select(IntStream.range(0, half).toArray());
    TrainingData judged = test.select(IntStream.range(half, test.size()).toArray());
    for (ElasticPoint point : model.points()) {
      if (!point.output().equals(model.model().outputs().getFirst().name())) {
        continue;
      }
      try (CascadeSession session =
          CascadeSession.open(model, point, SessionOptions.defaults().withThreads(1))) {
        double full = judge(session, judged)[0];
        session.calibrate(calibration, 0.005);
        double[] early = judge(session, judged);
        System.out.printf(
            Locale.ROOT,
            "%s full %.2f %% early %.2f %% drop %.2f points, %.2f times fewer multiply-adds,"
                + " threshold %.3f, bound %.2f points%n",
            point.name(),
            100 * full,
            100 * early[0],
            100 * (full - early[0]),
            point.point().multiplyAdds() / early[1],
            session.policy().threshold(),
            100 * session.policy().dropBound());
      }
    }
  }

  /** The narrowest width first, then the full one: a cascade out of one file. */
  private void cascade() {
    ElasticModel model = ElasticModel.load(file());
    int half = test.size() / 2;
    TrainingData calibration = test.select(IntStream.range(0, half).toArray());
    TrainingData judged = test.select(IntStream.range(half, test.size()).toArray());
    ElasticPoint full = model.points().getFirst();
    for (List<String> names :
        List.of(
            List.of("w25-d3", "w100-d3"),
            List.of("w50-d3", "w100-d3"),
            List.of("w25-d3", "w50-d3", "w100-d3"))) {
      try (CascadeSession session =
          CascadeSession.of(
              names.stream().map(name -> model.at(model.point(name))).toList(),
              SessionOptions.defaults().withThreads(1))) {
        double whole = judge(session, judged)[0];
        session.calibrate(calibration, 0.005);
        double[] early = judge(session, judged);
        System.out.printf(
            Locale.ROOT,
            "cascade %s full %.2f %% early %.2f %% drop %.2f points, %.2f times fewer multiply-adds,"
                + " threshold %.3f%n",
            names,
            100 * whole,
            100 * early[0],
            100 * (whole - early[0]),
            full.point().multiplyAdds() / early[1],
            session.policy().threshold());
      }
    }
  }

  /** Accuracy, and mean multiply-adds. */
  private static double[] judge(CascadeSession session, TrainingData data) {
    Tensor sample = Tensor.zeros(dev.tinytitan.tensor.DType.FLOAT32, Shape.of(1, 1, 28, 28));
    double hits = 0;
    double spent = 0;
    for (int i = 0; i < data.size(); i++) {
      System.arraycopy(
          data.samples(), i * data.sampleSize(), sample.floatArray(), 0, data.sampleSize());
      CascadeSession.Answer answer = session.run(sample);
      float[] scores = answer.output().toFloatArray();
      int best = 0;
      for (int j = 1; j < scores.length; j++) {
        best = scores[j] > scores[best] ? j : best;
      }
      hits += best == data.classes()[i] ? 1 : 0;
      spent += answer.multiplyAdds();
    }
    return new double[] {hits / data.size(), spent / data.size()};
  }

  private static TrainingListener progress(String name) {
    long start = System.nanoTime();
    return new TrainingListener() {
      @Override
      public void onEpoch(dev.tinytitan.train.EpochReport report) {
        System.out.printf(
            Locale.ROOT,
            "%s epoch %d loss %.4f, %.0f s%n",
            name,
            report.epoch(),
            report.loss(),
            (System.nanoTime() - start) * 1e-9);
      }
    };
  }
}
