package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Deformable convolution (Dai et al. 2017, arXiv:1703.06211; with a mask Zhu et al. 2018,
 * arXiv:1811.11168): each element of the window looks at a place shifted by a learned offset,
 * between elements by multilinear interpolation, 0 outside. ONNX: DeformConv-22.
 *
 * <p>Inputs: x {@code [N, C, spatial…]}; weights {@code [M, C / group, kernel…]}; offsets {@code
 * [N, offsetGroup * kernel elements * spatial axes, output spatial…]}; optionally a bias {@code
 * [M]}; optionally a mask {@code [N, offsetGroup * kernel elements, output spatial…]} that scales
 * what is read. A float type.
 *
 * @param offsetGroup how many blocks of channels have offsets of their own
 */
public record DeformConv(Window window, int group, int offsetGroup) implements Operator {
  private static final int OFFSETS = 2;
  private static final int BIAS = 3;
  private static final int MASK = 4;

  /** A place has 2^axes corners. */
  private static final int MAX_RANK = 8;

  static final OpSpec SPEC =
      OpSpec.onnx("DeformConv", 22)
          .compatibleSince(19)
          .inputs(3, 5)
          .decoder(context ->
              new DeformConv(
                  Window.decode(context.attributes()),
                  context.attributes().getInt("group", 1),
                  context.attributes().getInt("offset_group", 1)))
          .build();

  public DeformConv {
    Convolution.requireGroup(group);
    if (offsetGroup < 1) {
      throw new MalformedModelException(
          "Attribute 'offset_group' is " + offsetGroup + "; the least value is 1.");
    }
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return window
        .encode()
        .putUnless(1, "group", group)
        .putUnless(1, "offset_group", offsetGroup)
        .build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType x = context.input(0);
    return List.of(Convolution.infer(x, context.input(1), x.dtype(), window, group));
  }

  @Override
  public void eval(EvalContext context) {
    Tensor x = context.input(0);
    Shape wShape = context.input(1).shape();
    Convolution.requireFit(x.shape(), wShape, group);
    WindowGeometry geometry = window.geometry(x.shape(), Convolution.kernel(window, wShape));
    int batch = x.shape().dim(0);
    int channels = x.shape().dim(1);
    int taps = geometry.kernelSize();
    Shape shape = geometry.outputShape(batch, wShape.dim(0));
    int groups = offsetGroup * taps;
    requireShape("offsets", context.input(OFFSETS), geometry, batch, groups * geometry.rank());
    if (context.hasInput(MASK)) {
      requireShape("mask", context.input(MASK), geometry, batch, groups);
    }
    if (geometry.rank() > MAX_RANK) {
      throw new ShapeMismatchException(
          "Interpolation along "
              + geometry.rank()
              + " axes is not supported; the most is "
              + MAX_RANK
              + ".");
    }
    if (channels % offsetGroup != 0) {
      throw new ShapeMismatchException(
          channels + " channels do not divide into " + offsetGroup + " offset groups.");
    }
    Sampler sampler =
        new Sampler(
            geometry,
            x.toDoubleArray(),
            context.input(OFFSETS).toDoubleArray(),
            context.hasInput(MASK) ? context.input(MASK).toDoubleArray() : null);
    double[] w = context.input(1).toDoubleArray();
    int groupChannels = channels / group;
    int groupFilters = wShape.dim(0) / group;
    int positions = geometry.outputSize();
    double[] y = new double[shape.size()];
    double[] patch = new double[groupChannels * taps];
    for (int position = 0; position < positions; position++) {
      for (int block = 0; block < batch * group; block++) {
        for (int c = 0; c < groupChannels; c++) {
          int plane = block * groupChannels + c;
          int offsetPlane = plane / (channels / offsetGroup);
          for (int tap = 0; tap < taps; tap++) {
            patch[c * taps + tap] = sampler.sample(plane, offsetPlane, tap, position);
          }
        }
        for (int m = 0; m < groupFilters; m++) {
          int filter = block % group * groupFilters + m;
          y[(block * groupFilters + m) * positions + position] =
              Convolution.dot(patch, w, filter * patch.length);
        }
      }
    }
    Convolution.Result result = new Convolution.Result(shape, y);
    if (context.hasInput(BIAS)) {
      Convolution.addBias(result, context.input(BIAS).toDoubleArray());
    }
    Elements.store(y, context.output(0, x.dtype(), shape));
  }

  private static void requireShape(
      String name, Tensor tensor, WindowGeometry geometry, int batch, int channels) {
    Shape expected = geometry.outputShape(batch, channels);
    if (!tensor.shape().equals(expected)) {
      throw new ShapeMismatchException(
          "The " + name + " are of shape " + tensor.shape() + " where " + expected + " is needed.");
    }
  }

  /** Reads the input at shifted places. */
  private static final class Sampler {
    private final List<WindowGeometry.Axis> axes;
    private final int taps;
    private final int positions;
    private final int area;
    private final double[] x;
    private final double[] offsets;
    private final double @Nullable [] mask;
    private final double[] place;

    Sampler(WindowGeometry geometry, double[] x, double[] offsets, double @Nullable [] mask) {
      this.axes = geometry.axes();
      this.taps = geometry.kernelSize();
      this.positions = geometry.outputSize();
      this.area = geometry.inputSize();
      this.x = x;
      this.offsets = offsets;
      this.mask = mask;
      this.place = new double[axes.size()];
    }

    /**
     * @param plane batch and channel
     * @param offsetPlane batch and offset group
     */
    double sample(int plane, int offsetPlane, int tap, int position) {
      int at = offsetPlane * taps + tap;
      int kernelRest = tap;
      int outputRest = position;
      for (int i = axes.size() - 1; i >= 0; i--) {
        WindowGeometry.Axis axis = axes.get(i);
        double shift = offsets[(at * axes.size() + i) * positions + position];
        place[i] =
            axis.start(outputRest % axis.output())
                + kernelRest % axis.kernel() * axis.dilation()
                + shift;
        outputRest /= axis.output();
        kernelRest /= axis.kernel();
      }
      double scale = mask == null ? 1 : mask[at * positions + position];
      return scale * interpolate(plane * area);
    }

    /** The input at {@code place}: every corner around it, weighted by how near it is. */
    private double interpolate(int base) {
      double sum = 0;
      for (int corner = 0; corner < 1 << place.length; corner++) {
        double weight = 1;
        int index = 0;
        for (int i = 0; i < place.length; i++) {
          double low = Math.floor(place[i]);
          boolean upper = (corner >> i & 1) != 0;
          double at = upper ? low + 1 : low;
          weight *= upper ? place[i] - low : low + 1 - place[i];
          boolean inside = at >= 0 && at < axes.get(i).input();
          weight = inside ? weight : 0;
          index = index * axes.get(i).input() + (inside ? (int) at : 0);
        }
        sum += weight == 0 ? 0 : weight * x[base + index];
      }
      return sum;
    }
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    return Convolution.cost(inputs, outputs, inputs.get(1));
  }
}
