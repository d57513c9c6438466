package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.emit.ProductArithmetic;
import dev.tinytitan.codegen.emit.VectorCode;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution or matrix product: for each place of the output, what lies under the window is
 * multiplied with the weights of all filters. Nothing is rearranged at run time: with channels
 * contiguous and a border around the input, a window's row is one run of bytes, and the whole is a
 * matrix product whose rows start where the windows do.
 *
 * <p>Four bytes at a time are read (four 8-bit integers or one float), broadcast, and multiplied
 * with the weights of a vector's filters. Where a run is no multiple of four bytes, what follows it
 * is read, too, with weights 0. Eight bytes at a time are read where sums are added up in two parts
 * ({@link ProductTiling}).
 */
abstract class ProductLayer implements SplitLayer {
  private final String name;
  private final Buffer input;
  private final Buffer output;
  private final Window window;
  private final int filters;
  private final int groups;

  /** How the window moves: rows, then columns. */
  record Window(
      int kernelRows,
      int kernelColumns,
      int rowStride,
      int columnStride,
      int rowDilation,
      int columnDilation,
      int top,
      int left) {
    /** One place, moved by one: a matrix product. */
    static final Window POINT = new Window(1, 1, 1, 1, 1, 1, 0, 0);

    /** Widens the border of an input to what the window reads for an output of this size. */
    void widenBorder(Buffer input, Buffer output, int storedFill) {
      input.widen(top, left, bottom(input, output), right(input, output), storedFill);
    }

    /** Whether the window reads beyond the input for an output of this size. */
    boolean pads(Buffer input, Buffer output) {
      return top > 0 || left > 0 || bottom(input, output) > 0 || right(input, output) > 0;
    }

    /** The input as rows {@code from} to {@code to - 1} of the output see it. */
    Buffer inputRows(Buffer input, int from, int to) {
      return input.rows(from * rowStride, from * rowStride + to - from);
    }

    private int bottom(Buffer input, Buffer output) {
      int reach = (output.height() - 1) * rowStride + (kernelRows - 1) * rowDilation + 1;
      return reach - top - input.height();
    }

    private int right(Buffer input, Buffer output) {
      int reach = (output.width() - 1) * columnStride + (kernelColumns - 1) * columnDilation + 1;
      return reach - left - input.width();
    }
  }

  /** Four bytes of each window: where they lie from the window's start, and whose weights. */
  record Step(int offset, int kernelIndex, int channelByte) {}

  /** A run of steps that follow each other without gaps, from the window's start. */
  record Run(int offset, int steps) {}

  /**
   * @param groups into how many groups channels and filters are divided
   */
  ProductLayer(String name, Buffer input, Buffer output, Window window, int filters, int groups) {
    this.name = name;
    this.input = input;
    this.output = output;
    this.window = window;
    this.filters = filters;
    this.groups = groups;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final long products() {
    return (long) output.height() * output.width() * weights();
  }

  @Override
  public final long bytes() {
    return weights() * input.dtype().bits() / 8 + (long) input.byteSize() + output.byteSize();
  }

  /** How many filters there are. */
  final int filters() {
    return filters;
  }

  private long weights() {
    return (long) filters
        * (input.channels() / groups)
        * window.kernelRows()
        * window.kernelColumns();
  }

  @Override
  public final int rows() {
    return output.height();
  }

  @Override
  public final int leastRows() {
    return Math.ceilDiv(ProductGenerator.ENOUGH_PLACES, output.width());
  }

  @Override
  public final boolean isRowwise() {
    return false;
  }

  @Override
  public final Layer rows(int from, int to) {
    return with(window.inputRows(input, from, to), output.rows(from, to));
  }

  /** The same layer for other buffers. */
  abstract Layer with(Buffer newInput, Buffer newOutput);

  final Window window() {
    return window;
  }

  final int groups() {
    return groups;
  }

  /** What is added up. */
  abstract ProductArithmetic arithmetic(VectorCode code);

  /**
   * How sums are stored.
   *
   * @param layout of a block
   * @param filters how many of the block's filters there are
   */
  abstract ProductOutput output(VectorCode code, FilterLayout layout, int filters);

  /** Where the filters of a block of so many vectors lie. */
  abstract FilterLayout layout(Isa isa, int vectors, int parts);

  /** Whether sums can be added up in two parts. */
  abstract boolean takesParts();

  /**
   * How many more constants each filter has; the first is what its sum starts with, the others are
   * the {@link ProductOutput}'s.
   */
  abstract int constants();

  /** The bits of one of these constants. */
  abstract int constant(int index, int filter);

  /** How results are stored that lie in planes. */
  abstract PlaneOutput planeOutput(VectorCode code);

  /** Filters whose results make up four bytes of a place. */
  final int filtersInPlane() {
    return Integer.BYTES * Byte.SIZE / output.dtype().bits();
  }

  final Buffer input() {
    return input;
  }

  final Buffer output() {
    return output;
  }

  /** The walk over the output's places. */
  final Places places() {
    return Places.of(input, output, window);
  }

  /**
   * Holds the code to the buffers.
   *
   * @param parts in which sums are added up
   */
  final void requireWithin(int parts) {
    Places places = places();
    long last =
        places.inputStart()
            + (places.rows() - 1L) * places.inputRow()
            + (places.columns() - 1L) * places.inputColumn();
    for (Run run : runs(parts)) {
      input.requireWithin(
          (long) places.inputStart() + run.offset(),
          last + run.offset() + 4L * parts * run.steps());
    }
    output.requireWithin(
        places.outputStart(),
        places.outputStart()
            + (places.rows() - 1L) * places.outputRow()
            + places.columns() * (long) places.outputColumn());
  }

  /**
   * The runs of bytes under one window, in order.
   *
   * @param parts of four bytes that are read in one step
   */
  final List<Run> runs(int parts) {
    List<Run> runs = runs();
    if (parts == 1) {
      return runs;
    }
    List<Run> wide = new ArrayList<>();
    for (Run run : runs) {
      wide.add(new Run(run.offset(), Math.ceilDiv(run.steps(), parts)));
    }
    return wide;
  }

  private List<Run> runs() {
    List<Run> runs = new ArrayList<>();
    int next = -1;
    for (Step step : steps()) {
      if (step.offset() == next) {
        Run last = runs.remove(runs.size() - 1);
        runs.add(new Run(last.offset(), last.steps() + 1));
      } else {
        runs.add(new Run(step.offset(), 1));
      }
      next = step.offset() + 4;
    }
    return runs;
  }

  /** The bytes under one window, four by four; positions are in order of memory. */
  final List<Step> steps() {
    List<Step> steps = new ArrayList<>();
    int pixel = input.pixelBytes();
    for (int row = 0; row < window.kernelRows(); row++) {
      int rowOffset = row * window.rowDilation() * input.rowBytes();
      boolean gaps = window.columnDilation() > 1;
      int runs = gaps ? window.kernelColumns() : 1;
      int length = gaps ? pixel : window.kernelColumns() * pixel;
      for (int run = 0; run < runs; run++) {
        int kernelIndex = row * window.kernelColumns() + run;
        int offset = rowOffset + run * window.columnDilation() * pixel;
        for (int at = 0; at < length; at += 4) {
          steps.add(new Step(offset + at, kernelIndex, at));
        }
      }
    }
    return steps;
  }

  /**
   * The same, part by part of {@link #runs(int)}: behind the end of a run comes what has no
   * weights.
   */
  final List<Step> steps(int parts) {
    List<Step> steps = steps();
    if (parts == 1) {
      return steps;
    }
    List<Step> padded = new ArrayList<>();
    int next = 0;
    for (Run run : runs()) {
      padded.addAll(steps.subList(next, next + run.steps()));
      next += run.steps();
      while (padded.size() % parts > 0) {
        Step last = padded.get(padded.size() - 1);
        padded.add(new Step(last.offset() + 4, last.kernelIndex(), last.channelByte() + 4));
      }
    }
    return padded;
  }

  /**
   * Packs the weights of a block of filters: step by step, vector by vector, as the arithmetic has
   * them.
   *
   * @param first the block's first filter
   */
  abstract byte[] pack(FilterLayout layout, int first);

  /**
   * Where a weight stands in {@code [filter][channel of the group][kernel row][kernel column]}.
   *
   * @param position of the element in the step
   * @return -1 where there is none: between groups, and behind the ends of runs
   */
  final int weightIndex(int filter, Step step, int position) {
    int elementBytes = input.dtype().bits() / 8;
    int pixel = input.pixelBytes() / elementBytes;
    int element = step.channelByte() / elementBytes + position;
    int column = element / pixel;
    int channel = element % pixel;
    int columnsInRun = window.columnDilation() > 1 ? 1 : window.kernelColumns();
    int groupChannels = input.channels() / groups;
    int group = filter / (filters / groups);
    int inGroup = channel - group * groupChannels;
    if (column >= columnsInRun
        || channel >= input.channels()
        || inGroup < 0
        || inGroup >= groupChannels) {
      return -1;
    }
    int kernelSize = window.kernelRows() * window.kernelColumns();
    return (filter * groupChannels + inGroup) * kernelSize + step.kernelIndex() + column;
  }

  /** The 32 bits of weights that a filter has for a step: four 8-bit integers, or a float. */
  abstract int stepWeights(int filter, Step step);

  /** Of all steps of all filters, the part that has no weights but zeros: from 0 to 1. */
  final double zeroSteps() {
    List<Step> steps = steps();
    long zeros = 0;
    for (int filter = 0; filter < filters; filter++) {
      for (Step step : steps) {
        zeros += stepWeights(filter, step) == 0 ? 1 : 0;
      }
    }
    return (double) zeros / ((long) filters * steps.size());
  }

  /**
   * Where a step stands in the window.
   *
   * @param group of four bytes in a place
   */
  record Tap(int row, int column, int group) {}

  /** The place of a step whose four bytes belong to one place of the input. */
  final Tap tap(Step step) {
    int pixel = input.pixelBytes();
    int row = step.kernelIndex() / window.kernelColumns();
    int column = step.kernelIndex() % window.kernelColumns() + step.channelByte() / pixel;
    return new Tap(row, column, step.channelByte() % pixel / 4);
  }

  @Override
  public final void emit(VectorCode code) {
    new ProductGenerator(code, this).emit();
  }
}
