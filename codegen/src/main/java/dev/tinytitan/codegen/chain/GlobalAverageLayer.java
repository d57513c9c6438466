package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VPADDD;
import static dev.tinytitan.codegen.x86.Instruction.VPMOVZXBD;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;

/** The mean over all places: exact sums, then requantization. */
final class GlobalAverageLayer implements Layer {
  private static final Gpr IN = Gpr.RSI;
  private static final Gpr ROW_COUNT = Gpr.R12;
  private static final Gpr COLUMN_COUNT = Gpr.R13;
  private static final int SPARE = 8;

  private final Buffer input;
  private final Buffer output;
  private final int storedZeroPoint;
  private final float multiplier;
  private final Requantization requantization;

  /**
   * @param multiplier of the sum of all places
   */
  GlobalAverageLayer(
      Buffer input,
      Buffer output,
      int storedZeroPoint,
      float multiplier,
      Requantization requantization) {
    this.input = input;
    this.output = output;
    this.storedZeroPoint = storedZeroPoint;
    this.multiplier = multiplier;
    this.requantization = requantization;
  }

  @Override
  public String name() {
    return "globalaverage";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    return 4L * input.byteSize();
  }

  @Override
  public void emit(VectorCode code) {
    int vector = code.vectorBytes();
    int[] order = Requantization.inOrder(code);
    for (int at = 0; at < input.pixelBytes(); at += vector) {
      int offset = at;
      input.requireWithin(
          input.inside(),
          (long) input.inside()
              + (input.height() - 1L) * input.rowBytes()
              + (long) (input.width() - 1) * input.pixelBytes()
              + offset
              + vector);
      int groups = Math.min(vector, input.pixelBytes() - at) / 4;
      int registers = Math.ceilDiv(4 * groups, code.dwords());
      code.prepareStore(0, groups);
      for (int i = 0; i < 4; i++) {
        code.load(i, code.ints(-storedZeroPoint * input.height() * input.width()));
      }
      code.assembler().lea(IN, Mem.at(Layer.MEMORY, input.inside()));
      for (var _ : code.loop(ROW_COUNT, input.height())) {
        for (var _ : code.loop(COLUMN_COUNT, input.width())) {
          for (int i = 0; i < registers; i++) {
            Mem from = Mem.at(IN, offset + i * code.dwords());
            code.assembler().emit(VPMOVZXBD, code.vector(SPARE + i), from);
            code.op(VPADDD, i, i, SPARE + i);
          }
          code.advance(IN, input.pixelBytes());
        }
        code.advance(IN, input.rowBytes() - input.rowInside());
      }
      code.load(SPARE, code.floats(multiplier));
      for (int i = 0; i < 4; i++) {
        requantization.scale(code, i, SPARE, SPARE);
      }
      requantization.pack(code, 0, 1, 2, 3);
      Requantization.permute(code, 0, SPARE, order);
      Mem to = Mem.at(Layer.MEMORY, output.inside() + offset);
      code.store(to, 0, 0, groups, SPARE);
    }
  }
}
