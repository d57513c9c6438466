package dev.tinytitan.bench.training;

import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.Schedule;
import dev.tinytitan.train.Trainer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingListener;
import dev.tinytitan.train.TrainingOptions;
import dev.tinytitan.train.TrainingResult;
import dev.tinytitan.train.zoo.Zoo;
import java.util.Optional;

/** Training by this project. */
final class OwnContender implements TrainingContender {
  private final Trainer trainer;
  private final TrainingData data;

  OwnContender(String name, TrainingData data, int[] sample, int classes) {
    this.data = data;
    this.trainer =
        Trainer.of(
            Zoo.build(name, new Zoo.Task(Shape.of(sample), classes, true, 0, 1), 1),
            TrainingOptions.of(Loss.crossEntropy())
                .withOptimizer(Optimizer.sgd(TrainingSpeed.LEARNING_RATE))
                .withSchedule(Schedule.constant())
                .withBatch(TrainingSpeed.BATCH)
                .withEpochs(1_000_000)
                .withThreads(TrainingSpeed.THREADS));
  }

  /** Stops after so many steps; the clock runs from before the first one to behind the last. */
  private static final class Clock implements TrainingListener {
    private final int most;
    private long last;
    private int done;

    Clock(int most) {
      this.most = most;
    }

    @Override
    public void onStep(int step, int steps, double loss) {
      done++;
      last = System.nanoTime();
    }

    @Override
    public boolean stops() {
      return done >= most;
    }
  }

  @Override
  public double samplesPerSecond(int steps) {
    Clock clock = new Clock(steps);
    long start = System.nanoTime();
    TrainingResult result = trainer.fit(data, Optional.empty(), clock);
    if (result.stop() != TrainingResult.Stop.INTERRUPTED) {
      throw new IllegalStateException(result.detail());
    }
    return steps * TrainingSpeed.BATCH / ((clock.last - start) / 1e9);
  }

  @Override
  public void close() {
    trainer.close();
  }
}
