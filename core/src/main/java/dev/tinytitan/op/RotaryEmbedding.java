package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Rotary position embedding (Su et al. 2021, arXiv:2104.09864): pairs of elements of each head are
 * turned by an angle that depends on the place. ONNX: RotaryEmbedding-23.
 *
 * <p>Inputs: x {@code [batch, heads, sequence, size]} or {@code [batch, sequence, heads * size]};
 * cosines and sines, both {@code [positions, rotated / 2]} with position ids, else {@code [batch,
 * sequence, rotated / 2]}; optionally the position ids, int64 {@code [batch, sequence]}. The output
 * is shaped like x; elements beyond those rotated are copied.
 *
 * @param interleaved whether neighbours are pairs, and not element i of the first half with element
 *     i of the second
 * @param heads the number of heads where x has three dimensions, else 0
 * @param rotated how many elements of each head are rotated; 0 for all
 */
public record RotaryEmbedding(boolean interleaved, int heads, int rotated) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("RotaryEmbedding", 23)
          .inputs(3, 4)
          .decoder(context ->
              new RotaryEmbedding(
                  context.attributes().getBoolean("interleaved", false),
                  context.attributes().getInt("num_heads", 0),
                  context.attributes().getInt("rotary_embedding_dim", 0)))
          .build();

  public RotaryEmbedding {
    if (heads < 0 || rotated < 0 || rotated % 2 != 0) {
      throw new MalformedModelException(
          "A rotary embedding of " + rotated + " elements of " + heads + " heads is not possible.");
    }
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(false, "interleaved", interleaved)
        .putUnless(0, "num_heads", heads)
        .putUnless(0, "rotary_embedding_dim", rotated)
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    return Shapes.sameAsInput(context);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape shape = x.shape();
    boolean packed = shape.rank() == 3;
    int count = packed ? heads : shape.rank() == 4 ? shape.dim(1) : 0;
    if (count < 1 || shape.dim(-1) % (packed ? count : 1) != 0) {
      throw new ShapeMismatchException(
          "An input of shape " + shape + " does not divide into " + heads + " heads.");
    }
    int size = packed ? shape.dim(2) / count : shape.dim(3);
    int sequence = packed ? shape.dim(1) : shape.dim(2);
    int turned = rotated == 0 ? size : rotated;
    Angles angles = new Angles(context, shape.dim(0), sequence, turned / 2);
    if (turned > size || turned % 2 != 0) {
      throw new ShapeMismatchException(
          turned + " elements of heads of " + size + " cannot be rotated.");
    }
    double[] values = x.toDoubleArray();
    double[] y = values.clone();
    for (int row = 0; row < shape.size() / Math.max(size, 1); row++) {
      int batch = row / (count * sequence);
      int place = packed ? row / count % sequence : row % sequence;
      int angle = angles.index(batch, place);
      for (int i = 0; i < turned / 2; i++) {
        int first = row * size + (interleaved ? 2 * i : i);
        int second = first + (interleaved ? 1 : turned / 2);
        double cosine = angles.cosines[angle + i];
        double sine = angles.sines[angle + i];
        y[first] = cosine * values[first] - sine * values[second];
        y[second] = sine * values[first] + cosine * values[second];
      }
    }
    Elements.store(y, context.output(0, x.dtype(), shape));
  }

  /** The gradient is turned back: by the same angles, the other way. */
  @Override
  public void gradient(GradientContext context) {
    if (context.wants(1) || context.wants(2)) {
      context.refuse("its angles are to be learned");
      return;
    }
    List<String> inputs = new ArrayList<>(context.node().inputs());
    inputs.set(0, context.gradient(0));
    inputs.set(2, context.add(new Neg(), context.input(2)));
    context.give(0, context.add(this, inputs.toArray(String[]::new)));
  }

  /** The angles of every place. */
  private static final class Angles {
    private final double[] cosines;
    private final double[] sines;
    private final int sequence;
    private final int width;
    private final int positions;
    private final long[] ids;

    Angles(EvalContext context, int batch, int sequence, int width) {
      Shape shape = context.input(1).shape();
      boolean hasIds = context.hasInput(3);
      boolean fits =
          hasIds
              ? shape.rank() == 2 && shape.dim(1) == width
              : shape.equals(Shape.of(batch, sequence, width));
      if (!fits || !context.input(2).shape().equals(shape)) {
        throw new ShapeMismatchException(
            "Cosines and sines of shapes "
                + shape
                + " and "
                + context.input(2).shape()
                + " do not fit a sequence of "
                + sequence
                + " with "
                + width
                + " pairs.");
      }
      this.cosines = context.input(1).toDoubleArray();
      this.sines = context.input(2).toDoubleArray();
      this.sequence = sequence;
      this.width = width;
      this.positions = shape.dim(0);
      this.ids = hasIds ? context.input(3).toLongArray() : new long[0];
      if (hasIds && ids.length != (long) batch * sequence) {
        throw new ShapeMismatchException(
            ids.length
                + " position ids are given for "
                + batch
                + " times "
                + sequence
                + " places.");
      }
    }

    /** Where the angles of a place begin. */
    int index(int batch, int place) {
      int at = batch * sequence + place;
      if (ids.length == 0) {
        return at * width;
      }
      long id = ids[at];
      if (id < 0 || id >= positions) {
        throw new ShapeMismatchException(
            "Position id " + id + " is out of range for " + positions + " positions.");
      }
      return (int) id * width;
    }
  }
}
