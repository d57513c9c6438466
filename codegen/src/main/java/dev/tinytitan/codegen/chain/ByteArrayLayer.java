package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VEXTRACTI32X4;
import static dev.tinytitan.codegen.x86.Instruction.VMOVDQU8;
import static dev.tinytitan.codegen.x86.Instruction.VPERMD;
import static dev.tinytitan.codegen.x86.Instruction.VPMOVZXBD;
import static dev.tinytitan.codegen.x86.Instruction.VPSHUFB;
import static dev.tinytitan.codegen.x86.Instruction.VPSLLD;
import static dev.tinytitan.codegen.x86.Instruction.VPXORD;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.Vec;
import dev.tinytitan.tensor.DType;

/**
 * Brings a Java array of 8-bit integers, channel by channel as ONNX has it, into a buffer whose
 * channels are contiguous, or back: 16 places by 16 channels at a time. Needs AVX-512, whose masks
 * keep reads and writes within the array; elsewhere {@link Transfers} does the same.
 */
final class ByteArrayLayer implements Layer {
  private static final Gpr ARRAY = Gpr.RSI;
  private static final Gpr PLACES = Gpr.RDI;
  private static final Gpr CHUNK_COUNT = Gpr.R11;
  private static final Gpr ROW_COUNT = Gpr.R12;
  private static final Gpr COUNT = Gpr.R13;

  /** Channels that are moved together. */
  private static final int CHANNELS = 4 * PlaceBlocks.GROUPS;

  private static final int X = 13;
  private static final int FLIP = 14;
  private static final int BYTES = 15;
  private static final int ORDER = 16;

  private final Buffer buffer;
  private final boolean reads;

  /**
   * @param buffer that {@link #takes} takes
   * @param reads whether the array is read, and not written
   */
  ByteArrayLayer(Buffer buffer, boolean reads) {
    this.buffer = buffer;
    this.reads = reads;
  }

  /** Whether there is code for a buffer: it holds a feature map of rows and columns. */
  static boolean takes(Buffer buffer, Isa isa) {
    return isa.vectorBits() == 512
        && buffer.dtype() != DType.FLOAT32
        && buffer.width() > 1
        && buffer.pixelBytes() % 4 == 0;
  }

  @Override
  public String name() {
    return reads ? "input" : "output";
  }

  @Override
  public long products() {
    return 0;
  }

  @Override
  public long bytes() {
    return 2L * buffer.height() * buffer.rowInside();
  }

  @Override
  public void emit(VectorCode code) {
    buffer.requireWithin(
        buffer.inside(),
        buffer.inside() + (buffer.height() - 1L) * buffer.rowBytes() + buffer.rowInside());
    PlaceBlocks blocks = new PlaceBlocks(code);
    blocks.prepareStore(buffer.pixelBytes() / 4 % PlaceBlocks.GROUPS);
    code.prepareStore(0, buffer.width() % code.dwords());
    if (buffer.storedOffset() != 0) {
      code.load(FLIP, code.bytes(buffer.storedOffset()));
    }
    if (!reads) {
      code.load(BYTES, code.ints(bytesOfChannels(code)));
      code.load(ORDER, code.ints(Requantization.inOrder(code)));
    }
    code.assembler().mov(ARRAY, Layer.OUTSIDE);
    code.assembler().lea(PLACES, Mem.at(Layer.MEMORY, buffer.inside()));
    int perVector = code.dwords();
    int whole = buffer.width() / perVector;
    int rest = buffer.width() % perVector;
    for (var _ : code.loop(ROW_COUNT, buffer.height())) {
      for (var _ : code.loop(COUNT, whole)) {
        emitChannels(code, blocks, perVector);
        code.advance(ARRAY, perVector);
        code.advance(PLACES, perVector * buffer.pixelBytes());
      }
      if (rest > 0) {
        emitChannels(code, blocks, rest);
      }
      code.advance(ARRAY, rest);
      code.advance(PLACES, buffer.rowBytes() - whole * perVector * buffer.pixelBytes());
    }
  }

  /** Bytes of one channel in the array. */
  private int plane() {
    return buffer.height() * buffer.width();
  }

  private void emitChannels(VectorCode code, PlaceBlocks blocks, int places) {
    int whole = buffer.channels() / CHANNELS;
    int rest = buffer.channels() % CHANNELS;
    for (var _ : code.loop(CHUNK_COUNT, whole)) {
      emitBlock(code, blocks, places, CHANNELS);
      code.advance(ARRAY, CHANNELS * plane());
      code.advance(PLACES, CHANNELS);
    }
    if (rest > 0) {
      emitBlock(code, blocks, places, rest);
    }
    code.advance(ARRAY, -whole * CHANNELS * plane());
    code.advance(PLACES, -whole * CHANNELS);
  }

  private void emitBlock(VectorCode code, PlaceBlocks blocks, int places, int channels) {
    if (reads) {
      emitFromArray(code, blocks, places, channels);
    } else {
      emitToArray(code, blocks, places, channels);
    }
  }

  private void flip(VectorCode code, int register) {
    if (buffer.storedOffset() != 0) {
      code.op(VPXORD, register, register, FLIP);
    }
  }

  private void emitFromArray(VectorCode code, PlaceBlocks blocks, int places, int channels) {
    for (int channel = 0; channel < channels; channel++) {
      int plane = PlaceBlocks.before(channel / 4);
      int to = channel % 4 == 0 ? plane : X;
      Vec bytes = code.vector(to);
      Vec masked = places == code.dwords() ? bytes : bytes.zeroing(code.mask(0, places));
      code.assembler().emit(VPMOVZXBD, masked, Mem.at(ARRAY, channel * plane()));
      if (to == X) {
        code.assembler().emit(VPSLLD, bytes, bytes, 8 * (channel % 4));
        code.or(plane, plane, X);
      }
      if (channel % 4 == 3 || channel == channels - 1) {
        flip(code, plane);
      }
    }
    if (buffer.pixelBytes() == 4) {
      code.store(Mem.at(PLACES), PlaceBlocks.before(0), 0, places, PlaceBlocks.SPARE);
      return;
    }
    blocks.transpose();
    blocks.storePlaces(Mem.at(PLACES), buffer.pixelBytes(), places, Math.ceilDiv(channels, 4));
  }

  private void emitToArray(VectorCode code, PlaceBlocks blocks, int places, int channels) {
    blocks.loadPlaces(Mem.at(PLACES), buffer.pixelBytes(), places);
    blocks.transpose();
    for (int group = 0; 4 * group < channels; group++) {
      int plane = PlaceBlocks.after(group);
      flip(code, plane);
      code.op(VPSHUFB, plane, plane, BYTES);
      code.op(VPERMD, plane, ORDER, plane);
      for (int i = 0; i < 4 && 4 * group + i < channels; i++) {
        Mem to = Mem.at(ARRAY, (4 * group + i) * plane());
        if (places == code.dwords()) {
          code.assembler().emit(VEXTRACTI32X4, to, code.vector(plane), i);
        } else {
          code.assembler().emit(VEXTRACTI32X4, Vec.xmm(X), code.vector(plane), i);
          code.assembler().emit(VMOVDQU8, to.masked(code.mask(0, places)), Vec.xmm(X));
        }
      }
    }
  }

  /** For each byte of a lane where it comes from: the four channels of four places, apart. */
  private static int[] bytesOfChannels(VectorCode code) {
    int[] bytes = new int[code.dwords()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = 0x0C080400 + 0x01010101 * (i % 4);
    }
    return bytes;
  }
}
