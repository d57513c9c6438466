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
 * Transposed convolution: what a convolution's gradient does to its input. Inputs: x {@code [N, C,
 * spatial…]}, weights {@code [C, M / group, kernel…]}, optionally a bias {@code [M]}; output {@code
 * [N, M, spatial…]}; a float type. ONNX: ConvTranspose-22.
 *
 * <p>An output axis has {@code stride * (input - 1) + outputPadding + extent - pads} elements,
 * where {@code extent = (kernel - 1) * dilation + 1}. With {@link AutoPad#isSame} it has {@code
 * input * stride}. With {@code outputShape} it has just that. In both cases the padding follows,
 * the odd one at the end for {@link AutoPad#SAME_UPPER} and at the beginning otherwise.
 *
 * @param outputPadding more elements at the end of each axis; empty for none
 * @param outputShape the output's spatial axes; empty where they follow from the rest
 */
public record ConvTranspose(
    Window window, int group, List<Integer> outputPadding, List<Integer> outputShape)
    implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("ConvTranspose", 22)
          .compatibleSince(1)
          .inputs(2, 3)
          .decoder(context ->
              new ConvTranspose(
                  Window.decode(context.attributes()),
                  context.attributes().getInt("group", 1),
                  Window.ints(context.attributes(), "output_padding"),
                  Window.ints(context.attributes(), "output_shape")))
          .build();

  public ConvTranspose {
    Convolution.requireGroup(group);
    Window.requireAtLeast(0, "output_padding", outputPadding);
    Window.requireAtLeast(0, "output_shape", outputShape);
    outputPadding = List.copyOf(outputPadding);
    outputShape = List.copyOf(outputShape);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes.Builder attributes = window.encode().putUnless(1, "group", group);
    Window.put(attributes, "output_padding", outputPadding);
    Window.put(attributes, "output_shape", outputShape);
    return attributes.build();
  }

  /**
   * The convolution that this one transposes: its input is this one's output.
   *
   * @param x the shape of this one's input
   * @param w the shape of the weights
   * @throws ShapeMismatchException if they do not fit
   */
  public WindowGeometry geometry(Shape x, Shape w) {
    int rank = Window.spatialRank(x.rank());
    List<Integer> kernel = Convolution.kernel(window, w);
    requireRank(rank, kernel);
    List<WindowGeometry.Axis> axes = new ArrayList<>(rank);
    for (int axis = 0; axis < rank; axis++) {
      axes.add(axis(axis, rank, x.dim(axis + 2), kernel.get(axis)));
    }
    return new WindowGeometry(axes);
  }

  private void requireRank(int rank, List<@Nullable Integer> kernel) {
    window.requireRank(rank, kernel);
    Window.requireLength("output_padding", rank, outputPadding, true);
    // Some exporters write batch and channels too; they stand in front.
    if (outputShape.size() != rank + 2) {
      Window.requireLength("output_shape", rank, outputShape, true);
    }
  }

  private WindowGeometry.Axis axis(int axis, int rank, int input, int kernel) {
    int stride = window.stride(axis);
    int dilation = window.dilation(axis);
    long natural =
        stride * (input - 1L)
            + (outputPadding.isEmpty() ? 0 : outputPadding.get(axis))
            + (kernel - 1L) * dilation
            + 1;
    int begin = window.padBegin(axis);
    int end = window.padEnd(axis);
    long output = natural - begin - end;
    if (!outputShape.isEmpty() || window.autoPad().isSame()) {
      output =
          outputShape.isEmpty()
              ? (long) input * stride
              : outputShape.get(outputShape.size() - rank + axis);
      int total = Math.toIntExact(Math.max(0, natural - output));
      begin = window.autoPad() == AutoPad.SAME_UPPER ? total / 2 : total - total / 2;
      end = total - begin;
    }
    if (output < 0) {
      throw new ShapeMismatchException(
          "Padding "
              + begin
              + " and "
              + end
              + " leaves nothing of "
              + natural
              + " elements along spatial axis "
              + axis
              + ".");
    }
    return new WindowGeometry.Axis(
        Math.toIntExact(output), kernel, stride, dilation, begin, end, input);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(0);
    TensorType w = context.input(1);
    Shapes.requireSameDType(x, w);
    if (x.isStatic() && w.isStatic()) {
      requireFit(x.shape(), w.shape());
      return List.of(TensorType.of(x.dtype(), outputShape(x.shape(), w.shape())));
    }
    if (!x.hasRank()) {
      return List.of(w.hasRank() ? TensorType.ofRank(x.dtype(), w.rank()) : x);
    }
    int rank = Window.spatialRank(x.rank());
    List<Dim> dims = new ArrayList<>();
    dims.add(x.dim(0));
    boolean channels = w.hasRank() && w.dim(1).isFixed();
    dims.add(channels ? Dim.of(Math.multiplyExact(w.dim(1).size(), group)) : Dim.UNKNOWN);
    for (int axis = 0; axis < rank; axis++) {
      Dim input = x.dim(axis + 2);
      Dim kernel = w.hasRank() && w.rank() == x.rank() ? w.dim(axis + 2) : Dim.UNKNOWN;
      boolean known = input.isFixed() && kernel.isFixed();
      dims.add(known ? Dim.of(axis(axis, rank, input.size(), kernel.size()).input()) : Dim.UNKNOWN);
    }
    return List.of(x.withDims(dims));
  }

  private Shape outputShape(Shape x, Shape w) {
    int[] dims = x.toArray();
    dims[1] = Math.multiplyExact(w.dim(1), group);
    List<WindowGeometry.Axis> axes = geometry(x, w).axes();
    for (int axis = 0; axis < axes.size(); axis++) {
      dims[axis + 2] = axes.get(axis).input();
    }
    return Shape.of(dims);
  }

  private void requireFit(Shape x, Shape w) {
    if (x.rank() != w.rank() || x.rank() < 2 || x.dim(1) != w.dim(0) || x.dim(1) % group != 0) {
      throw new ShapeMismatchException(
          "An input of shape "
              + x
              + " does not fit transposed weights of shape "
              + w
              + " in "
              + group
              + (group == 1 ? " group." : " groups."));
    }
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor w = context.input(1);
    requireFit(x.shape(), w.shape());
    Shape shape = outputShape(x.shape(), w.shape());
    double[] y =
        scatter(
            x.toDoubleArray(), x.shape(), w.toDoubleArray(), w.shape(), new double[shape.size()]);
    Convolution.Result result = new Convolution.Result(shape, y);
    if (context.hasInput(2)) {
      Convolution.addBias(result, context.input(2).toDoubleArray());
    }
    Elements.store(y, context.output(0, x.dtype(), shape));
  }

  private double[] scatter(double[] x, Shape xShape, double[] w, Shape wShape, double[] y) {
    WindowGeometry geometry = geometry(xShape, wShape);
    int groupChannels = xShape.dim(1) / group;
    int groupFilters = wShape.dim(1);
    int taps = geometry.kernelSize();
    int positions = geometry.outputSize();
    int area = geometry.inputSize();
    int[] offsets = new int[Math.max(taps, 1)];
    for (int position = 0; position < positions; position++) {
      geometry.inputOffsets(position, offsets);
      for (int plane = 0; plane < xShape.dim(0) * xShape.dim(1); plane++) {
        double value = x[plane * positions + position];
        int block = plane / groupChannels;
        int channel = plane % xShape.dim(1);
        for (int m = 0; m < groupFilters; m++) {
          int to = (block * groupFilters + m) * area;
          int from = (channel * groupFilters + m) * taps;
          for (int k = 0; k < taps; k++) {
            if (offsets[k] >= 0) {
              y[to + offsets[k]] += value * w[from + k];
            }
          }
        }
      }
    }
    return y;
  }

  /** Multiply-adds: every input takes one for each weight of its channel. */
  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    TensorType x = inputs.get(0);
    TensorType w = inputs.get(1);
    long bytes = Operator.bytesMoved(inputs, outputs);
    if (x == null || w == null || !x.isStatic() || !w.isStatic()) {
      return new Cost(0, bytes);
    }
    Shape weights = w.shape();
    return new Cost((long) x.shape().size() * weights.sizeBetween(1, weights.rank()), bytes);
  }
}
