package dev.tinytitan.bench.cases;

import dev.tinytitan.data.Npz;
import dev.tinytitan.data.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What a person does, from the acceleration of the wrist, on people not seen (WISDM). */
final class Activity implements DataCase {
  private static final int AXES = 3;
  private static final float GRAVITY = 9.81f;

  @Override
  public String name() {
    return "activity";
  }

  @Override
  public String folder() {
    return "wisdm_watch";
  }

  @Override
  public Measure measure() {
    return Measure.ACCURACY;
  }

  @Override
  public double target() {
    return 0.85;
  }

  @Override
  public Recordings read(Path file) {
    Map<String, Tensor> arrays = Npz.read(file);
    float[] x = arrays.get("x").toFloatArray();
    int[] classes = arrays.get("y").toIntArray();
    int count = classes.length;
    int length = x.length / count / AXES;
    float[] samples = new float[x.length];
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < length; j++) {
        for (int axis = 0; axis < AXES; axis++) {
          samples[(i * AXES + axis) * length + j] = x[(i * length + j) * AXES + axis] / GRAVITY;
        }
      }
    }
    long[] people = Arrays.stream(arrays.get("subject").toIntArray()).asLongStream().toArray();
    TrainingData data = new TrainingData(count, samples, AXES * length, classes, new float[0]);
    return new Recordings(data, Shape.of(AXES, length), people, 6);
  }

  @Override
  public Map<String, int[]> heldBack(Recordings recordings, long seed) {
    return Map.of("other people", Split.of(recordings.groups(), 0.25, seed).heldBack());
  }

  @Override
  public Layer network(Layer input, int outputs) {
    Layer x = input.conv(24, 5, 1).batchNorm().relu().maxPool(2);
    x = x.conv(32, 5, 1).batchNorm().relu().maxPool(2);
    x = x.conv(48, 3, 1).batchNorm().relu();
    return x.globalAveragePool().dropout(0.4).dense(outputs);
  }

  @Override
  public TrainingOptions training(Recordings recordings, int[] train) {
    Augmentation changes =
        Augmentation.all(
            List.of(Augmentation.shift(8), Augmentation.noise(0.05), Augmentation.mask(10)));
    return TrainingOptions.of(new Loss.CrossEntropy(0.1, List.of()))
        .withOptimizer(Optimizer.adamW(2e-3).withWeightDecay(0.05))
        .withEpochs(30)
        .withBatch(64)
        .withMixup(0.2)
        .withAveraging(0.998)
        .withAugmentation(changes);
  }
}
