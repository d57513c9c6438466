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
 * A tensor cut or padded with zeros to given sizes, its centre kept. Inputs: data, sizes (int64).
 * ONNX: CenterCropPad-18.
 *
 * @param axes the axes that the sizes are for; empty for all
 */
public record CenterCropPad(List<Integer> axes) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("CenterCropPad", 18)
          .inputs(2)
          .decoder(context ->
              new CenterCropPad(
                  Arrays.stream(context.attributes().getInts("axes").orElse(new int[0]))
                      .boxed()
                      .toList()))
          .build();

  /** Copies the axes. */
  public CenterCropPad {
    axes = List.copyOf(axes);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return axes.isEmpty() ? Attributes.none() : Attributes.builder().put("axes", axes).build();
  }

  private int[] axes(int rank) {
    int[] named = new int[axes.isEmpty() ? rank : axes.size()];
    Arrays.setAll(named, i -> axes.isEmpty() ? i : Shapes.axis(axes.get(i), rank));
    Shapes.axes(named, rank);
    return named;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (!input.hasRank()) {
      return List.of(TensorType.unknown(input.dtype()));
    }
    long[] sizes = Shapes.constantLongs(context, 1);
    int[] named = axes(input.rank());
    List<Dim> dims = new ArrayList<>(input.knownDims());
    for (int i = 0; i < named.length; i++) {
      if (sizes != null) {
        requireCount(sizes.length, named.length);
      }
      dims.set(named[i], sizes == null ? Dim.UNKNOWN : Dims.of(sizes[i]));
    }
    return List.of(input.withDims(dims));
  }

  private static void requireCount(int sizes, int axes) {
    if (sizes != axes) {
      throw new ShapeMismatchException(sizes + " sizes were given for " + axes + " axes.");
    }
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor sizes = context.input(1);
    Shape shape = x.shape();
    int[] named = axes(shape.rank());
    requireCount(sizes.size(), named.length);
    long[] dims = shape.toLongArray();
    for (int i = 0; i < named.length; i++) {
      dims[named[i]] = sizes.getLong(i);
    }
    Tensor y = context.output(0, x.dtype(), Shape.of(dims));
    Tensor zero = Tensor.zeros(x.dtype(), Shape.scalar());
    for (int i = 0; i < y.size(); i++) {
      y.copyElement(i, zero, 0);
    }
    int[] box = new int[dims.length];
    int target = 0;
    int source = 0;
    for (int i = 0; i < box.length; i++) {
      int from = shape.dim(i);
      int to = y.shape().dim(i);
      box[i] = Math.min(from, to);
      target += Math.max(0, to - from) / 2 * y.shape().strides()[i];
      source += Math.max(0, from - to) / 2 * shape.strides()[i];
    }
    StridedCopy.copy(box, y, target, y.shape().strides(), x, source, shape.strides());
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveMoved(context);
  }
}
