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
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The elements in the same order under another shape, given as an int64 vector: -1 once for what
 * remains, 0 for the input's own size unless zeros are allowed. ONNX: Reshape-25.
 *
 * @param allowZero whether 0 means a size of zero
 */
public record Reshape(boolean allowZero) implements ViewOperator {
  static final OpSpec SPEC =
      OpSpec.onnx("Reshape", 25)
          .compatibleSince(14)
          .inputs(2)
          .decoder(new FrequentDecoder("Reshape"))
          .build();

  static Operator decode(ImportContext context) {
    return new Reshape(context.attributes().getBoolean("allowzero", false));
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().putUnless(false, "allowzero", allowZero).build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(allowZero ? 14 : 5);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    Optional<Tensor> target = context.constant(1);
    if (target.isEmpty()) {
      return List.of(Dims.describedBy(input.dtype(), context.input(1)));
    }
    long[] sizes = target.get().toLongArray();
    if (input.isStatic()) {
      return List.of(TensorType.of(input.dtype(), resolve(input.shape(), sizes)));
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      if (sizes[i] > 0 || (sizes[i] == 0 && allowZero)) {
        dims.add(Dim.of(Math.toIntExact(sizes[i])));
      } else if (sizes[i] == 0 && input.hasRank() && i < input.rank()) {
        dims.add(input.dim(i));
      } else {
        dims.add(Dim.UNKNOWN);
      }
    }
    return List.of(input.withDims(dims));
  }

  @Override
  public Shape outputShape(EvalContext context) {
    return resolve(context.input(0).shape(), context.input(1).toLongArray());
  }

  private Shape resolve(Shape input, long[] sizes) {
    long[] dims = sizes.clone();
    int open = -1;
    long known = 1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == -1 && open < 0) {
        open = i;
        continue;
      }
      if (dims[i] == 0 && !allowZero) {
        if (i >= input.rank()) {
          throw mismatch(input, sizes);
        }
        dims[i] = input.dim(i);
      }
      if (dims[i] < 0) {
        throw mismatch(input, sizes);
      }
      known = Math.multiplyExact(known, dims[i]);
    }
    if (open >= 0) {
      if (known == 0 || input.size() % known != 0) {
        throw mismatch(input, sizes);
      }
      dims[open] = input.size() / known;
    } else if (known != input.size()) {
      throw mismatch(input, sizes);
    }
    return Shape.of(dims);
  }

  private static ShapeMismatchException mismatch(Shape input, long[] sizes) {
    return new ShapeMismatchException(
        "A tensor of shape " + input + " cannot be reshaped to " + Arrays.toString(sizes) + ".");
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveReshaped(context);
  }
}
