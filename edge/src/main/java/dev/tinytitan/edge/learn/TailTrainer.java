package dev.tinytitan.edge.learn;

import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** Runs the steps of a tail as its training graph is planned. One thread at a time. */
final class TailTrainer implements StepRunner {
  private final Graph model;
  private final Tail tail;
  private final Session session;
  private final Binding binding;
  private final List<Stepper> steppers = new ArrayList<>();
  private float rate;

  /**
   * @param model what the tail was cut from
   * @param seed of the first numbers of low-rank products
   */
  TailTrainer(Graph model, Tail tail, SessionOptions options, long seed) {
    this.model = model;
    this.tail = tail;
    this.session = open(tail, options);
    this.binding = session.binding();
    SplittableRandom random = new SplittableRandom(seed);
    for (Tail.Part part : tail.parts()) {
      float[] values = binding.input(part.name()).floatArray();
      initialize(part, values, random);
      LearnableTensor tensor = part.update().tensor();
      int inner = part.rows() == 1 ? 1 : part.shape().strides()[tensor.outputAxis()];
      steppers.add(new Stepper(values, part.shape().size(), inner, part.rows(), pruned(part)));
    }
  }

  private static Session open(Tail tail, SessionOptions options) {
    return Model.of(tail.training(), ModelInfo.of(21))
        .open(options.withLiteralQuantization(true).withOptimize(false));
  }

  /** The planned bytes of a step's activations, gradients and learned values. */
  static long plannedBytes(Tail tail, SessionOptions options) {
    try (Session session = open(tail, options)) {
      return session.binding().byteSize();
    }
  }

  private void initialize(Tail.Part part, float[] values, SplittableRandom random) {
    switch (part.update().form()) {
      case WHOLE -> {
        float[] initial = part.update().tensor().values(model);
        System.arraycopy(initial, 0, values, 0, initial.length);
      }
      case CHANNELS -> {
        // What is learned is added to the weights: it begins at 0.
      }
      case LOW_RANK -> {
        if (part.factor() == 0) {
          int inputs = part.shape().size() / part.update().rank();
          double deviation = 1 / Math.sqrt(inputs);
          for (int i = 0; i < part.shape().size(); i++) {
            values[i] = (float) (deviation * random.nextGaussian());
          }
        }
      }
    }
  }

  private boolean @Nullable [] pruned(Tail.Part part) {
    boolean @Nullable [] all = part.update().tensor().pruned(model).orElse(null);
    if (all == null || part.update().form() == Update.Form.LOW_RANK) {
      return null;
    }
    if (part.update().form() == Update.Form.WHOLE) {
      return all;
    }
    boolean[] chosen = new boolean[part.shape().size()];
    for (int i = 0; i < chosen.length; i++) {
      chosen[i] = all[ChannelIndex.whole(part.update(), i)];
    }
    return chosen;
  }

  @Override
  public long byteSize() {
    return binding.byteSize() + optimizerBytes(tail);
  }

  @Override
  public long optimizerBytes() {
    return optimizerBytes(tail);
  }

  static long optimizerBytes(Tail tail) {
    return tail.parts().stream()
        .mapToLong(part -> Stepper.byteSize(part.shape().size(), part.rows()))
        .sum();
  }

  @Override
  public Tensor cut(String name) {
    return binding.input(name);
  }

  /** The gradient of a cut's value, after a run, where the tail was built to give it. */
  float[] gradient(String name) {
    return binding.output(Objects.requireNonNull(tail.gradientOf().get(name))).floatArray();
  }

  @Override
  public float[] targets() {
    return binding.input(tail.target()).floatArray();
  }

  @Override
  public Shape logitsShape() {
    return tail.logitsShape();
  }

  @Override
  public void begin(float newRate) {
    rate = newRate;
    steppers.forEach(Stepper::begin);
  }

  @Override
  public double run(float share, float clip) {
    binding.run();
    double loss = binding.output(tail.loss()).getFloat(0);
    double squares = 0;
    for (Tail.Part part : tail.parts()) {
      float[] gradient = binding.output(part.gradient()).floatArray();
      for (int i = 0; i < part.shape().size(); i++) {
        squares += (double) gradient[i] * gradient[i];
      }
    }
    if (!Double.isFinite(loss) || !Double.isFinite(squares)) {
      return Double.NaN;
    }
    float scale = (float) Math.min(1, clip / Math.max(1e-30, Math.sqrt(squares)));
    for (int i = 0; i < steppers.size(); i++) {
      Tail.Part part = tail.parts().get(i);
      steppers.get(i).add(binding.output(part.gradient()).floatArray(), scale, share);
    }
    return loss;
  }

  @Override
  public void finish() {
    steppers.forEach(stepper -> stepper.finish(rate));
    for (Tail.Part part : tail.parts()) {
      LearnableTensor tensor = part.update().tensor();
      if (part.update().form() == Update.Form.WHOLE && tensor.grid().isPresent()) {
        tensor.grid().get().keepWithin(binding.input(part.name()).floatArray(), part.shape());
      }
    }
  }

  @Override
  public Map<String, Tensor> learned() {
    Map<String, Tensor> stored = new LinkedHashMap<>();
    for (Tail.Part part : tail.parts()) {
      Update update = part.update();
      if (part.factor() == 0) {
        stored.put(update.tensor().stored(), update.tensor().stored(values(update)));
      }
    }
    return stored;
  }

  private float[] values(Update update) {
    LearnableTensor tensor = update.tensor();
    float[] values = tensor.values(model);
    switch (update.form()) {
      case WHOLE -> {
        float[] own = binding.input(tensor.value()).floatArray();
        System.arraycopy(own, 0, values, 0, values.length);
      }
      case CHANNELS -> {
        float[] own = binding.input(part(update, 0).name()).floatArray();
        for (int i = 0; i < update.size(); i++) {
          values[ChannelIndex.whole(update, i)] += own[i];
        }
      }
      case LOW_RANK -> {
        float[] down = binding.input(part(update, 0).name()).floatArray();
        float[] up = binding.input(part(update, 1).name()).floatArray();
        boolean @Nullable [] pruned = tensor.pruned(model).orElse(null);
        LowRank.add(tensor, update.rank(), down, up, values, pruned);
      }
    }
    return values;
  }

  private Tail.Part part(Update update, int factor) {
    return tail.parts().stream()
        .filter(part -> part.update() == update && part.factor() == factor)
        .findFirst()
        .orElseThrow();
  }

  @Override
  public List<float[]> snapshot() {
    return tail.parts().stream()
        .map(part -> binding.input(part.name()).floatArray().clone())
        .toList();
  }

  @Override
  public void restore(List<float[]> snapshot) {
    for (int i = 0; i < snapshot.size(); i++) {
      float[] own = binding.input(tail.parts().get(i).name()).floatArray();
      System.arraycopy(snapshot.get(i), 0, own, 0, own.length);
      steppers.get(i).reset();
    }
  }

  @Override
  public void close() {
    session.close();
  }
}
