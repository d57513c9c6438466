package dev.tinytitan.codegen;

import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.memory.ExecutableMemory;
import dev.tinytitan.codegen.memory.NativeArena;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;

/**
 * Asks the processor for its extensions with generated code: CPUID (Intel SDM Vol. 2, table 3-8),
 * and XGETBV (Vol. 1, 13.3) for the registers that the operating system keeps.
 */
final class Cpuid {
  private static final int LEAF_FEATURES = 1;
  private static final int LEAF_EXTENDED = 7;
  private static final int BIT_OSXSAVE = 27;

  /** SSE and AVX state in XCR0. */
  private static final int STATE_AVX = 0x06;

  /** SSE, AVX, opmask and both parts of the ZMM state in XCR0. */
  private static final int STATE_AVX512 = 0xE6;

  private Cpuid() {}

  /**
   * The extensions that the processor has and the operating system supports.
   *
   * @throws dev.tinytitan.codegen.memory.CodeMemoryException if there is no executable memory
   */
  static Set<Feature> read() {
    try (ExecutableMemory memory = ExecutableMemory.of(code());
        NativeArena arena = new NativeArena()) {
      MemorySegment block = arena.allocate(16);
      int[] leaf0 = query(memory, block, 0, 0);
      int[] leaf1 = query(memory, block, LEAF_FEATURES, 0);
      boolean extended = leaf0[0] >= LEAF_EXTENDED;
      int[] leaf7 = extended ? query(memory, block, LEAF_EXTENDED, 0) : new int[4];
      int[] leaf7sub1 =
          extended && leaf7[0] >= 1 ? query(memory, block, LEAF_EXTENDED, 1) : new int[4];
      int state = 0;
      if (bit(leaf1[2], BIT_OSXSAVE)) {
        memory.function("xgetbv").callCritical(block.address());
        state = block.get(ValueLayout.JAVA_INT, 0);
      }
      return features(leaf1, leaf7, leaf7sub1, state);
    }
  }

  /** The bits of the answers (SDM Vol. 2, tables 3-10, 3-11 and CPUID leaf 07H). */
  private static Set<Feature> features(int[] leaf1, int[] leaf7, int[] leaf7sub1, int state) {
    Set<Feature> features = EnumSet.noneOf(Feature.class);
    if ((state & STATE_AVX) != STATE_AVX) {
      return features;
    }
    add(features, Feature.AVX, bit(leaf1[2], 28));
    add(features, Feature.FMA, bit(leaf1[2], 12));
    add(features, Feature.F16C, bit(leaf1[2], 29));
    add(features, Feature.AVX2, bit(leaf7[1], 5));
    add(features, Feature.AVX_VNNI, bit(leaf7sub1[0], 4));
    if ((state & STATE_AVX512) == STATE_AVX512) {
      add(features, Feature.AVX512F, bit(leaf7[1], 16));
      add(features, Feature.AVX512DQ, bit(leaf7[1], 17));
      add(features, Feature.AVX512BW, bit(leaf7[1], 30));
      add(features, Feature.AVX512VL, bit(leaf7[1], 31));
      add(features, Feature.AVX512_VBMI, bit(leaf7[2], 1));
      add(features, Feature.AVX512_VNNI, bit(leaf7[2], 11));
    }
    return features;
  }

  private static void add(Set<Feature> features, Feature feature, boolean there) {
    if (there) {
      features.add(feature);
    }
  }

  private static boolean bit(int word, int number) {
    return (word >> number & 1) != 0;
  }

  /** EAX, EBX, ECX and EDX for a leaf. */
  private static int[] query(ExecutableMemory memory, MemorySegment block, int leaf, int subleaf) {
    memory.function("cpuid").callCritical(block.address(), leaf, subleaf, 0);
    return block.toArray(ValueLayout.JAVA_INT);
  }

  private static Code code() {
    X86Assembler x = new X86Assembler(Target.of(Isa.AVX2));
    x.symbol("cpuid"); // RDI = result, RSI = leaf, RDX = subleaf
    x.push(Gpr.RBX);
    x.mov(Gpr.RAX, Gpr.RSI);
    x.mov(Gpr.RCX, Gpr.RDX);
    x.cpuid();
    x.mov32(Mem.at(Gpr.RDI), Gpr.RAX);
    x.mov32(Mem.at(Gpr.RDI, 4), Gpr.RBX);
    x.mov32(Mem.at(Gpr.RDI, 8), Gpr.RCX);
    x.mov32(Mem.at(Gpr.RDI, 12), Gpr.RDX);
    x.pop(Gpr.RBX);
    x.ret();
    x.symbol("xgetbv"); // RDI = result
    x.clear(Gpr.RCX);
    x.xgetbv();
    x.mov32(Mem.at(Gpr.RDI), Gpr.RAX);
    x.ret();
    return x.finish();
  }
}
