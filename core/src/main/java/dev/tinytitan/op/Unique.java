package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The different elements of a tensor, or the different slices along an axis, each once. Further
 * outputs, int64 vectors: where each first stands, which of them each input element is, and how
 * often each is there. ONNX: Unique-11.
 *
 * @param axis the axis; negative counts from the end; null for single elements
 * @param sorted whether they come in rising order, and not as they first appear
 */
public record Unique(@Nullable Integer axis, boolean sorted) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Unique", 11)
          .outputs(1, 4)
          .decoder(context ->
              new Unique(
                  context.attributes().has("axis")
                      ? (Integer) context.attributes().getInt("axis")
                      : null,
                  context.attributes().getBoolean("sorted", true)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes.Builder attributes = Attributes.builder().putUnless(true, "sorted", sorted);
    return (axis == null ? attributes : attributes.put("axis", (int) axis)).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    TensorType values = TensorType.ofRank(input.dtype(), 1);
    if (axis != null) {
      values = input;
      if (input.hasRank()) {
        List<Dim> dims = new ArrayList<>(input.knownDims());
        dims.set(Shapes.axis(axis, dims.size()), Dim.UNKNOWN);
        values = input.withDims(dims);
      }
    }
    TensorType vector = TensorType.ofRank(DType.INT64, 1);
    return List.of(values, vector, vector, vector);
  }

  @Override
  public void eval(EvalContext context) {
    Tensor given = context.input(0);
    Tensor x = axis == null ? given.reshape(Shape.of(given.size())) : given;
    int along = axis == null ? 0 : Shapes.axis(axis, x.shape().rank());
    int count = x.shape().dim(along);
    int inner = x.shape().sizeBetween(along + 1, x.shape().rank());
    int outer = x.shape().sizeBetween(0, along);
    Comparator<Integer> order =
        (a, b) -> {
          for (int i = 0; i < outer * inner; i++) {
            int base = i / inner * count * inner + i % inner;
            int compared = ElementOrder.compare(x, base + a * inner, x, base + b * inner);
            if (compared != 0) {
              return compared;
            }
          }
          return 0;
        };
    List<List<Integer>> groups = groups(count, order);
    Tensor y = context.output(0, x.dtype(), x.shape().withDim(along, groups.size()));
    for (int i = 0; i < y.size(); i++) {
      int group = i / inner % groups.size();
      int row = i / inner / groups.size();
      y.copyElement(i, x, (row * count + groups.get(group).get(0)) * inner + i % inner);
    }
    Tensor inverse = Tensor.zeros(DType.INT64, Shape.of(count));
    for (int g = 0; g < groups.size(); g++) {
      for (int member : groups.get(g)) {
        inverse.setLong(member, g);
      }
    }
    give(context, 1, Tensor.of(groups.stream().mapToLong(group -> group.get(0)).toArray()));
    give(context, 2, inverse);
    give(context, 3, Tensor.of(groups.stream().mapToLong(List::size).toArray()));
  }

  /** Equal slices together, each group in rising order of index. */
  private List<List<Integer>> groups(int count, Comparator<Integer> order) {
    List<List<Integer>> groups = new ArrayList<>();
    int previous = -1;
    for (int index : IntStream.range(0, count).boxed().sorted(order).toList()) {
      if (previous < 0 || order.compare(previous, index) != 0) {
        groups.add(new ArrayList<>());
      }
      groups.get(groups.size() - 1).add(index);
      previous = index;
    }
    if (!sorted) {
      groups.sort(Comparator.comparing(group -> group.get(0)));
    }
    return Collections.unmodifiableList(groups);
  }

  private static void give(EvalContext context, int index, Tensor tensor) {
    if (context.wantsOutput(index)) {
      context.setOutput(index, tensor);
    }
  }
}
