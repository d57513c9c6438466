package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A tensor {@code [N, C, spatial…]} read at the places that a grid {@code [N, places…, axes]}
 * gives, each from -1 to 1, the last spatial axis first. ONNX: GridSample-22; before opset 20 the
 * modes had other names.
 *
 * @param alignCorners whether -1 and 1 mean the centres of the border elements instead of their
 *     outer edges
 */
public record GridSample(Mode mode, Padding padding, boolean alignCorners) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("GridSample", 22)
          .compatibleSince(20)
          .inputs(2)
          .decoder(GridSample::decode)
          .build();

  /** The a of cubic convolution. */
  private static final double CUBIC_COEFFICIENT = -0.75;

  /** How values between elements are made. */
  public enum Mode {
    /** Linearly along each axis. */
    LINEAR,
    /** The nearest element; the even one of two as near. */
    NEAREST,
    /** By cubic convolution over four elements along each axis. */
    CUBIC;

    /** The name before opset 20, when there were only two axes. */
    private String oldLabel() {
      return switch (this) {
        case LINEAR -> "bilinear";
        case NEAREST -> "nearest";
        case CUBIC -> "bicubic";
      };
    }
  }

  /** What lies outside. */
  public enum Padding {
    /** Zero. */
    ZEROS,
    /** The border element. */
    BORDER,
    /** The tensor mirrored at its border. */
    REFLECTION
  }

  private static GridSample decode(ImportContext context) {
    String label =
        context.attributes().getText("mode", context.opset() < 20 ? "bilinear" : "linear");
    for (Mode mode : Mode.values()) {
      if (label.equals(context.opset() < 20 ? mode.oldLabel() : Labels.of(mode))) {
        return new GridSample(
            mode,
            Labels.attribute(context, "padding_mode", Padding.ZEROS),
            context.attributes().getBoolean("align_corners", false));
      }
    }
    throw Shapes.badAttribute("mode", label);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return attributes("linear", Labels.of(mode));
  }

  private Attributes attributes(String defaultMode, String label) {
    return Attributes.builder()
        .putUnless(false, "align_corners", alignCorners)
        .putUnless(defaultMode, "mode", label)
        .putUnless("zeros", "padding_mode", Labels.of(padding))
        .build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(
        context.opset() < 20 ? attributes("bilinear", mode.oldLabel()) : attributes());
    context.requireOpset(16);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(0);
    TensorType grid = context.input(1);
    if (!x.hasRank() && !grid.hasRank()) {
      return List.of(TensorType.unknown(x.dtype()));
    }
    List<Dim> dims = Dims.unknown(x.hasRank() ? x.rank() : grid.rank());
    if (x.hasRank() && grid.hasRank()) {
      requireRanks(x.rank(), grid.rank());
    }
    for (int i = 1; grid.hasRank() && i < grid.rank() - 1; i++) {
      dims.set(i + 1, grid.dim(i));
    }
    if (x.hasRank()) {
      dims.set(0, x.dim(0));
      dims.set(1, x.dim(1));
    }
    return List.of(x.withDims(dims));
  }

  private static void requireRanks(int x, int grid) {
    if (x != grid || x < 3) {
      throw new ShapeMismatchException(
          "A grid of " + grid + " dimensions does not fit a tensor of " + x + " dimensions.");
    }
  }

  /** The elements that make up one place along one axis, and their weights. */
  private static final class Taps {
    final int[] positions;
    final double[] weights;

    Taps(int[] positions, double[] weights) {
      this.positions = positions;
      this.weights = weights;
    }
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Tensor grid = context.input(1);
    Shape shape = x.shape();
    requireRanks(shape.rank(), grid.shape().rank());
    int axes = shape.rank() - 2;
    if (grid.shape().dim(-1) != axes || grid.shape().dim(0) != shape.dim(0)) {
      throw new ShapeMismatchException(
          "A grid of shape " + grid.shape() + " does not fit a tensor of shape " + shape + ".");
    }
    int[] dims = new int[shape.rank()];
    dims[0] = shape.dim(0);
    dims[1] = shape.dim(1);
    System.arraycopy(grid.shape().toArray(), 1, dims, 2, axes);
    Tensor y = context.output(0, x.dtype(), Shape.of(dims));
    int places = y.shape().sizeBetween(2, y.shape().rank());
    for (int batch = 0; batch < dims[0]; batch++) {
      for (int place = 0; place < places; place++) {
        List<Taps> taps = new ArrayList<>();
        for (int axis = 0; axis < axes; axis++) {
          int at = (batch * places + place) * axes + axes - 1 - axis;
          taps.add(taps(grid.getDouble(at), shape.dim(axis + 2)));
        }
        for (int channel = 0; channel < dims[1]; channel++) {
          int plane = batch * dims[1] + channel;
          y.setDouble(plane * places + place, sample(x, plane, 0, taps));
        }
      }
    }
  }

  /** The value at one place, one axis within the other; {@code base} is a flat index so far. */
  private static double sample(Tensor x, int base, int axis, List<Taps> taps) {
    if (axis == taps.size()) {
      return x.getDouble(base);
    }
    Taps here = taps.get(axis);
    double sum = 0;
    for (int i = 0; i < here.positions.length; i++) {
      if (here.positions[i] >= 0) {
        int next = base * x.shape().dim(axis + 2) + here.positions[i];
        sum += here.weights[i] * sample(x, next, axis + 1, taps);
      }
    }
    return sum;
  }

  private Taps taps(double normalized, int length) {
    double at =
        alignCorners ? (normalized + 1) / 2 * (length - 1) : ((normalized + 1) * length - 1) / 2;
    if (mode == Mode.NEAREST) {
      return new Taps(
          new int[] {pad(Math.rint(inside(Math.rint(at), length)), length)}, new double[] {1});
    }
    // The cubic filter reaches over the border from either side: only its taps are brought inside.
    double place = mode == Mode.LINEAR ? inside(at, length) : at;
    double base = Math.floor(place);
    double ratio = place - base;
    int first = mode == Mode.LINEAR ? 0 : -1;
    int[] positions = new int[2 - 2 * first];
    double[] weights = new double[positions.length];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = pad(base + first + i, length);
      double distance = Math.abs(first + i - ratio);
      weights[i] =
          mode == Mode.LINEAR ? 1 - distance : ResizeAxis.cubic(distance, CUBIC_COEFFICIENT);
    }
    return new Taps(positions, weights);
  }

  /** A place brought inside the tensor, unless what is outside is zero. */
  private double inside(double at, int length) {
    return switch (padding) {
      case ZEROS -> at;
      case BORDER -> Math.clamp(at, 0.0, Math.max(0, length - 1.0));
      case REFLECTION -> reflect(at, length);
    };
  }

  /** The index of an element; -1 for the zero outside. */
  private int pad(double at, int length) {
    if (length == 0) {
      return -1;
    }
    return switch (padding) {
      case ZEROS -> at >= 0 && at < length ? (int) at : -1;
      case BORDER -> (int) Math.clamp(at, 0.0, length - 1.0);
      case REFLECTION -> (int) Math.clamp(reflect(at, length), 0.0, length - 1.0);
    };
  }

  private double reflect(double at, int length) {
    double least = alignCorners ? 0 : -0.5;
    double range = alignCorners ? length - 1.0 : length;
    if (range == 0) {
      return least;
    }
    double phase = Math.abs(at - least) % (2 * range);
    return least + Math.min(phase, 2 * range - phase);
  }
}
