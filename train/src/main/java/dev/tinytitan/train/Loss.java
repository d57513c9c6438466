package dev.tinytitan.train;

import dev.tinytitan.op.Abs;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Exp;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.LogSoftmax;
import dev.tinytitan.op.Min;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.op.Softplus;
import dev.tinytitan.op.Sub;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;

/**
 * What training makes small: one number for a batch, the mean over its samples. Immutable.
 *
 * <p>Targets are float32 of the prediction's shape. For classes that is a distribution over them
 * (axis 1), which class indices become when batches are made.
 */
public sealed interface Loss {

  /**
   * Adds the nodes that compute the loss.
   *
   * @param shape the shape of prediction and target, the batch first
   * @return the loss, a scalar
   */
  String write(LossNodes nodes, String prediction, String target, Shape shape);

  /** True if targets may be class indices. */
  default boolean takesClasses() {
    return false;
  }

  /** True if the last Softmax of a model is left out: the loss wants what stands before it. */
  default boolean takesLogits() {
    return false;
  }

  /** True if the last Sigmoid of a model is left out: the loss wants what stands before it. */
  default boolean takesBinaryLogits() {
    return false;
  }

  /** Cross-entropy of classes without smoothing and weights. */
  static Loss crossEntropy() {
    return new CrossEntropy(0, List.of());
  }

  /** The mean of squared differences. */
  static Loss meanSquaredError() {
    return new MeanSquaredError();
  }

  /**
   * {@code -sum(target * logSoftmax(prediction))} over axis 1, the mean over everything else.
   *
   * @param smoothing what part of each target is spread over all classes, from 0 to below 1
   *     (Szegedy et al. 2016)
   * @param classWeights how much each class counts; empty for all the same
   */
  record CrossEntropy(double smoothing, List<Double> classWeights) implements Loss {
    public CrossEntropy {
      if (!(smoothing >= 0 && smoothing < 1)) {
        throw new IllegalArgumentException("a label smoothing of " + smoothing);
      }
      classWeights = List.copyOf(classWeights);
    }

    @Override
    public boolean takesClasses() {
      return true;
    }

    @Override
    public boolean takesLogits() {
      return true;
    }

    @Override
    public String write(LossNodes nodes, String prediction, String target, Shape shape) {
      String logs = nodes.add(new LogSoftmax(1), prediction);
      String product = nodes.add(new Mul(), target, logs);
      return Losses.negativeMeanOverSamples(nodes, product, shape);
    }
  }

  /**
   * Kullback and Leibler's divergence of the prediction's softmax from target probabilities, with
   * both softened by a temperature (Hinton, Vinyals and Dean 2015). Targets are logits.
   *
   * @param temperature what logits are divided by; the loss is multiplied by its square
   */
  record KullbackLeibler(double temperature) implements Loss {
    public KullbackLeibler {
      if (!(temperature > 0)) {
        throw new IllegalArgumentException("a temperature of " + temperature);
      }
    }

    @Override
    public boolean takesLogits() {
      return true;
    }

    @Override
    public String write(LossNodes nodes, String prediction, String target, Shape shape) {
      String divisor = nodes.scalar(temperature);
      String logs = nodes.add(new LogSoftmax(1), nodes.add(new Div(), prediction, divisor));
      String wanted = nodes.add(new LogSoftmax(1), nodes.add(new Div(), target, divisor));
      String probabilities = nodes.add(new Exp(), wanted);
      String off = nodes.add(new Sub(), logs, wanted);
      String loss =
          Losses.negativeMeanOverSamples(nodes, nodes.add(new Mul(), probabilities, off), shape);
      return nodes.add(new Mul(), loss, nodes.scalar(temperature * temperature));
    }
  }

  /** The mean of squared differences. */
  record MeanSquaredError() implements Loss {
    @Override
    public String write(LossNodes nodes, String prediction, String target, Shape shape) {
      String off = nodes.add(new Sub(), prediction, target);
      return Losses.mean(nodes, nodes.add(new Mul(), off, off));
    }
  }

  /** The mean of absolute differences. */
  record MeanAbsoluteError() implements Loss {
    @Override
    public String write(LossNodes nodes, String prediction, String target, Shape shape) {
      return Losses.mean(nodes, nodes.add(new Abs(), nodes.add(new Sub(), prediction, target)));
    }
  }

  /**
   * Half of squared differences up to {@code delta}, beyond that growing linearly (Huber 1964).
   *
   * @param delta above 0
   */
  record Huber(double delta) implements Loss {
    public Huber {
      if (!(delta > 0)) {
        throw new IllegalArgumentException("a Huber loss that bends at " + delta);
      }
    }

    @Override
    public String write(LossNodes nodes, String prediction, String target, Shape shape) {
      String off = nodes.add(new Abs(), nodes.add(new Sub(), prediction, target));
      String cut = nodes.add(new Min(), off, nodes.scalar(delta));
      String half = nodes.add(new Mul(), cut, nodes.scalar(0.5));
      return Losses.mean(nodes, nodes.add(new Mul(), cut, nodes.add(new Sub(), off, half)));
    }
  }

  /** Cross-entropy of independent yes-or-no targets, from logits. */
  record BinaryCrossEntropy() implements Loss {
    @Override
    public boolean takesBinaryLogits() {
      return true;
    }

    @Override
    public String write(LossNodes nodes, String prediction, String target, Shape shape) {
      String all = nodes.add(new Softplus(), prediction);
      String right = nodes.add(new Mul(), prediction, target);
      return Losses.mean(nodes, nodes.add(new Sub(), all, right));
    }
  }

  /** One minus the cosine between prediction and target, each sample a vector. */
  record Cosine() implements Loss {
    @Override
    public String write(LossNodes nodes, String prediction, String target, Shape shape) {
      String a = Losses.unitRows(nodes, prediction, shape);
      String b = Losses.unitRows(nodes, target, shape);
      String cosine =
          nodes.add(new ReduceSum(false, false), nodes.add(new Mul(), a, b), nodes.longs(1));
      return nodes.add(new Sub(), nodes.scalar(1), Losses.mean(nodes, cosine));
    }
  }

  /**
   * Each prediction is to be nearer to its own target than to those of the other samples of the
   * batch (InfoNCE; van den Oord, Li and Vinyals 2018).
   *
   * @param temperature what cosines are divided by
   */
  record Contrastive(double temperature) implements Loss {
    public Contrastive {
      if (!(temperature > 0)) {
        throw new IllegalArgumentException("a temperature of " + temperature);
      }
    }

    @Override
    public String write(LossNodes nodes, String prediction, String target, Shape shape) {
      int batch = shape.dim(0);
      String a = Losses.unitRows(nodes, prediction, shape);
      String b = Losses.unitRows(nodes, target, shape);
      String cosines = nodes.add(new Gemm((float) (1 / temperature), 1, false, true), a, b);
      float[] own = new float[batch * batch];
      for (int i = 0; i < batch; i++) {
        own[i * batch + i] = 1;
      }
      String logs = nodes.add(new LogSoftmax(1), cosines);
      String product = nodes.add(new Mul(), logs, nodes.constant(Tensor.of(own, batch, batch)));
      return Losses.negativeMeanOverSamples(nodes, product, Shape.of(batch, batch));
    }
  }
}
