package dev.tinytitan.op;

import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;

/**
 * The nodes for the gradients of {@link Attention}: its weights are computed again, in plain
 * operators. Without a past, counts of keys, a soft cap and the outputs that are not Y.
 */
final class AttentionGradient {
  private static final int MASK = 3;

  /** Instead of minus infinity, whose products are not numbers. */
  private static final double HIDDEN = -1e30;

  private final GradientContext context;
  private final Attention attention;
  private final Shape query;
  private final Shape key;

  private AttentionGradient(GradientContext context, Attention attention) {
    this.context = context;
    this.attention = attention;
    this.query = heads(context.shape(context.input(0)), attention.queryHeads());
    this.key = heads(context.shape(context.input(1)), attention.keyHeads());
  }

  static void give(GradientContext context, Attention attention) {
    boolean plain = attention.softcap() == 0;
    for (int i = 4; i < context.node().inputs().size(); i++) {
      plain &= !context.hasInput(i);
    }
    for (int i = 1; i < context.node().outputs().size(); i++) {
      plain &= !context.hasGradient(i);
    }
    if (!plain) {
      context.refuse("it has a past, counts of keys, a soft cap, or outputs beside Y");
      return;
    }
    new AttentionGradient(context, attention).give();
  }

  /** {@code [batch, heads, sequence, size]}, whichever form it has. */
  private static Shape heads(Shape shape, int heads) {
    return shape.rank() == 4
        ? shape
        : Shape.of(shape.dim(0), heads, shape.dim(1), shape.dim(2) / heads);
  }

  private void give() {
    int size = query.dim(3);
    double scale = Float.isNaN(attention.scale()) ? 1 / Math.sqrt(size) : attention.scale();
    String q = split(context.input(0), query);
    String k = repeated(split(context.input(1), key));
    Shape value = heads(context.shape(context.input(2)), attention.keyHeads());
    String v = repeated(split(context.input(2), value));
    String scores = Gradients.scaled(context, product(q, Gradients.transposed(context, k)), scale);
    if (context.hasInput(MASK)) {
      scores = context.add(new Add(), scores, mask());
    }
    if (attention.causal()) {
      scores = context.add(new Add(), scores, context.constant(future(context.type(q).dtype())));
    }
    String weights = context.add(new Softmax(-1), scores);
    Shape result = query.withDim(3, value.dim(3));
    String dy = split(context.gradient(0), result);
    join(2, summed(product(Gradients.transposed(context, weights), dy), value), value);
    String byWeights = product(dy, Gradients.transposed(context, v));
    String along = Gradients.sum(context, Gradients.product(context, byWeights, weights), 3);
    String byScores = Gradients.product(context, weights, context.add(new Sub(), byWeights, along));
    if (context.hasInput(MASK) && context.type(context.input(MASK)).dtype().isFloat()) {
      context.give(MASK, byScores);
    }
    String scaled = Gradients.scaled(context, byScores, scale);
    join(0, product(scaled, k), query);
    join(1, summed(product(Gradients.transposed(context, scaled), q), key), key);
  }

  private String product(String a, String b) {
    return context.add(new MatMul(), a, b);
  }

  /** A value in four dimensions. */
  private String split(String value, Shape shape) {
    if (context.shape(value).rank() == 4) {
      return value;
    }
    Shape apart = Shape.of(shape.dim(0), shape.dim(2), shape.dim(1), shape.dim(3));
    return context.add(Transpose.of(0, 2, 1, 3), Gradients.reshaped(context, value, apart));
  }

  /** Gives an input its gradient, in the form that the input has. */
  private void join(int input, String gradient, Shape shape) {
    Shape own = context.shape(context.input(input));
    context.give(
        input,
        own.equals(shape) && own.rank() == 4
            ? gradient
            : Gradients.reshaped(context, context.add(Transpose.of(0, 2, 1, 3), gradient), own));
  }

  /** Heads of keys or values, each as often as it has heads of queries. */
  private String repeated(String value) {
    Shape shape = context.shape(value);
    int times = query.dim(1) / shape.dim(1);
    if (times == 1) {
      return value;
    }
    Shape one = Shape.of(shape.dim(0), shape.dim(1), 1, shape.dim(2) * shape.dim(3));
    String wide =
        Gradients.expanded(context, Gradients.reshaped(context, value, one), one.withDim(2, times));
    return Gradients.reshaped(context, wide, shape.withDim(1, query.dim(1)));
  }

  /** The gradients of repeated heads, added up. */
  private String summed(String gradient, Shape shape) {
    int times = query.dim(1) / shape.dim(1);
    if (times == 1) {
      return gradient;
    }
    Shape apart = Shape.of(shape.dim(0), shape.dim(1), times, shape.dim(2) * shape.dim(3));
    String sum = Gradients.sum(context, Gradients.reshaped(context, gradient, apart), 2);
    return Gradients.reshaped(context, sum, shape);
  }

  private String mask() {
    String mask = context.input(MASK);
    if (context.type(mask).dtype().isFloat()) {
      return mask;
    }
    String q = context.input(0);
    return context.add(new Where(), mask, context.scalar(0, q), context.scalar(HIDDEN, q));
  }

  /** What hides the keys behind each query. */
  private Tensor future(DType dtype) {
    int queries = query.dim(2);
    int keys = key.dim(2);
    Tensor hidden = Tensor.zeros(dtype, Shape.of(queries, keys));
    for (int i = 0; i < queries; i++) {
      for (int j = i + 1; j < keys; j++) {
        hidden.setDouble(i * keys + j, HIDDEN);
      }
    }
    return hidden;
  }
}
