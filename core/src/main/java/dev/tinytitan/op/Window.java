package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The window attributes that convolutions and poolings share. Defaults are kept as empty lists, so
 * that equal windows are equal values; {@link #stride}, {@link #dilation} and {@link #geometry}
 * give the numbers for each spatial axis.
 *
 * @param kernel the window's size along each spatial axis; empty where a convolution's weights say
 *     it
 * @param strides how far the window moves; empty for 1 everywhere
 * @param pads padding at the beginning of each axis, then at the end of each; empty for 0
 *     everywhere
 * @param dilations how far the window's elements lie apart; empty for 1 everywhere
 * @param ceilMode whether a last window that is only partly inside counts (poolings only)
 */
public record Window(
    List<Integer> kernel,
    List<Integer> strides,
    List<Integer> pads,
    List<Integer> dilations,
    AutoPad autoPad,
    boolean ceilMode) {

  public Window {
    requireAtLeast(1, "kernel_shape", kernel);
    requireAtLeast(1, "strides", strides);
    requireAtLeast(1, "dilations", dilations);
    requireAtLeast(0, "pads", pads);
    kernel = List.copyOf(kernel);
    strides = canonical(strides, 1);
    pads = autoPad == AutoPad.NOTSET ? canonical(pads, 0) : List.of();
    dilations = canonical(dilations, 1);
  }

  /** Requires every number of an attribute to be {@code least} or more. */
  static void requireAtLeast(int least, String name, List<Integer> values) {
    for (int value : values) {
      if (value < least) {
        throw new MalformedModelException(
            "Attribute '" + name + "' holds " + value + "; the least value is " + least + ".");
      }
    }
  }

  private static List<Integer> canonical(List<Integer> values, int absent) {
    for (int value : values) {
      if (value != absent) {
        return List.copyOf(values);
      }
    }
    return List.of();
  }

  /** A window of this size (none for a convolution), moving by 1, without padding. */
  public static Window of(int... kernel) {
    return new Window(listOf(kernel), List.of(), List.of(), List.of(), AutoPad.NOTSET, false);
  }

  /** This window with other strides. */
  public Window withStrides(int... values) {
    return new Window(kernel, listOf(values), pads, dilations, autoPad, ceilMode);
  }

  /** This window with given padding: all beginnings, then all ends. */
  public Window withPads(int... values) {
    return new Window(kernel, strides, listOf(values), dilations, AutoPad.NOTSET, ceilMode);
  }

  /** This window with other dilations. */
  public Window withDilations(int... values) {
    return new Window(kernel, strides, pads, listOf(values), autoPad, ceilMode);
  }

  /** This window with padding found from the input's size. */
  public Window withAutoPad(AutoPad value) {
    return new Window(kernel, strides, pads, dilations, value, ceilMode);
  }

  /** This window with or without partial windows at the end. */
  public Window withCeilMode(boolean value) {
    return new Window(kernel, strides, pads, dilations, autoPad, value);
  }

  /** Reads the window attributes of a node. */
  static Window decode(Attributes attributes) {
    return new Window(
        ints(attributes, "kernel_shape"),
        ints(attributes, "strides"),
        ints(attributes, "pads"),
        ints(attributes, "dilations"),
        AutoPad.decode(attributes),
        attributes.getBoolean("ceil_mode", false));
  }

  /** An attribute of integers; empty if it is left out. */
  static List<Integer> ints(Attributes attributes, String name) {
    Optional<int[]> values = attributes.getInts(name);
    return values.isPresent() ? listOf(values.get()) : List.of();
  }

  private static List<Integer> listOf(int[] values) {
    List<Integer> list = new ArrayList<>(values.length);
    for (int value : values) {
      list.add(value);
    }
    return List.copyOf(list);
  }

  /** Starts a node's attributes with those of the window, defaults left out. */
  Attributes.Builder encode() {
    Attributes.Builder attributes = Attributes.builder();
    attributes.putUnless("NOTSET", "auto_pad", autoPad.name());
    attributes.putUnless(false, "ceil_mode", ceilMode);
    put(attributes, "dilations", dilations);
    put(attributes, "kernel_shape", kernel);
    put(attributes, "pads", pads);
    put(attributes, "strides", strides);
    return attributes;
  }

  /** Adds an attribute of integers unless it is empty. */
  static void put(Attributes.Builder attributes, String name, List<Integer> values) {
    if (!values.isEmpty()) {
      attributes.put(name, values);
    }
  }

  /** How far the window moves along a spatial axis. */
  public int stride(int axis) {
    return strides.isEmpty() ? 1 : strides.get(axis);
  }

  /** How far the window's elements lie apart along a spatial axis. */
  public int dilation(int axis) {
    return dilations.isEmpty() ? 1 : dilations.get(axis);
  }

  /** Padding given at the beginning of a spatial axis; 0 where it is found from the input. */
  public int padBegin(int axis) {
    return pads.isEmpty() ? 0 : pads.get(axis);
  }

  /** Padding given at the end of a spatial axis; 0 where it is found from the input. */
  public int padEnd(int axis) {
    return pads.isEmpty() ? 0 : pads.get(pads.size() / 2 + axis);
  }

  /**
   * Everything about this window on an input of a concrete shape.
   *
   * @param input the input's shape: batch, channels, spatial axes
   * @param size the window's size along each spatial axis
   * @throws ShapeMismatchException if they do not fit each other
   */
  public WindowGeometry geometry(Shape input, List<Integer> size) {
    int rank = spatialRank(input.rank());
    requireRank(rank, size);
    List<WindowGeometry.Axis> axes = new ArrayList<>(rank);
    for (int axis = 0; axis < rank; axis++) {
      axes.add(axis(axis, input.dim(axis + 2), size.get(axis)));
    }
    return new WindowGeometry(axes);
  }

  /** {@link #geometry(Shape, List)} for a pooling, whose window has a size of its own. */
  public WindowGeometry geometry(Shape input) {
    return geometry(input, kernel);
  }

  /**
   * The output's spatial dimensions as far as they can be told.
   *
   * @param input the input's dimensions: batch, channels, spatial axes
   * @param size the window's size along each spatial axis, null where unknown
   * @throws ShapeMismatchException if they do not fit each other
   */
  List<Dim> outputDims(List<Dim> input, List<@Nullable Integer> size) {
    int rank = spatialRank(input.size());
    requireRank(rank, size);
    List<Dim> dims = new ArrayList<>(rank);
    for (int axis = 0; axis < rank; axis++) {
      dims.add(outputDim(axis, input.get(axis + 2), size.get(axis)));
    }
    return dims;
  }

  private Dim outputDim(int axis, Dim input, @Nullable Integer size) {
    if (autoPad.isSame() && stride(axis) == 1) {
      return input;
    }
    if (size == null) {
      return Dim.UNKNOWN;
    }
    if (input.isFixed()) {
      return Dim.of(axis(axis, input.size(), size).output());
    }
    boolean keepsSize =
        stride(axis) == 1 && (long) padBegin(axis) + padEnd(axis) == (size - 1L) * dilation(axis);
    return keepsSize ? input : Dim.UNKNOWN;
  }

  /** This window along one axis. */
  private WindowGeometry.Axis axis(int axis, int input, int size) {
    int stride = stride(axis);
    int dilation = dilation(axis);
    long extent = (size - 1L) * dilation + 1;
    int begin = padBegin(axis);
    int end = padEnd(axis);
    long output;
    if (autoPad.isSame()) {
      output = (input + stride - 1L) / stride;
      int total = Math.toIntExact(Math.max(0, (output - 1) * stride + extent - input));
      begin = autoPad.begin(total);
      end = total - begin;
    } else {
      long room = (long) input + begin + end - extent;
      if (room < 0) {
        throw new ShapeMismatchException(
            "A window of extent "
                + extent
                + " is larger than spatial axis "
                + axis
                + " of "
                + input
                + " elements with padding "
                + begin
                + " and "
                + end
                + ".");
      }
      output = room / stride + 1;
      if (ceilMode && autoPad == AutoPad.NOTSET) {
        output = (room + stride - 1) / stride + 1;
        // A window that would start in the padding at the end does not count.
        output -= (output - 1) * stride >= (long) input + begin ? 1 : 0;
      }
    }
    return new WindowGeometry.Axis(
        input, size, stride, dilation, begin, end, Math.toIntExact(output));
  }

  /** The number of spatial axes of an input of this many dimensions. */
  static int spatialRank(int rank) {
    if (rank < 2) {
      throw new ShapeMismatchException(
          "A window needs an input of batch, channels and spatial axes; this one has "
              + rank
              + " dimensions.");
    }
    return rank - 2;
  }

  /** Requires every list to have as many numbers as the input needs. */
  void requireRank(int rank, List<@Nullable Integer> size) {
    requireLength("kernel_shape", rank, size, false);
    requireLength("strides", rank, strides, true);
    requireLength("dilations", rank, dilations, true);
    requireLength("pads", 2 * rank, pads, true);
  }

  /** Requires an attribute to have as many numbers as the input needs. */
  static void requireLength(
      String name, int expected, List<@Nullable Integer> values, boolean mayBeEmpty) {
    if (values.size() != expected && !(mayBeEmpty && values.isEmpty())) {
      throw new ShapeMismatchException(
          "'"
              + name
              + "' has "
              + values.size()
              + " numbers where the input needs "
              + expected
              + ".");
    }
  }
}
