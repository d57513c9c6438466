package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a tensor, or a slice of it, as an int64 vector. ONNX: Shape-25 (named apart from
 * {@link Shape}).
 *
 * @param start the first dimension; negative counts from the end
 * @param end the dimension to stop before; negative counts from the end; null for all
 */
public record ShapeOf(int start, @Nullable Integer end) implements ShapeOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Shape", 25)
          .compatibleSince(15)
          .decoder(context ->
              new ShapeOf(
                  context.attributes().getInt("start", 0),
                  context.attributes().has("end") ? context.attributes().getInt("end") : null))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes.Builder attributes = Attributes.builder().putUnless(0, "start", start);
    return (end == null ? attributes : attributes.put("end", end)).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(start == 0 && end == null ? 1 : 15);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (!input.hasRank()) {
      return List.of(TensorType.ofRank(DType.INT64, 1));
    }
    return List.of(TensorType.of(DType.INT64, to(input.rank()) - from(input.rank())));
  }

  @Override
  public Tensor evalShape(Shape shape) {
    int from = from(shape.rank());
    long[] sizes = new long[to(shape.rank()) - from];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = shape.dim(from + i);
    }
    return Tensor.of(sizes);
  }

  private int from(int rank) {
    return Math.clamp(start < 0 ? start + rank : start, 0, rank);
  }

  private int to(int rank) {
    int stop = end == null ? rank : end < 0 ? end + rank : end;
    return Math.clamp(stop, from(rank), rank);
  }
}
