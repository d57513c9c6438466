package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
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
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Every {@code steps[i]}-th element from {@code starts[i]} up to before {@code ends[i]} along
 * {@code axes[i]}; negative starts and ends count from the end and all are clamped. Inputs: data,
 * starts, ends, axes (optional: the first ones), steps (optional: 1; negative to go backwards).
 * ONNX: Slice-13; before opset 10 the vectors were attributes.
 */
public record Slice() implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Slice", 13)
          .compatibleSince(10)
          .inputs(3, 5)
          .decoder(context -> {
            context.attributeToInput("starts", 1);
            context.attributeToInput("ends", 2);
            context.attributeToInput("axes", 3);
            return new Slice();
          })
          .build();

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    if (context.node().hasInput(4)) {
      context.requireOpset(10);
    }
    context.inputWasAttributeUntil(10, 1, "starts", false);
    context.inputWasAttributeUntil(10, 2, "ends", false);
    if (context.node().hasInput(3)) {
      Axes.export(context, 3, 10);
    }
  }

  /** What is cut from one dimension. */
  private record Range(long start, long end, long step) {

    /** The range brought inside a dimension, as NumPy does. */
    Range within(int size) {
      if (step == 0) {
        throw new ShapeMismatchException("A slice has a step of 0.");
      }
      long from = start < 0 ? start + size : start;
      long to = end < 0 ? end + size : end;
      return step > 0
          ? new Range(Math.clamp(from, 0L, size), Math.clamp(to, 0L, size), step)
          : new Range(Math.clamp(from, -1L, size - 1L), Math.clamp(to, -1L, size - 1L), step);
    }

    /** The number of elements, once inside. */
    int length() {
      // Steps may be as far out as the ends of the long range; the span is not.
      long span = step > 0 ? end - start : start - end;
      long stride = step == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(step);
      return span <= 0 ? 0 : (int) ((span - 1) / stride + 1);
    }

    /** True if any dimension stays whole, whatever its size. */
    boolean isWhole() {
      return start == 0 && end >= Integer.MAX_VALUE && step == 1;
    }
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (!input.hasRank()) {
      return List.of(TensorType.unknown(input.dtype()));
    }
    Optional<Tensor> axes = context.constant(3);
    if (context.hasInput(3) && axes.isEmpty()) {
      return List.of(TensorType.ofRank(input.dtype(), input.rank()));
    }
    int[] named = axes.map(Indices::saturated).orElseGet(() -> firstAxes(context, input.rank()));
    Shapes.axes(named, input.rank());
    Optional<Tensor> starts = context.constant(1);
    Optional<Tensor> ends = context.constant(2);
    Optional<Tensor> steps = context.constant(4);
    boolean known =
        starts.isPresent() && ends.isPresent() && (steps.isPresent() || !context.hasInput(4));
    List<Dim> dims = new ArrayList<>(input.knownDims());
    for (int i = 0; i < named.length; i++) {
      int axis = Shapes.axis(named[i], input.rank());
      if (!known) {
        dims.set(axis, Dim.UNKNOWN);
        continue;
      }
      Range range = range(starts.get(), ends.get(), steps.orElse(null), i);
      if (dims.get(axis).isFixed()) {
        dims.set(axis, Dim.of(range.within(dims.get(axis).size()).length()));
      } else if (!range.isWhole()) {
        dims.set(axis, Dim.UNKNOWN);
      }
    }
    return List.of(input.withDims(dims));
  }

  /** The axes where none are named: as many as there are starts, as far as that is known. */
  private static int[] firstAxes(InferenceContext context, int rank) {
    TensorType starts = context.input(1);
    return first(starts.isStatic() ? Math.min(rank, starts.shape().size()) : rank);
  }

  private static int[] first(int count) {
    int[] axes = new int[count];
    Arrays.setAll(axes, i -> i);
    return axes;
  }

  private static Range range(Tensor starts, Tensor ends, @Nullable Tensor steps, int index) {
    return new Range(
        starts.getLong(index), ends.getLong(index), steps == null ? 1 : steps.getLong(index));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape shape = x.shape();
    Tensor starts = context.input(1);
    Tensor ends = context.input(2);
    Tensor steps = context.hasInput(4) ? context.input(4) : null;
    int[] axes = context.hasInput(3) ? Indices.saturated(context.input(3)) : first(starts.size());
    if (ends.size() != starts.size()
        || axes.length != starts.size()
        || (steps != null && steps.size() != starts.size())) {
      throw new ShapeMismatchException(
          "A slice has "
              + starts.size()
              + " starts, "
              + ends.size()
              + " ends and "
              + axes.length
              + " axes; they should be as many.");
    }
    Shapes.axes(axes, shape.rank());
    int[] dims = shape.toArray();
    int[] strides = shape.strides();
    int first = 0;
    for (int i = 0; i < axes.length; i++) {
      int axis = Shapes.axis(axes[i], shape.rank());
      Range range = range(starts, ends, steps, i).within(dims[axis]);
      dims[axis] = range.length();
      if (dims[axis] > 0) {
        first += (int) range.start() * strides[axis];
      }
      // Beyond the first element the step is at most the dimension's size.
      strides[axis] = dims[axis] > 1 ? strides[axis] * (int) range.step() : 0;
    }
    StridedCopy.fill(context.output(0, x.dtype(), Shape.of(dims)), x, first, strides);
  }

  @Override
  public void gradient(GradientContext context) {
    Gradients.giveMoved(context);
  }
}
