package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.Node;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Nodes that the gradients of many operators have in common. */
public final class Gradients {
  private Gradients() {}

  /** The product of two values. */
  public static String product(GradientContext context, String a, String b) {
    return context.add(new Mul(), a, b);
  }

  /** A value times a number. */
  public static String scaled(GradientContext context, String value, double factor) {
    return context.add(new Mul(), value, context.scalar(factor, value));
  }

  /** The elements of a value in another shape. */
  public static String reshaped(GradientContext context, String value, Shape shape) {
    return context.shape(value).equals(shape)
        ? value
        : context.add(new Reshape(true), value, longs(context, shape.toArray()));
  }

  /** A value repeated to a shape. */
  public static String expanded(GradientContext context, String value, Shape shape) {
    return context.shape(value).equals(shape)
        ? value
        : context.add(new Expand(), value, longs(context, shape.toArray()));
  }

  /** The sum over some axes, which stay with size 1. */
  public static String sum(GradientContext context, String value, int... axes) {
    return context.add(new ReduceSum(true, true), value, longs(context, axes));
  }

  /** The mean over some axes, which stay with size 1. */
  public static String mean(GradientContext context, String value, int... axes) {
    return context.add(new ReduceMean(true, true), value, longs(context, axes));
  }

  /** The axes of a shape of this rank from one on. */
  public static int[] axesFrom(int first, int rank) {
    return IntStream.range(first, rank).toArray();
  }

  /** 1 where a condition holds, else 0, of the dtype of {@code like}. */
  public static String indicator(GradientContext context, String condition, String like) {
    return context.add(new Cast(context.type(like).dtype()), condition);
  }

  /** An int64 vector. */
  public static String longs(GradientContext context, int... values) {
    return context.constant(Tensor.of(Arrays.stream(values).asLongStream().toArray()));
  }

  /** A vector with one element per channel, so shaped that it is broadcast over feature maps. */
  public static String overChannels(GradientContext context, String vector, int rank) {
    int[] dims = new int[rank - 1];
    Arrays.fill(dims, 1);
    dims[0] = context.shape(vector).dim(0);
    return reshaped(context, vector, Shape.of(dims));
  }

  /** Gives to an input with one element per channel the sum of a gradient over feature maps. */
  public static void giveOverChannels(GradientContext context, int input, String gradient) {
    if (context.wants(input)) {
      int rank = context.shape(gradient).rank();
      int[] axes = IntStream.range(0, rank).filter(axis -> axis != 1).toArray();
      String sums = sum(context, gradient, axes);
      context.give(input, reshaped(context, sums, context.shape(context.input(input))));
    }
  }

  /** The gradient of input 0 of an operator that only changes the shape. */
  static void giveReshaped(GradientContext context) {
    context.give(0, reshaped(context, context.gradient(0), context.shape(context.input(0))));
  }

  /** The gradient of input 0 of an operator with one output that only moves its elements. */
  static void giveMoved(GradientContext context) {
    Node node = context.node();
    MovementGradient gradient =
        new MovementGradient(node.operator(), context.shape(node.input(0)), 0, 1);
    List<String> inputs = new ArrayList<>(node.inputs());
    inputs.set(0, context.gradient(0));
    context.give(0, context.add(gradient, inputs.toArray(String[]::new)));
  }

  /**
   * The result (or its gradient) of a reduction with the reduced axes at size 1, so that it is
   * broadcast to the input's shape.
   */
  static String unreduced(GradientContext context, String value, Reduction reduction) {
    int[] axes = context.hasInput(1) ? constantAxes(context) : new int[0];
    Shape shape = context.shape(context.input(0));
    boolean all = axes.length == 0 && !reduction.noopWithEmptyAxes();
    boolean[] reduced = Shapes.axes(axes, shape.rank());
    Shape kept = shape;
    for (int i = 0; i < shape.rank(); i++) {
      kept = all || reduced[i] ? kept.withDim(i, 1) : kept;
    }
    return reshaped(context, value, kept);
  }

  private static int[] constantAxes(GradientContext context) {
    if (context.constant(1).isEmpty()) {
      context.refuse("its axes are not constant");
    }
    return context.constant(1).map(Tensor::toIntArray).orElse(new int[0]);
  }

  /** Gives the gradient of a reduction to those elements that are its result, in equal shares. */
  static void giveToExtremes(GradientContext context, Reduction reduction) {
    giveToExtremes(
        context,
        unreduced(context, context.gradient(0), reduction),
        unreduced(context, context.output(0), reduction));
  }

  /**
   * Gives to input 0 the gradient where it equals the result, in equal shares.
   *
   * @param gradient of the input's rank
   * @param result of the same shape
   */
  static void giveToExtremes(GradientContext context, String gradient, String result) {
    String x = context.input(0);
    String hit = indicator(context, context.add(new Equal(), x, result), x);
    Shape shape = context.shape(x);
    Shape kept = context.shape(result);
    int[] axes =
        IntStream.range(0, shape.rank()).filter(i -> kept.dim(i) != shape.dim(i)).toArray();
    String share = context.add(new Div(), gradient, sum(context, hit, axes));
    context.give(0, product(context, hit, share));
  }

  /** Gives the gradient to the inputs that equal the result, element by element. */
  static void giveToWinners(GradientContext context) {
    for (int i = 0; i < context.node().inputs().size(); i++) {
      if (context.wants(i)) {
        String won = context.add(new Equal(), context.input(i), context.output(0));
        context.give(
            i, product(context, context.gradient(0), indicator(context, won, context.gradient(0))));
      }
    }
  }

  /** A value with its last two dimensions exchanged. */
  static String transposed(GradientContext context, String value) {
    int rank = context.shape(value).rank();
    int[] order = IntStream.range(0, rank).toArray();
    order[rank - 2] = rank - 1;
    order[rank - 1] = rank - 2;
    return context.add(Transpose.of(order), value);
  }

  /**
   * The gradient of {@code (x - mean) / sqrt(variance + epsilon)}, mean and variance over some
   * axes.
   *
   * @param gradient that of the result
   * @param centered whether the mean is taken off
   */
  static Normalized normalized(
      GradientContext context,
      String x,
      String gradient,
      double epsilon,
      boolean centered,
      int... axes) {
    String moved = centered ? context.add(new Sub(), x, mean(context, x, axes)) : x;
    String variance = mean(context, product(context, moved, moved), axes);
    String root =
        context.add(
            new Sqrt(), context.add(new Add(), variance, context.scalar(epsilon, variance)));
    String result = context.add(new Div(), moved, root);
    String along =
        product(context, result, mean(context, product(context, gradient, result), axes));
    String rest = context.add(new Sub(), gradient, along);
    if (centered) {
      rest = context.add(new Sub(), rest, mean(context, gradient, axes));
    }
    return new Normalized(result, context.add(new Div(), rest, root));
  }

  /**
   * What {@link #normalized} gives.
   *
   * @param result the normalized elements
   * @param gradient the gradient of x
   */
  record Normalized(String result, String gradient) {}
}
