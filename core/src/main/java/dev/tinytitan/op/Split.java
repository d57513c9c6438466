package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tensor cut into parts along an axis, one for each output. Their sizes are input 1, an int64
 * vector; without it the parts are equal. ONNX: Split-18; before opset 13 the sizes were an
 * attribute.
 *
 * @param axis negative counts from the end
 * @param parts the number of parts of nearly equal size, the last of which may be smaller; 0 for as
 *     many as there are outputs, of exactly equal size
 */
public record Split(int axis, int parts) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Split", 18)
          .compatibleSince(13)
          .inputs(1, 2)
          .outputs(1, Integer.MAX_VALUE)
          .decoder(context -> {
            context.attributeToInput("split", 1);
            return new Split(
                context.attributes().getInt("axis", 0),
                context.attributes().getInt("num_outputs", 0));
          })
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(0, "axis", axis)
        .putUnless(0, "num_outputs", parts)
        .build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    Axes.requireOpset(context, axis, 2);
    if (parts > 0) {
      context.requireOpset(18);
    } else if (context.node().hasInput(1)) {
      context.inputWasAttributeUntil(13, 1, "split", false);
    } else if (context.opset() >= 18) {
      context.attributes(new Split(axis, context.node().outputs().size()).attributes());
    }
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (!input.hasRank()) {
      return List.copyOf(
          Collections.nCopies(context.outputCount(), TensorType.unknown(input.dtype())));
    }
    int along = Shapes.axis(axis, input.rank());
    long @Nullable [] sizes = null;
    if (context.hasInput(1)) {
      sizes = Shapes.constantLongs(context, 1);
      if (sizes != null && input.dim(along).isFixed()) {
        requireSum(sizes, input.dim(along).size());
      }
    } else if (input.dim(along).isFixed()) {
      sizes = equalSizes(input.dim(along).size(), context.outputCount());
    }
    requireOutputs(sizes, context.outputCount());
    List<TensorType> types = new ArrayList<>();
    for (int i = 0; i < context.outputCount(); i++) {
      List<Dim> dims = new ArrayList<>(input.knownDims());
      dims.set(along, sizes == null ? Dim.UNKNOWN : Dims.of(sizes[i]));
      types.add(input.withDims(dims));
    }
    return types;
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape shape = x.shape();
    int along = Shapes.axis(axis, shape.rank());
    long[] sizes;
    if (context.hasInput(1)) {
      sizes = context.input(1).toLongArray();
      requireSum(sizes, shape.dim(along));
    } else {
      sizes = equalSizes(shape.dim(along), context.outputCount());
    }
    requireOutputs(sizes, context.outputCount());
    int[] strides = shape.strides();
    int start = 0;
    for (int i = 0; i < context.outputCount(); i++) {
      if (context.wantsOutput(i)) {
        Tensor y = context.output(i, x.dtype(), shape.withDim(along, (int) sizes[i]));
        StridedCopy.fill(y, x, start, strides);
      }
      start += (int) sizes[i] * strides[along];
    }
  }

  private long[] equalSizes(int size, int outputs) {
    int count = parts == 0 ? outputs : parts;
    if (parts == 0 && size % count != 0) {
      throw new ShapeMismatchException(
          "A dimension of " + size + " cannot be split into " + count + " equal parts.");
    }
    requireOutputs(count, outputs);
    long part = Math.ceilDiv(size, count);
    long[] sizes = new long[count];
    Arrays.fill(sizes, part);
    sizes[count - 1] = size - part * (count - 1);
    if (sizes[count - 1] < 0) {
      throw new ShapeMismatchException(
          "A dimension of " + size + " is too small to be split into " + count + " parts.");
    }
    return sizes;
  }

  private static void requireSum(long[] sizes, int size) {
    long sum = 0;
    for (long part : sizes) {
      if (part < 0 || part > size) {
        sum = -1;
        break;
      }
      sum += part;
    }
    if (sum != size) {
      throw new ShapeMismatchException(
          "Parts of " + Arrays.toString(sizes) + " do not make up a dimension of " + size + ".");
    }
  }

  private static void requireOutputs(long @Nullable [] sizes, int outputs) {
    if (sizes != null) {
      requireOutputs(sizes.length, outputs);
    }
  }

  private static void requireOutputs(int parts, int outputs) {
    if (parts != outputs) {
      throw new ShapeMismatchException(
          "There are " + outputs + " outputs, but the split gives " + parts + " parts.");
    }
  }

  @Override
  public void gradient(GradientContext context) {
    String[] parts = new String[context.node().outputs().size()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = context.gradient(i);
    }
    context.give(0, context.add(new Concat(axis), parts));
  }
}
