package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention over heads that lie side by side in the last dimension (Vaswani et
 * al. 2017, arXiv:1706.03762), without the reshapes and transposes around it: {@code softmax(q·kᵀ ·
 * scale + mask) · v} for each head. Internal.
 *
 * <p>Inputs: q {@code [batch, queries, heads · d]}, k {@code [batch, keys, heads · d]}, v {@code
 * [batch, keys, heads · e]}; or packed, one input {@code [batch, sequence, 3 · heads · d]} that
 * holds q, k and v side by side in this order. Then optionally an additive mask that broadcasts to
 * {@code [batch, heads, queries, keys]}. Output {@code [batch, queries, heads · e]}. All of one
 * floating-point type.
 *
 * @param heads how many heads there are, at least 1
 * @param scale by what the dot products are multiplied before the mask is added
 * @param packed whether q, k and v are one input
 */
public record FusedAttention(int heads, float scale, boolean packed) implements Operator {
  static final OpSpec SPEC =
      OpSpec.internal("FusedAttention").inputs(1, 4).tolerance(1e-5, 1e-6).build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .put("heads", heads)
        .put("scale", scale)
        .putUnless(false, "packed", packed)
        .build();
  }

  /** The index of the mask among the inputs, if it is given. */
  public int maskIndex() {
    return packed ? 1 : 3;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType query = context.input(0);
    TensorType value = context.input(packed ? 0 : 2);
    if (!query.hasRank() || !value.hasRank()) {
      return List.of(TensorType.ofRank(query.dtype(), 3));
    }
    if (query.rank() != 3 || value.rank() != 3) {
      throw new ShapeMismatchException(
          "Attention takes three dimensions, not " + query + " and " + value + ".");
    }
    Dim last = value.dim(2);
    if (last.isFixed()) {
      last = Dim.of(headSize(packed ? third(last.size()) : last.size()) * heads);
    }
    return List.of(query.withDims(List.of(query.dim(0), query.dim(1), last)));
  }

  private int headSize(int width) {
    if (width % heads != 0) {
      throw new ShapeMismatchException(width + " columns do not make " + heads + " equal heads.");
    }
    return width / heads;
  }

  private static int third(int width) {
    if (width % 3 != 0) {
      throw new ShapeMismatchException(width + " columns do not hold queries, keys and values.");
    }
    return width / 3;
  }

  /** Queries, keys or values: a tensor and where in each of its rows they start. */
  private record Rows(Tensor tensor, int offset, int width) {
    double at(int batch, int row, int column) {
      Shape shape = tensor.shape();
      return tensor.getDouble((batch * shape.dim(1) + row) * shape.dim(2) + offset + column);
    }
  }

  private Rows rows(EvalContext context, int index) {
    Tensor tensor = context.input(packed ? 0 : index);
    int width = tensor.shape().dim(2);
    return packed
        ? new Rows(tensor, index * third(width), third(width))
        : new Rows(tensor, 0, width);
  }

  @Override
  public void eval(EvalContext context) {
    Rows q = rows(context, 0);
    Rows k = rows(context, 1);
    Rows v = rows(context, 2);
    int batches = q.tensor.shape().dim(0);
    int queries = q.tensor.shape().dim(1);
    int keys = k.tensor.shape().dim(1);
    int size = headSize(q.width);
    int valueSize = headSize(v.width);
    if (k.width != q.width
        || k.tensor.shape().dim(0) != batches
        || v.tensor.shape().dim(0) != batches
        || v.tensor.shape().dim(1) != keys) {
      throw new ShapeMismatchException(
          "Queries "
              + q.tensor.shape()
              + ", keys "
              + k.tensor.shape()
              + " and values "
              + v.tensor.shape()
              + " do not fit each other.");
    }
    Mask mask = mask(context, Shape.of(batches, heads, queries, keys));
    Tensor y = context.output(0, q.tensor.dtype(), Shape.of(batches, queries, heads * valueSize));
    double[] weights = new double[keys];
    for (int batch = 0; batch < batches; batch++) {
      for (int head = 0; head < heads; head++) {
        for (int query = 0; query < queries; query++) {
          for (int key = 0; key < keys; key++) {
            double sum = 0;
            for (int i = 0; i < size; i++) {
              sum += q.at(batch, query, head * size + i) * k.at(batch, key, head * size + i);
            }
            weights[key] = sum * scale + mask.at(batch, head, query, key);
          }
          softmax(weights);
          for (int i = 0; i < valueSize; i++) {
            double sum = 0;
            for (int key = 0; key < keys; key++) {
              sum += weights[key] * v.at(batch, key, head * valueSize + i);
            }
            y.setDouble(((batch * queries + query) * heads + head) * valueSize + i, sum);
          }
        }
      }
    }
  }

  private static void softmax(double[] row) {
    double max = Double.NEGATIVE_INFINITY;
    for (double x : row) {
      max = Math.max(max, x);
    }
    double sum = 0;
    for (int i = 0; i < row.length; i++) {
      row[i] = Math.exp(row[i] - max);
      sum += row[i];
    }
    for (int i = 0; i < row.length; i++) {
      row[i] /= sum;
    }
  }

  /** The additive mask as each score sees it. */
  private static final class Mask {
    private final @Nullable Tensor tensor;
    private final int[] strides;

    Mask(@Nullable Tensor tensor, int[] strides) {
      this.tensor = tensor;
      this.strides = strides;
    }

    double at(int batch, int head, int query, int key) {
      return tensor == null
          ? 0
          : tensor.getDouble(
              batch * strides[0] + head * strides[1] + query * strides[2] + key * strides[3]);
    }
  }

  private Mask mask(EvalContext context, Shape scores) {
    if (!context.hasInput(maskIndex())) {
      return new Mask(null, new int[4]);
    }
    Tensor tensor = context.input(maskIndex());
    if (!Shapes.broadcast(tensor.shape(), scores).equals(scores)) {
      throw new ShapeMismatchException(
          "A mask of shape " + tensor.shape() + " does not fit scores of " + scores + ".");
    }
    return new Mask(tensor, Shapes.broadcastStrides(tensor.shape(), scores));
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    long bytes = Operator.bytesMoved(inputs, outputs);
    List<Shape> shapes = new ArrayList<>();
    for (TensorType input : inputs) {
      if (input != null && input.isStatic()) {
        shapes.add(input.shape());
      }
    }
    if (shapes.size() < (packed ? 1 : 3) || shapes.get(0).rank() != 3) {
      return new Cost(0, bytes);
    }
    Shape q = shapes.get(0);
    Shape k = packed ? q : shapes.get(1);
    Shape v = packed ? q : shapes.get(2);
    long columns = packed ? 2L * q.dim(2) / 3 : (long) q.dim(2) + v.dim(2);
    return new Cost((long) q.dim(0) * q.dim(1) * k.dim(1) * columns, bytes);
  }
}
