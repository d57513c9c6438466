package dev.tinytitan.bench.cases;

import dev.tinytitan.data.LogMel;
import dev.tinytitan.data.Split;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.train.Augmentation;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.Loss;
import dev.tinytitan.train.Optimizer;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.TrainingOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** Spoken digits (FSDD): log-mel bands of 0.8 s, clips the network has not heard. */
final class Digits implements DataCase {
  private static final int RATE = 8000;
  private static final int SAMPLES = 6400;
  private static final float FULL_SCALE = 32768;

  @Override
  public String name() {
    return "digits";
  }

  @Override
  public String folder() {
    return "fsdd";
  }

  @Override
  public Measure measure() {
    return Measure.ACCURACY;
  }

  @Override
  public double target() {
    return 0.96;
  }

  @Override
  public Recordings read(Path file) {
    Columns columns = Columns.read(file);
    float[] audio = columns.floats("audio");
    int[] offsets = columns.ints("offset");
    int[] classes = columns.ints("y");
    LogMel.Options options = LogMel.Options.of(RATE);
    int frames = options.frames(SAMPLES);
    int size = options.bands() * frames;
    float[] samples = new float[classes.length * size];
    try (LogMel mel = LogMel.of(options)) {
      for (int i = 0; i < classes.length; i++) {
        float[] clip = centred(audio, offsets[i], offsets[i + 1]);
        System.arraycopy(mel.features(clip), 0, samples, i * size, size);
      }
    }
    long[] clips = new long[classes.length];
    Arrays.setAll(clips, i -> i);
    TrainingData data = new TrainingData(classes.length, samples, size, classes, new float[0]);
    return new Recordings(data, Shape.of(1, options.bands(), frames), clips, 10);
  }

  /** The middle of a clip, or the clip with silence around it, as loud as the others. */
  private static float[] centred(float[] audio, int from, int to) {
    float[] clip = new float[SAMPLES];
    int length = Math.min(SAMPLES, to - from);
    int start = from + (to - from - length) / 2;
    float loudest = 1;
    for (int i = 0; i < length; i++) {
      loudest = Math.max(loudest, Math.abs(audio[start + i]));
    }
    float factor = 0.5f / Math.max(loudest / FULL_SCALE, 0.01f) / FULL_SCALE;
    for (int i = 0; i < length; i++) {
      clip[(SAMPLES - length) / 2 + i] = audio[start + i] * factor;
    }
    return clip;
  }

  @Override
  public List<Fold> folds(Recordings recordings, long seed) {
    return List.of(Fold.of("other clips", Split.of(recordings.groups(), 0.15, seed).heldBack()));
  }

  @Override
  public Layer network(Layer input, int outputs) {
    Layer x = input.conv(32, 3, 2).batchNorm().relu();
    for (int filters : new int[] {48, 64, 64}) {
      x = x.depthwise(3, filters == 48 ? 2 : 1).batchNorm().relu();
      x = x.conv(filters, 1, 1).batchNorm().relu();
    }
    return x.globalAveragePool().dropout(0.2).dense(outputs);
  }

  @Override
  public TrainingOptions training(Recordings recordings, int[] train) {
    Augmentation changes = Augmentation.all(List.of(Augmentation.shift(3), Augmentation.mask(6)));
    return TrainingOptions.of(new Loss.CrossEntropy(0.1, List.of()))
        .withOptimizer(Optimizer.adamW(3e-3))
        .withEpochs(25)
        .withBatch(32)
        .withMixup(0.2)
        .withAveraging(0.998)
        .withAugmentation(changes);
  }
}
