package dev.tinytitan.compress.distill;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.distill.DistillationLoss.ValuePair;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.ReduceLogSumExp;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.op.ReduceSumSquare;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.GuidanceNodes;
import dev.tinytitan.train.Loss;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** Writes the terms of a distillation's loss into a training graph. */
final class TermWriter {
  /** The input that holds 1 for the right class of each sample and 0 for the others. */
  static final String RIGHT_CLASS = "right class";

  /** What is taken off a logit so that its probability vanishes. */
  private static final double OUT_OF_REACH = 1000;

  private final GuidanceNodes nodes;
  private final Teacher teacher;
  private final boolean convolves;
  private final long seed;
  private final Map<String, String> teacherInputs = new HashMap<>();
  private int projections;

  /**
   * @param convolves whether feature maps have their channels first
   * @param seed of the maps between features
   */
  TermWriter(GuidanceNodes nodes, Teacher teacher, boolean convolves, long seed) {
    this.nodes = nodes;
    this.teacher = teacher;
    this.convolves = convolves;
    this.seed = seed;
  }

  /**
   * Adds the nodes of one loss.
   *
   * @param pairs of values inside, where the loss compares any
   * @return a scalar
   */
  String write(DistillationLoss loss, List<ValuePair> pairs) {
    return switch (loss) {
      case DistillationLoss.SoftTargets soft ->
          compare(new Loss.KullbackLeibler(soft.temperature()));
      case DistillationLoss.Decoupled decoupled -> decoupled(decoupled);
      case DistillationLoss.Outputs _ -> compare(Loss.meanSquaredError());
      case DistillationLoss.Embedding _ -> compare(new Loss.Cosine());
      case DistillationLoss.Features _ -> mean(pairs.stream().map(this::features).toList());
      case DistillationLoss.AttentionTransfer _ ->
          mean(pairs.stream().map(this::attention).toList());
    };
  }

  /** What the teacher's value is called in the graph. */
  private String given(String value) {
    return teacherInputs.computeIfAbsent(
        value, name -> nodes.input(name, batched(teacherShape(name))));
  }

  private Shape teacherShape(String value) {
    return Objects.requireNonNull(teacher.shapes().get(value));
  }

  private Shape batched(Shape sample) {
    int[] dims = new int[sample.rank() + 1];
    dims[0] = nodes.shape(nodes.prediction()).dim(0);
    System.arraycopy(sample.toArray(), 0, dims, 1, sample.rank());
    return Shape.of(dims);
  }

  private static Shape sample(Shape batched) {
    return Shape.of(Arrays.copyOfRange(batched.toArray(), 1, batched.rank()));
  }

  private String compare(Loss loss) {
    return loss.write(nodes, nodes.prediction(), answer(), predictionShape());
  }

  private Shape predictionShape() {
    return nodes.shape(nodes.prediction());
  }

  /** The teacher's answer, which must have the shape of the student's. */
  private String answer() {
    Shape wanted = teacherShape(teacher.answer());
    Shape own = sample(predictionShape());
    if (!wanted.equals(own)) {
      throw new BadDataException(
          "The teacher's answer to a sample has the shape "
              + wanted
              + " and the student's "
              + own
              + "; give the student as many outputs, or compare features only.");
    }
    return given(teacher.answer());
  }

  private String decoupled(DistillationLoss.Decoupled loss) {
    Shape shape = predictionShape();
    String student = nodes.prediction();
    String answer = answer();
    String right = nodes.input(RIGHT_CLASS, shape);
    String gone = nodes.add(new Mul(), right, nodes.scalar(OUT_OF_REACH * loss.temperature()));
    Loss divergence = new Loss.KullbackLeibler(loss.temperature());
    String others =
        divergence.write(
            nodes, nodes.add(new Sub(), student, gone), nodes.add(new Sub(), answer, gone), shape);
    Shape two = Shape.of(shape.dim(0), 2);
    String target =
        divergence.write(
            nodes,
            againstOthers(student, right, gone, loss.temperature()),
            againstOthers(answer, right, gone, loss.temperature()),
            two);
    return nodes.add(
        new Add(),
        nodes.add(new Mul(), target, nodes.scalar(loss.target())),
        nodes.add(new Mul(), others, nodes.scalar(loss.others())));
  }

  /** The logits of two classes: the right one, and all others together. */
  private String againstOthers(String logits, String right, String gone, double temperature) {
    String axis = nodes.longs(1);
    String own = nodes.add(new ReduceSum(true, false), nodes.add(new Mul(), logits, right), axis);
    String divisor = nodes.scalar(temperature);
    String rest = nodes.add(new Div(), nodes.add(new Sub(), logits, gone), divisor);
    String together = nodes.add(new ReduceLogSumExp(true, false), rest, axis);
    return nodes.add(new Concat(1), own, nodes.add(new Mul(), together, divisor));
  }

  /** The squared error under a learned map, as a part of the teacher's mean square. */
  private String features(ValuePair pair) {
    Shape to = teacherShape(pair.teacher());
    Shape from = sample(nodes.shape(pair.student()));
    int axis = ValuePairing.channelAxis(pair, to, from, convolves);
    String wanted = given(pair.teacher());
    String mapped = project(pair.student(), from.dim(axis), to.dim(axis), from.rank(), axis);
    String error = Loss.meanSquaredError().write(nodes, mapped, wanted, batched(to));
    String size = nodes.add(new ReduceMean(false, false), nodes.add(new Mul(), wanted, wanted));
    return nodes.add(new Div(), error, nodes.add(new Add(), size, nodes.scalar(1e-8)));
  }

  /** A learned linear map over the channels of each place; at first the identity where it can. */
  private String project(String value, int from, int to, int rank, int axis) {
    boolean maps = rank > 1 && axis == 0;
    int[] dims = new int[maps ? rank + 1 : 2];
    Arrays.fill(dims, 1);
    dims[0] = maps ? to : from;
    dims[1] = maps ? from : to;
    Tensor weights = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    int number = projections++;
    Random random = new Random(seed * 31 + number);
    double deviation = 1 / Math.sqrt(from);
    for (int i = 0; i < weights.size(); i++) {
      boolean diagonal = i % dims[1] == i / dims[1];
      double drawn = deviation * random.nextGaussian();
      weights.setFloat(i, from == to ? (diagonal ? 1 : 0) : (float) drawn);
    }
    String map = nodes.parameter("projection_" + number, weights);
    if (!maps) {
      return nodes.add(new MatMul(), value, map);
    }
    int[] ones = new int[rank - 1];
    Arrays.fill(ones, 1);
    return nodes.add(new Conv(Window.of(ones), 1), value, map);
  }

  private String attention(ValuePair pair) {
    Shape to = teacherShape(pair.teacher());
    Shape from = sample(nodes.shape(pair.student()));
    int axis = ValuePairing.channelAxis(pair, to, from, convolves);
    if (to.rank() < 2) {
      throw new BadDataException(
          "The teacher's '" + pair.teacher() + "' has no places to attend to: it is " + to + ".");
    }
    String own = places(pair.student(), axis);
    String wanted = places(given(pair.teacher()), axis);
    int[] dims = new int[to.rank()];
    dims[0] = predictionShape().dim(0);
    for (int i = 0, next = 1; i < to.rank(); i++) {
      if (i != axis) {
        dims[next++] = to.dim(i);
      }
    }
    // The squared distance of two vectors of length 1 is twice one minus their cosine.
    String off = new Loss.Cosine().write(nodes, own, wanted, Shape.of(dims));
    return nodes.add(new Mul(), off, nodes.scalar(2));
  }

  private String places(String value, int axis) {
    return nodes.add(new ReduceSumSquare(false, false), value, nodes.longs(axis + 1));
  }

  private String mean(List<String> terms) {
    String sum = terms.getFirst();
    for (String term : terms.subList(1, terms.size())) {
      sum = nodes.add(new Add(), sum, term);
    }
    return nodes.add(new Mul(), sum, nodes.scalar(1.0 / terms.size()));
  }
}
