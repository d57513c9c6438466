package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * The greatest or least elements along one axis and their indices (int64), best first, the lower
 * index first among equals; NaN counts as greater than all numbers. How many is an int64 scalar,
 * input 1. ONNX: TopK-24; before opset 10 the number was an attribute.
 *
 * @param axis the axis; negative counts from the end
 * @param largest whether the greatest are meant, and not the least
 * @param sorted whether the order matters; the reference always sorts
 */
public record TopK(int axis, boolean largest, boolean sorted) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("TopK", 24)
          .compatibleSince(1)
          .inputs(2)
          .outputs(2, 2)
          .decoder(TopK::decode)
          .build();

  private static Operator decode(ImportContext context) {
    Attributes attributes = context.attributes();
    if (context.opset() < 10) {
      Tensor k = Tensor.of(new long[] {attributes.getLong("k")});
      context.setInput(1, context.addConstant("k", k));
    }
    return new TopK(
        attributes.getInt("axis", -1),
        attributes.getBoolean("largest", true),
        attributes.getBoolean("sorted", true));
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(-1, "axis", axis)
        .putUnless(true, "largest", largest)
        .putUnless(true, "sorted", sorted)
        .build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(largest && sorted ? 1 : 11);
    context.inputWasAttributeUntil(10, 1, "k", true);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType values = context.input(0);
    if (values.hasRank()) {
      Optional<Tensor> k = context.constant(1);
      List<Dim> dims = new ArrayList<>(values.knownDims());
      dims.set(
          Shapes.axis(axis, dims.size()),
          k.isPresent() ? Dim.of(Math.toIntExact(k.get().getLong(0))) : Dim.UNKNOWN);
      values = values.withDims(dims);
    }
    return List.of(values, values.withDType(DType.INT64));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    int along = Shapes.axis(axis, x.shape().rank());
    long k = context.input(1).getLong(0);
    if (k < 0 || k > x.shape().dim(along)) {
      throw new ShapeMismatchException(
          "There are no " + k + " elements along axis " + along + " of shape " + x.shape() + ".");
    }
    Shape shape = x.shape().withDim(along, (int) k);
    Tensor values = context.output(0, x.dtype(), shape);
    Tensor indices = context.output(1, DType.INT64, shape);
    AxisWalk.forEach(
        x.shape(),
        along,
        (start, stride, length) -> {
          Comparator<Integer> order =
              (a, b) -> ElementOrder.compare(x, start + a * stride, x, start + b * stride);
          List<Integer> best =
              IntStream.range(0, length)
                  .boxed()
                  .sorted(largest ? order.reversed() : order)
                  .limit(k)
                  .toList();
          int first =
              length == 0 ? 0 : start / (length * stride) * (int) k * stride + start % stride;
          for (int i = 0; i < best.size(); i++) {
            int at = best.get(i);
            values.copyElement(first + i * stride, x, start + at * stride);
            indices.setLong(first + i * stride, at);
          }
        });
  }

  @Override
  public void gradient(GradientContext context) {
    MovementGradient back =
        new MovementGradient(new GatherElements(axis), context.shape(context.input(0)), 0, 1);
    context.give(0, context.add(back, context.gradient(0), context.output(1)));
  }
}
