package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Isa;
import java.util.ArrayList;
import java.util.List;

/**
 * A convolution or matrix product of bytes: for each place of the output, the bytes under the
 * window are multiplied with the weights of all filters. Nothing is rearranged at run time: with
 * channels contiguous and a border around the input, a window's row is one run of bytes, and the
 * whole is a matrix product whose rows start where the windows do.
 *
 * <p>Four bytes at a time are read, broadcast, and multiplied with the weights of a vector's
 * filters. Where a run is no multiple of four bytes, what follows it is read, too, with weights 0.
 */
final class ProductLayer implements Layer {
  private final String name;
  private final Buffer input;
  private final Buffer output;
  private final Window window;
  private final IntegerSums sums;
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
    void widenBorder(Buffer input, Buffer output, int storedZeroPoint) {
      input.widen(
          top,
          left,
          (output.height() - 1) * rowStride + (kernelRows - 1) * rowDilation + 1
              - top
              - input.height(),
          (output.width() - 1) * columnStride + (kernelColumns - 1) * columnDilation + 1
              - left
              - input.width(),
          storedZeroPoint);
    }
  }

  /** Four bytes of each window: where they lie from the window's start, and whose weights. */
  private record Step(int offset, int kernelIndex, int channel) {}

  /** A run of steps that follow each other without gaps. */
  record Run(int offset, int steps) {}

  /**
   * @param sums weights as {@code [filter][channel of the group][kernel row][kernel column]}
   * @param groups into how many groups channels and filters are divided
   */
  ProductLayer(
      String name, Buffer input, Buffer output, Window window, IntegerSums sums, int groups) {
    this.name = name;
    this.input = input;
    this.output = output;
    this.window = window;
    this.sums = sums;
    this.groups = groups;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public long products() {
    return (long) output.height() * output.width() * sums.weights().length;
  }

  @Override
  public long bytes() {
    return sums.weights().length + (long) input.byteSize() + output.byteSize();
  }

  IntegerSums sums() {
    return sums;
  }

  Buffer output() {
    return output;
  }

  /** The walk over the output's places. */
  Places places() {
    return Places.of(input, output, window);
  }

  /** Holds the code to the buffers. */
  void requireWithin() {
    Places places = places();
    long last =
        places.inputStart()
            + (places.rows() - 1L) * places.inputRow()
            + (places.columns() - 1L) * places.inputColumn();
    for (Run run : runs()) {
      input.requireWithin(
          (long) places.inputStart() + run.offset(), last + run.offset() + 4L * run.steps());
    }
    output.requireWithin(
        places.outputStart(),
        places.outputStart()
            + (places.rows() - 1L) * places.outputRow()
            + places.columns() * (long) places.outputColumn());
  }

  /** The runs of bytes under one window, in order. */
  List<Run> runs() {
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
  private List<Step> steps() {
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
   * Packs the weights of a block of filters: step by step, vector by vector, as {@link DotProduct}
   * has them; filters in the order in which {@link OutputTile} puts them together again.
   *
   * @param first the block's first filter
   * @param vectors in the block
   */
  byte[] pack(Isa isa, int first, int vectors) {
    List<Step> steps = steps();
    int weightBytes = DotProduct.weightBytes(isa);
    byte[] packed = new byte[steps.size() * vectors * weightBytes];
    for (int vector = 0; vector < vectors; vector++) {
      for (int element = 0; element < isa.vectorBits() / 32; element++) {
        int filter = first + OutputTile.filterOf(isa, vectors, vector, element);
        if (filter >= sums.filters()) {
          continue;
        }
        for (int step = 0; step < steps.size(); step++) {
          int at = (step * vectors + vector) * weightBytes;
          for (int position = 0; position < 4; position++) {
            int weight = weight(filter, steps.get(step), position);
            DotProduct.put(isa, packed, at, element, position, weight);
          }
        }
      }
    }
    return packed;
  }

  private int weight(int filter, Step step, int position) {
    int pixel = input.pixelBytes();
    int column = (step.channel() + position) / pixel;
    int channel = (step.channel() + position) % pixel;
    int columnsInRun = window.columnDilation() > 1 ? 1 : window.kernelColumns();
    int groupChannels = input.channels() / groups;
    int group = filter / (sums.filters() / groups);
    int inGroup = channel - group * groupChannels;
    if (column >= columnsInRun
        || channel >= input.channels()
        || inGroup < 0
        || inGroup >= groupChannels) {
      return 0;
    }
    int kernelSize = window.kernelRows() * window.kernelColumns();
    int kernelIndex = step.kernelIndex() + column;
    return sums.weights()[(filter * groupChannels + inGroup) * kernelSize + kernelIndex];
  }

  @Override
  public void emit(ChainCode code) {
    new ProductGenerator(code, this).emit();
  }
}
