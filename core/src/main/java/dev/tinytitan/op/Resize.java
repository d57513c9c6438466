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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A tensor made larger or smaller by interpolation, any number of axes. Inputs: X, roi (only for
 * {@link Coordinates#TF_CROP_AND_RESIZE}), and one of scales (float32) and sizes (int64), the other
 * absent or empty. ONNX: Resize-19; Resize-10 and {@link Upsample} are normalized on import.
 *
 * @param coordinates where the places of the result lie in the input
 * @param nearestMode how places between elements are rounded in mode {@link Mode#NEAREST}
 * @param cubicCoeffA the coefficient a of cubic interpolation
 * @param excludeOutside whether elements outside the input weigh nothing; otherwise the border is
 *     continued
 * @param extrapolationValue what lies outside in {@link Coordinates#TF_CROP_AND_RESIZE}
 * @param antialias whether the filter is stretched when the result is smaller
 * @param axes the axes that roi, scales and sizes are for; empty for all
 * @param aspectRatio what sizes mean for the ratio of the axes
 */
public record Resize(
    Mode mode,
    Coordinates coordinates,
    NearestMode nearestMode,
    float cubicCoeffA,
    boolean excludeOutside,
    float extrapolationValue,
    boolean antialias,
    List<Integer> axes,
    AspectRatio aspectRatio)
    implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Resize", 19).compatibleSince(18).inputs(1, 4).decoder(Resize::decode).build();

  private static final int ROI = 1;
  private static final int SCALES = 2;
  private static final int SIZES = 3;

  /** How values between elements are made. */
  public enum Mode {
    /** The nearest element. */
    NEAREST,
    /** Linearly. */
    LINEAR,
    /** By cubic convolution over four elements. */
    CUBIC
  }

  /** How a place of the result becomes a place of the input. */
  public enum Coordinates {
    /** Centres of elements at halves. */
    HALF_PIXEL,
    /** As before, kept symmetric when the scaled length is rounded. */
    HALF_PIXEL_SYMMETRIC,
    /** Centres at halves; a result of one element takes the first. */
    PYTORCH_HALF_PIXEL,
    /** First and last elements on each other. */
    ALIGN_CORNERS,
    /** Divided by the scale. */
    ASYMMETRIC,
    /** As the half-pixel form, not shifted back; removed in opset 13. */
    TF_HALF_PIXEL_FOR_NN,
    /** Inside a region of interest. */
    TF_CROP_AND_RESIZE
  }

  /** How the nearest element is picked. */
  public enum NearestMode {
    /** The nearer; the lower of two as near. */
    ROUND_PREFER_FLOOR,
    /** The nearer; the upper of two as near. */
    ROUND_PREFER_CEIL,
    /** The lower. */
    FLOOR,
    /** The upper. */
    CEIL
  }

  /** What given sizes mean. */
  public enum AspectRatio {
    /** They are met, whatever becomes of the ratio. */
    STRETCH,
    /** One scale for all axes, so that none is larger. */
    NOT_LARGER,
    /** One scale for all axes, so that none is smaller. */
    NOT_SMALLER
  }

  /** Copies the axes. */
  public Resize {
    axes = List.copyOf(axes);
  }

  /** A plain resize of all axes, everything else at its default. */
  public static Resize of(Mode mode, Coordinates coordinates, NearestMode nearestMode) {
    return new Resize(
        mode, coordinates, nearestMode, -0.75f, false, 0, false, List.of(), AspectRatio.STRETCH);
  }

  private static Resize decode(ImportContext context) {
    Mode mode = Labels.attribute(context, "mode", Mode.NEAREST);
    if (context.opset() < 11) {
      NearestMode nearestMode = nearestModeOf10(context);
      context.setInputs(List.of(context.input(0), "", context.input(1)));
      return of(mode, Coordinates.ASYMMETRIC, nearestMode);
    }
    Attributes attributes = context.attributes();
    return new Resize(
        mode,
        Labels.attribute(context, "coordinate_transformation_mode", Coordinates.HALF_PIXEL),
        Labels.attribute(context, "nearest_mode", NearestMode.ROUND_PREFER_FLOOR),
        attributes.getFloat("cubic_coeff_a", -0.75f),
        attributes.getBoolean("exclude_outside", false),
        attributes.getFloat("extrapolation_value", 0),
        attributes.getBoolean("antialias", false),
        Arrays.stream(attributes.getInts("axes").orElse(new int[0])).boxed().toList(),
        Labels.attribute(context, "keep_aspect_ratio_policy", AspectRatio.STRETCH));
  }

  /**
   * Resize-10 does not say how it rounds. ONNX Runtime, whose users exported such models, rounds
   * down where it enlarges and up where it shrinks.
   */
  private static NearestMode nearestModeOf10(ImportContext context) {
    float[] scales = context.constant(1).map(Tensor::toFloatArray).orElse(new float[0]);
    boolean shrinks = false;
    boolean enlarges = false;
    for (float scale : scales) {
      shrinks |= scale < 1;
      enlarges |= scale > 1;
    }
    if (shrinks && enlarges) {
      throw context.unsupported("Resize-10 that enlarges one axis and shrinks another");
    }
    return shrinks ? NearestMode.CEIL : NearestMode.FLOOR;
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    Attributes.Builder attributes =
        Attributes.builder()
            .putUnless("nearest", "mode", Labels.of(mode))
            .putUnless("half_pixel", "coordinate_transformation_mode", Labels.of(coordinates))
            .putUnless("round_prefer_floor", "nearest_mode", Labels.of(nearestMode))
            .putUnless(-0.75f, "cubic_coeff_a", cubicCoeffA)
            .putUnless(false, "exclude_outside", excludeOutside)
            .putUnless(0f, "extrapolation_value", extrapolationValue)
            .putUnless(false, "antialias", antialias)
            .putUnless("stretch", "keep_aspect_ratio_policy", Labels.of(aspectRatio));
    return (axes.isEmpty() ? attributes : attributes.put("axes", axes)).build();
  }

  @Override
  public void export(ExportContext context) {
    if (context.opset() < 11 && isUpsample(context)) {
      context.opType(Upsample.SPEC.name());
      context.attributes(
          Attributes.builder().putUnless("nearest", "mode", Labels.of(mode)).build());
      context.inputWasAttributeUntil(9, SCALES, "scales", false);
      if (context.opset() >= 9) {
        context.inputs(List.of(context.node().input(0), context.node().input(SCALES)));
      }
      return;
    }
    context.attributes(attributes());
    boolean newer = antialias || !axes.isEmpty() || aspectRatio != AspectRatio.STRETCH;
    boolean symmetric = coordinates == Coordinates.HALF_PIXEL_SYMMETRIC;
    // Until opset 13, roi and scales had to be there, if only empty.
    boolean gaps = !context.node().hasInput(ROI) || !context.node().hasInput(SCALES);
    context.requireOpset(symmetric ? 19 : newer ? 18 : gaps ? 13 : 11);
  }

  /** True if Upsample means the same: it enlarges only, and from scales. */
  private boolean isUpsample(ExportContext context) {
    boolean enlarges =
        context
            .constant(SCALES)
            .map(scales -> {
              for (int i = 0; i < scales.size(); i++) {
                if (scales.getFloat(i) < 1) {
                  return false;
                }
              }
              return scales.size() > 0;
            })
            .orElse(context.opset() >= 9);
    return enlarges
        && !context.node().hasInput(SIZES)
        && !context.node().hasInput(ROI)
        && mode != Mode.CUBIC
        && equals(of(mode, Coordinates.ASYMMETRIC, NearestMode.FLOOR));
  }

  /** The axes that the inputs are for, counted from the front. */
  private int[] axes(int rank) {
    int[] all = new int[axes.isEmpty() ? rank : axes.size()];
    Arrays.setAll(all, i -> axes.isEmpty() ? i : Shapes.axis(axes.get(i), rank));
    Shapes.axes(all, rank);
    return all;
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType input = context.input(0);
    if (!input.hasRank()) {
      return List.of(TensorType.unknown(input.dtype()));
    }
    Optional<Tensor> sizes = context.constant(SIZES).filter(tensor -> tensor.size() > 0);
    Optional<Tensor> scales = context.constant(SCALES).filter(tensor -> tensor.size() > 0);
    boolean sizesUnknown = context.hasInput(SIZES) && context.constant(SIZES).isEmpty();
    if (input.isStatic() && !sizesUnknown && (sizes.isPresent() || scales.isPresent())) {
      Shape shape = outputShape(extents(input.shape(), Optional.empty(), scales, sizes));
      return List.of(TensorType.of(input.dtype(), shape));
    }
    List<Dim> dims = new ArrayList<>(input.knownDims());
    int[] named = axes(input.rank());
    for (int i = 0; i < named.length; i++) {
      int axis = named[i];
      if (sizes.isPresent() && aspectRatio == AspectRatio.STRETCH) {
        requireCount(sizes.get(), named.length, "sizes");
        dims.set(axis, Dims.of(sizes.get().getLong(i)));
      } else if (sizes.isEmpty() && !sizesUnknown && scales.isPresent()) {
        requireCount(scales.get(), named.length, "scales");
        dims.set(axis, scaled(dims.get(axis), scales.get().getFloat(i)));
      } else {
        dims.set(axis, Dim.UNKNOWN);
      }
    }
    return List.of(input.withDims(dims));
  }

  private static Dim scaled(Dim dim, float scale) {
    return scale == 1 ? dim : dim.isFixed() ? Dims.of(scaled(dim.size(), scale)) : Dim.UNKNOWN;
  }

  /** In float32, as ONNX's own shape rule computes it. */
  private static long scaled(int size, float scale) {
    if (!(scale > 0)) {
      throw new ShapeMismatchException("A scale of " + scale + " is not positive.");
    }
    return (long) Math.floor(size * scale);
  }

  private static Shape outputShape(List<ResizeAxis.Extent> extents) {
    return Shape.of(extents.stream().mapToInt(ResizeAxis.Extent::output).toArray());
  }

  /** The lengths of all axes, resized or not. */
  private List<ResizeAxis.Extent> extents(
      Shape shape, Optional<Tensor> roi, Optional<Tensor> scales, Optional<Tensor> sizes) {
    int[] named = axes(shape.rank());
    List<ResizeAxis.Extent> extents = new ArrayList<>();
    for (int i = 0; i < shape.rank(); i++) {
      extents.add(new ResizeAxis.Extent(shape.dim(i), shape.dim(i), 1, true, 0, 1));
    }
    sizes.ifPresent(tensor -> requireCount(tensor, named.length, "sizes"));
    scales.ifPresent(tensor -> requireCount(tensor, named.length, "scales"));
    roi.ifPresent(tensor -> requireCount(tensor, 2 * named.length, "roi"));
    double common =
        sizes.isPresent() && aspectRatio != AspectRatio.STRETCH
            ? commonScale(shape, named, sizes.get())
            : 0;
    for (int i = 0; i < named.length; i++) {
      int size = shape.dim(named[i]);
      double start = roi.isPresent() ? roi.get().getDouble(i) : 0;
      double end = roi.isPresent() ? roi.get().getDouble(named.length + i) : 1;
      long output;
      double scale;
      boolean exact = false;
      if (common > 0) {
        scale = common;
        output = (long) (common * size + 0.5);
      } else if (sizes.isPresent()) {
        output = sizes.get().getLong(i);
        scale = (double) output / size;
        exact = true;
      } else if (scales.isPresent()) {
        scale = scales.get().getFloat(i);
        output = scaled(size, (float) scale);
      } else {
        throw new ShapeMismatchException("A resize has neither scales nor sizes.");
      }
      int length = Dims.of(output).size();
      if (size == 0 && length > 0) {
        throw new ShapeMismatchException("An empty dimension cannot be resized to " + length + ".");
      }
      extents.set(named[i], new ResizeAxis.Extent(size, length, scale, exact, start, end));
    }
    return extents;
  }

  private double commonScale(Shape shape, int[] named, Tensor sizes) {
    double common = aspectRatio == AspectRatio.NOT_LARGER ? Double.POSITIVE_INFINITY : 0;
    for (int i = 0; i < named.length; i++) {
      double scale = sizes.getDouble(i) / shape.dim(named[i]);
      common =
          aspectRatio == AspectRatio.NOT_LARGER ? Math.min(common, scale) : Math.max(common, scale);
    }
    return common;
  }

  private static void requireCount(Tensor tensor, int count, String what) {
    if (tensor.size() != count) {
      throw new ShapeMismatchException(
          "Input '"
              + what
              + "' of a resize has "
              + tensor.size()
              + " elements, but "
              + count
              + " are needed.");
    }
  }

  private static Optional<Tensor> given(EvalContext context, int index) {
    return context.hasInput(index) && context.input(index).size() > 0
        ? Optional.of(context.input(index))
        : Optional.empty();
  }

  /**
   * The maps of all axes.
   *
   * @param roi the region of interest, if the coordinates need one
   * @param scales the scales, if given and not empty
   * @param sizes the sizes, if given and not empty
   */
  public List<ResizeAxis> maps(
      Shape shape, Optional<Tensor> roi, Optional<Tensor> scales, Optional<Tensor> sizes) {
    return extents(shape, roi, scales, sizes).stream()
        .map(extent -> ResizeAxis.of(this, extent))
        .toList();
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Optional<Tensor> roi =
        coordinates == Coordinates.TF_CROP_AND_RESIZE ? given(context, ROI) : Optional.empty();
    Optional<Tensor> scales = given(context, SCALES);
    Optional<Tensor> sizes = given(context, SIZES);
    Shape shape = outputShape(extents(x.shape(), roi, scales, sizes));
    Tensor y = context.output(0, x.dtype(), shape);
    if (y.size() == 0) {
      // One dimension may still be too large to be mapped.
      return;
    }
    List<ResizeAxis> maps = maps(x.shape(), roi, scales, sizes);
    if (mode == Mode.NEAREST) {
      pick(x, y, maps);
    } else {
      interpolate(x, y, maps);
    }
    if (coordinates == Coordinates.TF_CROP_AND_RESIZE) {
      extrapolate(y, maps);
    }
  }

  /** Each axis is a product with a matrix of weights; the gradient goes through its transpose. */
  @Override
  public void gradient(GradientContext context) {
    Optional<Tensor> scales = context.constant(SCALES).filter(tensor -> tensor.size() > 0);
    Optional<Tensor> sizes = context.constant(SIZES).filter(tensor -> tensor.size() > 0);
    if (coordinates == Coordinates.TF_CROP_AND_RESIZE || (scales.isEmpty() && sizes.isEmpty())) {
      context.refuse("it crops, or its scales and sizes are not constant");
      return;
    }
    Shape shape = context.shape(context.input(0));
    int rank = shape.rank();
    List<ResizeAxis> maps = maps(shape, Optional.empty(), scales, sizes);
    String gradient = context.gradient(0);
    for (int axis = 0; axis < rank; axis++) {
      ResizeAxis map = maps.get(axis);
      if (!map.isIdentity()) {
        String matrix =
            context.constant(matrix(map, shape.dim(axis), context.type(gradient).dtype()));
        Transpose exchange = Transpose.of(exchanged(rank, axis));
        String product = context.add(new MatMul(), context.add(exchange, gradient), matrix);
        gradient = context.add(exchange, product);
      }
    }
    context.give(0, gradient);
  }

  /** The axes with one and the last exchanged. */
  private static int[] exchanged(int rank, int axis) {
    int[] order = new int[rank];
    Arrays.setAll(order, i -> i);
    order[axis] = rank - 1;
    order[rank - 1] = axis;
    return order;
  }

  /** How much each element, a column, adds to each of the result, a row. */
  private Tensor matrix(ResizeAxis map, int length, DType dtype) {
    Tensor matrix = Tensor.zeros(dtype, Shape.of(map.outputLength(), length));
    int[] nearest = mode == Mode.NEAREST ? map.nearest() : new int[0];
    for (int place = 0; place < map.outputLength(); place++) {
      int[] positions = mode == Mode.NEAREST ? new int[] {nearest[place]} : map.positions(place);
      double[] weights = mode == Mode.NEAREST ? new double[] {1} : map.weights(place);
      for (int i = 0; i < positions.length; i++) {
        int at = place * length + positions[i];
        matrix.setDouble(at, matrix.getDouble(at) + weights[i]);
      }
    }
    return matrix;
  }

  private static void pick(Tensor x, Tensor y, List<ResizeAxis> maps) {
    // For each place along each axis, how far into the input it lies.
    int[][] offsets = new int[maps.size()][];
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = maps.get(i).nearest();
      for (int place = 0; place < offsets[i].length; place++) {
        offsets[i][place] *= x.shape().strides()[i];
      }
    }
    int[] counter = new int[offsets.length];
    for (int at = 0; at < y.size(); at++) {
      int from = 0;
      for (int i = 0; i < offsets.length; i++) {
        from += offsets[i][counter[i]];
      }
      y.copyElement(at, x, from);
      next(counter, y.shape());
    }
  }

  private static void next(int[] counter, Shape shape) {
    for (int i = counter.length - 1; i >= 0 && ++counter[i] == shape.dim(i); i--) {
      counter[i] = 0;
    }
  }

  private static void interpolate(Tensor x, Tensor y, List<ResizeAxis> maps) {
    double[] values = x.toDoubleArray();
    Shape shape = x.shape();
    for (int i = maps.size() - 1; i >= 0; i--) {
      if (!maps.get(i).isIdentity()) {
        values = alongAxis(values, shape, i, maps.get(i));
        shape = shape.withDim(i, maps.get(i).outputLength());
      }
    }
    for (int i = 0; i < values.length; i++) {
      store(y, i, values[i]);
    }
  }

  private static double[] alongAxis(double[] values, Shape shape, int axis, ResizeAxis map) {
    Shape resized = shape.withDim(axis, map.outputLength());
    double[] result = new double[resized.size()];
    int inner = shape.sizeBetween(axis + 1, shape.rank());
    int outer = shape.sizeBetween(0, axis);
    for (int place = 0; place < map.outputLength(); place++) {
      int[] positions = map.positions(place);
      double[] weights = map.weights(place);
      for (int i = 0; i < outer; i++) {
        int to = (i * map.outputLength() + place) * inner;
        for (int j = 0; j < inner; j++) {
          double sum = 0;
          for (int k = 0; k < positions.length; k++) {
            sum += weights[k] * values[(i * shape.dim(axis) + positions[k]) * inner + j];
          }
          result[to + j] = sum;
        }
      }
    }
    return result;
  }

  private void extrapolate(Tensor y, List<ResizeAxis> maps) {
    int[] counter = new int[maps.size()];
    for (int at = 0; at < y.size(); at++) {
      for (int i = 0; i < counter.length; i++) {
        if (maps.get(i).isOutside(counter[i])) {
          store(y, at, extrapolationValue);
        }
      }
      next(counter, y.shape());
    }
  }

  /** Integers are cut towards zero, as ONNX Runtime does, and kept in range. */
  private static void store(Tensor y, int index, double value) {
    DType dtype = y.dtype();
    if (dtype.isInteger() && dtype.bits() < 64) {
      y.setLong(index, Math.clamp((long) value, dtype.minValue(), dtype.maxValue()));
    } else {
      y.setDouble(index, value);
    }
  }
}
