package dev.tinytitan.bench.training;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.tinytitan.train.TrainingData;
import java.util.Arrays;

/** Training by PyTorch, through DJL. The number of its threads is a system property of DJL. */
final class PyTorchContender implements TrainingContender {
  /** Read by DJL before its engine is loaded. */
  static final String THREADS = "ai.djl.pytorch.num_threads";

  private final Model model;
  private final Trainer trainer;
  private final Loss loss = Loss.softmaxCrossEntropyLoss();
  private final TrainingData data;
  private final Shape shape;

  /**
   * A network, ready to be trained.
   *
   * @param sample the shape of a sample
   */
  PyTorchContender(String name, TrainingData data, int[] sample, int classes) {
    this.data = data;
    long[] dims = new long[sample.length + 1];
    dims[0] = TrainingSpeed.BATCH;
    for (int i = 0; i < sample.length; i++) {
      dims[i + 1] = sample[i];
    }
    this.shape = new Shape(dims);
    this.model = Model.newInstance(name, Device.cpu(), "PyTorch");
    model.setBlock(PyTorchNetworks.of(name, classes));
    this.trainer =
        model.newTrainer(
            new DefaultTrainingConfig(loss)
                .optDevices(new Device[] {Device.cpu()})
                .optOptimizer(
                    Optimizer.sgd()
                        .setLearningRateTracker(Tracker.fixed((float) TrainingSpeed.LEARNING_RATE))
                        .optMomentum((float) TrainingSpeed.MOMENTUM)
                        .build()));
    trainer.initialize(shape);
  }

  @Override
  public double samplesPerSecond(int steps) {
    long start = System.nanoTime();
    for (int step = 0; step < steps; step++) {
      int from = step * TrainingSpeed.BATCH % data.size();
      try (NDManager manager = trainer.getManager().newSubManager()) {
        int each = data.sampleSize();
        NDArray samples =
            manager.create(
                Arrays.copyOfRange(
                    data.samples(), from * each, (from + TrainingSpeed.BATCH) * each),
                shape);
        NDArray labels =
            manager.create(
                Arrays.copyOfRange(data.classes(), from, from + TrainingSpeed.BATCH),
                new Shape(TrainingSpeed.BATCH, 1));
        try (GradientCollector collector = trainer.newGradientCollector()) {
          NDArray scores = trainer.forward(new NDList(samples)).singletonOrThrow();
          NDArray value = loss.evaluate(new NDList(labels), new NDList(scores));
          collector.backward(value);
          if (!Float.isFinite(value.getFloat())) {
            throw new IllegalStateException("PyTorch's loss is " + value.getFloat());
          }
        }
        trainer.step();
      }
    }
    return steps * TrainingSpeed.BATCH / ((System.nanoTime() - start) / 1e9);
  }

  @Override
  public void close() {
    trainer.close();
    model.close();
  }
}
