package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Dimensions in another order. ONNX: Transpose-25.
 *
 * @param perm for each dimension of the result, the input's dimension that it is; empty to reverse
 *     all
 */
public record Transpose(List<Integer> perm) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Transpose", 25)
          .compatibleSince(1)
          .decoder(context -> Transpose.of(context.attributes().getInts("perm").orElse(new int[0])))
          .build();

  public Transpose {
    perm = List.copyOf(perm);
  }

  /** A transpose to this order. */
  public static Transpose of(int... perm) {
    return new Transpose(Arrays.stream(perm).boxed().toList());
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return perm.isEmpty() ? Attributes.none() : Attributes.builder().put("perm", perm).build();
  }

  /**
   * The order for a tensor of this rank, the default filled in.
   *
   * @throws ShapeMismatchException if the order is not one of {@code rank} dimensions
   */
  public int[] order(int rank) {
    int[] order = new int[rank];
    if (perm.isEmpty()) {
      Arrays.setAll(order, i -> rank - 1 - i);
      return order;
    }
    boolean[] seen = new boolean[rank];
    for (int i = 0; i < perm.size(); i++) {
      int axis = perm.get(i);
      if (perm.size() != rank || axis < 0 || axis >= rank || seen[axis]) {
        throw new ShapeMismatchException(
            "The order " + perm + " is not a permutation of " + rank + " dimensions.");
      }
      seen[axis] = true;
      order[i] = axis;
    }
    return order;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (!input.hasRank()) {
      return List.of(perm.isEmpty() ? input : TensorType.ofRank(input.dtype(), perm.size()));
    }
    List<Dim> dims = new ArrayList<>();
    for (int axis : order(input.rank())) {
      dims.add(input.dim(axis));
    }
    return List.of(input.withDims(dims));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    int[] order = order(x.shape().rank());
    int[] dims = new int[order.length];
    Arrays.setAll(dims, i -> x.shape().dim(order[i]));
    StridedCopy.permute(
        context.output(0, x.dtype(), Shape.of(dims)), x, x.shape().toArray(), order);
  }

  @Override
  public void gradient(GradientContext context) {
    int[] order = order(context.shape(context.input(0)).rank());
    int[] back = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      back[order[i]] = i;
    }
    context.give(0, context.add(Transpose.of(back), context.gradient(0)));
  }
}
