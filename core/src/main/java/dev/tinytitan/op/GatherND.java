package dev.tinytitan.op;

import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Slices of a tensor, picked by index tuples in the last dimension of an int64 tensor; negative
 * indices count from the end. Inputs: data, indices. ONNX: GatherND-13.
 *
 * @param batchDims the number of leading dimensions that data and indices share
 */
public record GatherND(int batchDims) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("GatherND", 13)
          .compatibleSince(12)
          .inputs(2)
          .decoder(context -> new GatherND(context.attributes().getInt("batch_dims", 0)))
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(0, "batch_dims", batchDims).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(batchDims == 0 ? 11 : 12);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType data = context.input(0);
    TensorType indices = context.input(1);
    if (!data.hasRank()
        || !indices.hasRank()
        || indices.rank() == 0
        || !indices.dim(-1).isFixed()) {
      return List.of(TensorType.unknown(data.dtype()));
    }
    int tupleLength = indices.dim(-1).size();
    TupleIndices.requireTuple(data.rank() - batchDims, tupleLength);
    List<Dim> dims = new ArrayList<>(indices.knownDims().subList(0, indices.rank() - 1));
    dims.addAll(data.knownDims().subList(batchDims + tupleLength, data.rank()));
    return List.of(data.withDims(dims));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor data = context.input(0);
    TupleIndices tuples = new TupleIndices(data.shape(), context.input(1), batchDims);
    Tensor y = context.output(0, data.dtype(), tuples.slicesShape());
    if (y.size() == 0) {
      return;
    }
    int size = tuples.sliceSize();
    for (int i = 0; i < tuples.count(); i++) {
      y.copyElements(i * size, data, tuples.sliceStart(i), size);
    }
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveMoved(context);
  }
}
