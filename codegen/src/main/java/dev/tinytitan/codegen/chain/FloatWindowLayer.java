package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VADDPS;
import static dev.tinytitan.codegen.x86.Instruction.VFMADD231PS;
import static dev.tinytitan.codegen.x86.Instruction.VMAXPS;
import static dev.tinytitan.codegen.x86.Instruction.VMULPS;

import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.FloatSums;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.util.ArrayList;
import java.util.List;

/**
 * A window over each channel by itself, of floats: depthwise convolution, maximum, mean. Where
 * windows move by one place, a row of the output is one run of floats, place by place and channel
 * by channel, of which a vector takes as many as it holds; else a vector takes channels of one
 * place. A strip is what uses the same weights: those stay in registers while the strip is walked.
 */
final class FloatWindowLayer implements SplitLayer {
  private static final Gpr IN = Gpr.RSI;
  private static final Gpr OUT = Gpr.RDI;
  private static final Gpr WEIGHTS = Gpr.RBX;
  private static final Gpr ROW_COUNT = Gpr.R12;
  private static final Gpr STEP_COUNT = Gpr.R13;

  /** Vectors that are computed at once, at most: enough to keep the adders busy. */
  private static final int AT_ONCE = 8;

  /** Taps at most: the code for each is written out. */
  static final int MOST_TAPS = 256;

  private final Buffer input;
  private final Buffer output;
  private final ProductLayer.Window window;
  private final Kind kind;

  /** What is done with the values under a window. */
  sealed interface Kind {
    /** For listings. */
    String name();

    /** Their sum, weighted: {@code [channel][tap]}, with a bias. */
    record Weighted(FloatSums sums) implements Kind {
      @Override
      public String name() {
        return "depthwise";
      }
    }

    /** The greatest. */
    record Maximum() implements Kind {
      @Override
      public String name() {
        return "maxpool";
      }
    }

    /** Their sum times a constant. */
    record Mean(float factor) implements Kind {
      @Override
      public String name() {
        return "averagepool";
      }
    }
  }

  /**
   * Vectors with the same weights along a row.
   *
   * @param channel of the first element
   * @param lanes elements of the vector that are stored
   * @param inputOffset from the start of a row's first window
   * @param outputOffset from the start of a row
   * @param inputStep bytes from one vector to the next
   * @param outputStep bytes from one vector to the next
   */
  private record Strip(
      int channel,
      int lanes,
      int inputOffset,
      int outputOffset,
      int inputStep,
      int outputStep,
      int count) {}

  FloatWindowLayer(Buffer input, Buffer output, ProductLayer.Window window, Kind kind) {
    this.input = input;
    this.output = output;
    this.window = window;
    this.kind = kind;
  }

  @Override
  public String name() {
    return kind.name() + window.kernelRows() + "x" + window.kernelColumns();
  }

  @Override
  public long products() {
    return 4L * output.height() * output.width() * output.channels() * taps();
  }

  @Override
  public long bytes() {
    return (long) input.byteSize() + output.byteSize();
  }

  private int taps() {
    return window.kernelRows() * window.kernelColumns();
  }

  private int tapOffset(int tap) {
    return tap / window.kernelColumns() * window.rowDilation() * input.rowBytes()
        + tap % window.kernelColumns() * window.columnDilation() * input.pixelBytes();
  }

  private List<Strip> strips(int floats) {
    List<Strip> strips = new ArrayList<>();
    int channels = output.channels();
    if (window.columnStride() == 1 || output.width() == 1) {
      int length = output.width() * channels;
      int patterns = channels / greatestCommonDivisor(channels, floats);
      int whole = length / floats;
      int step = 4 * floats * patterns;
      for (int pattern = 0; pattern < Math.min(patterns, whole); pattern++) {
        int count = (whole - pattern + patterns - 1) / patterns;
        int offset = 4 * floats * pattern;
        int channel = floats * pattern % channels;
        strips.add(new Strip(channel, floats, offset, offset, step, step, count));
      }
      if (length % floats > 0) {
        int offset = 4 * floats * whole;
        int channel = floats * whole % channels;
        strips.add(new Strip(channel, length % floats, offset, offset, 0, 0, 1));
      }
      return strips;
    }
    for (int channel = 0; channel < channels; channel += floats) {
      int lanes = Math.min(floats, channels - channel);
      int step = window.columnStride() * input.pixelBytes();
      strips.add(
          new Strip(
              channel, lanes, 4 * channel, 4 * channel, step, output.pixelBytes(), output.width()));
    }
    return strips;
  }

  private static int greatestCommonDivisor(int a, int b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
  }

  @Override
  public int rows() {
    return output.height();
  }

  @Override
  public boolean isRowwise() {
    return false;
  }

  @Override
  public Layer rows(int from, int to) {
    return new FloatWindowLayer(
        window.inputRows(input, from, to), output.rows(from, to), window, kind);
  }

  @Override
  public void emit(VectorCode code) {
    for (Strip strip : strips(code.dwords())) {
      new StripGenerator(code, strip).emit();
    }
  }

  private final class StripGenerator {
    private final VectorCode code;
    private final X86Assembler assembler;
    private final Strip strip;
    private final boolean weightsHeld;
    private final int atOnce;

    /** Registers: sums, a spare, the bias or factor, then weights. */
    private final int spare;

    private final int constant;
    private final int weights;

    StripGenerator(VectorCode code, Strip strip) {
      this.code = code;
      this.assembler = code.assembler();
      this.strip = strip;
      int registers = code.isa().vectorRegisters() - 2;
      int most = Math.min(AT_ONCE, strip.count());
      boolean weighted = kind instanceof Kind.Weighted;
      this.weightsHeld = weighted && registers - taps() >= Math.min(most, 3);
      this.atOnce = Math.min(most, weightsHeld ? registers - taps() : most);
      this.spare = atOnce;
      this.constant = atOnce + 1;
      this.weights = atOnce + 2;
    }

    void emit() {
      requireWithin();
      code.prepareStore(0, strip.lanes());
      switch (kind) {
        case Kind.Weighted weighted -> {
          assembler.lea(WEIGHTS, Mem.at(constants(weighted.sums())));
          code.load(constant, Mem.at(WEIGHTS, taps() * code.vectorBytes()));
          for (int tap = 0; weightsHeld && tap < taps(); tap++) {
            code.load(weights + tap, weight(tap));
          }
        }
        case Kind.Mean mean -> code.load(constant, code.floats(mean.factor()));
        case Kind.Maximum _ -> {}
      }
      assembler.lea(IN, Mem.at(Layer.MEMORY, inputStart()));
      assembler.lea(OUT, Mem.at(Layer.MEMORY, output.inside() + strip.outputOffset()));
      int whole = strip.count() / atOnce;
      int rest = strip.count() % atOnce;
      for (var _ : code.loop(ROW_COUNT, output.height())) {
        for (var _ : code.loop(STEP_COUNT, whole)) {
          emitVectors(atOnce);
          code.advance(IN, atOnce * strip.inputStep());
          code.advance(OUT, atOnce * strip.outputStep());
        }
        emitVectors(rest);
        int inputDone = whole * atOnce * strip.inputStep();
        int outputDone = whole * atOnce * strip.outputStep();
        code.advance(IN, window.rowStride() * input.rowBytes() - inputDone);
        code.advance(OUT, output.rowBytes() - outputDone);
      }
    }

    private int inputStart() {
      return input.inside()
          - window.top() * input.rowBytes()
          - window.left() * input.pixelBytes()
          + strip.inputOffset();
    }

    private void requireWithin() {
      long last =
          inputStart()
              + (output.height() - 1L) * window.rowStride() * input.rowBytes()
              + (strip.count() - 1L) * strip.inputStep()
              + tapOffset(taps() - 1);
      input.requireWithin(inputStart(), last + code.vectorBytes());
      long start = (long) output.inside() + strip.outputOffset();
      output.requireWithin(
          start,
          start
              + (output.height() - 1L) * output.rowBytes()
              + (strip.count() - 1L) * strip.outputStep()
              + 4L * strip.lanes());
    }

    private Mem weight(int tap) {
      return Mem.at(WEIGHTS, tap * code.vectorBytes());
    }

    /** The weights of each tap, then the biases, for the strip's elements. */
    private Label constants(FloatSums sums) {
      float[] values = new float[(taps() + 1) * code.dwords()];
      for (int element = 0; element < code.dwords(); element++) {
        int channel = (strip.channel() + element) % output.channels();
        for (int tap = 0; tap < taps(); tap++) {
          values[tap * code.dwords() + element] = sums.weights()[channel * taps() + tap];
        }
        values[taps() * code.dwords() + element] = sums.biases()[channel];
      }
      return assembler.constants().floats(values);
    }

    private void emitVectors(int count) {
      int[] sums = new int[count];
      for (int i = 0; i < count; i++) {
        sums[i] = i;
        if (kind instanceof Kind.Weighted) {
          code.copy(i, constant);
        } else {
          code.load(i, from(i, 0));
        }
      }
      for (int tap = kind instanceof Kind.Weighted ? 0 : 1; tap < taps(); tap++) {
        for (int i = 0; i < count; i++) {
          switch (kind) {
            case Kind.Weighted _ when weightsHeld ->
                code.op(VFMADD231PS, i, weights + tap, from(i, tap));
            case Kind.Weighted _ -> {
              code.load(spare, from(i, tap));
              code.op(VFMADD231PS, i, spare, weight(tap));
            }
            case Kind.Maximum _ -> code.op(VMAXPS, i, i, from(i, tap));
            case Kind.Mean _ -> code.op(VADDPS, i, i, from(i, tap));
          }
        }
      }
      switch (kind) {
        case Kind.Weighted weighted -> weighted.sums().clipping().emit(code, spare, sums);
        case Kind.Mean _ -> {
          for (int i = 0; i < count; i++) {
            code.op(VMULPS, i, i, constant);
          }
        }
        case Kind.Maximum _ -> {}
      }
      for (int i = 0; i < count; i++) {
        code.store(Mem.at(OUT, i * strip.outputStep()), i, 0, strip.lanes(), spare);
      }
    }

    private Mem from(int vector, int tap) {
      return Mem.at(IN, vector * strip.inputStep() + tapOffset(tap));
    }
  }
}
