package dev.tinytitan.codegen.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Instruction;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.Vec;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutableMemoryTest {

  /** {@code sum}: eight floats at RDI plus eight at RSI go to RDX; {@code store}: RSI to RDI. */
  private static Code code() {
    X86Assembler x = new X86Assembler(Target.of(Isa.AVX2), true);
    x.symbol("sum");
    x.emit(Instruction.VMOVUPS, Vec.ymm(0), Mem.at(Gpr.RDI));
    x.emit(Instruction.VADDPS, Vec.ymm(0), Vec.ymm(0), Mem.at(Gpr.RSI));
    x.emit(
        Instruction.VMULPS,
        Vec.ymm(0),
        Vec.ymm(0),
        Mem.at(x.constants().floats(2, 2, 2, 2, 2, 2, 2, 2)));
    x.emit(Instruction.VMOVUPS, Mem.at(Gpr.RDX), Vec.ymm(0));
    x.vzeroupper();
    x.ret();
    x.align(16);
    x.symbol("store");
    x.mov(Mem.at(Gpr.RDI), Gpr.RSI);
    x.ret();
    return x.finish();
  }

  @Test
  void functionsComputeOnNativeMemory() {
    try (ExecutableMemory memory = ExecutableMemory.of(code());
        NativeArena arena = new NativeArena()) {
      MemorySegment a = arena.copyOf(new float[] {1, 2, 3, 4, 5, 6, 7, 8});
      MemorySegment b = arena.copyOf(new float[] {8, 7, 6, 5, 4, 3, 2, 1});
      MemorySegment plain = arena.allocate(32);
      MemorySegment critical = arena.allocate(32);
      NativeFunction sum = memory.function("sum");
      sum.call(a.address(), b.address(), plain.address(), 0);
      sum.callCritical(a.address(), b.address(), critical.address(), 0);
      assertThat(plain.toArray(ValueLayout.JAVA_FLOAT)).containsOnly(18f).hasSize(8);
      assertThat(critical.toArray(ValueLayout.JAVA_FLOAT)).containsOnly(18f).hasSize(8);
      assertThat(a.address() % NativeArena.ALIGNMENT).isZero();

      memory.function("store").call(plain.address(), 42, 0, 0);
      assertThat(plain.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(42);
    }
  }

  @Test
  void criticalCallsTakeJavaArrays() {
    try (ExecutableMemory memory = ExecutableMemory.of(code())) {
      float[] result = new float[8];
      memory
          .function("sum")
          .callCritical(
              MemorySegment.ofArray(new float[] {1, 2, 3, 4, 5, 6, 7, 8}),
              MemorySegment.ofArray(new float[8]),
              MemorySegment.ofArray(result),
              MemorySegment.NULL);
      assertThat(result).containsExactly(2, 4, 6, 8, 10, 12, 14, 16);
    }
  }

  @Test
  void memoryIsNeverWritableAndExecutable() throws IOException {
    try (ExecutableMemory memory = ExecutableMemory.of(code())) {
      assertThat(permissions(memory.function("sum").address())).isEqualTo("r-xp");
    }
  }

  @Test
  void closingGivesTheMemoryBack() throws IOException {
    ExecutableMemory memory = ExecutableMemory.of(code());
    long address = memory.function("sum").address();
    memory.close();
    memory.close();
    assertThat(permissions(address)).doesNotContain("x");
  }

  @Test
  void opensAndClosesManyTimes() throws IOException {
    ExecutableMemory.of(code()).close();
    int before = Files.readAllLines(Path.of("/proc/self/maps")).size();
    for (int i = 0; i < 2000; i++) {
      ExecutableMemory.of(code()).close();
    }
    int after = Files.readAllLines(Path.of("/proc/self/maps")).size();
    assertThat(after - before).isLessThan(200);
  }

  @Test
  void anUnknownFunctionIsAnError() {
    try (ExecutableMemory memory = ExecutableMemory.of(code())) {
      assertThatThrownBy(() -> memory.function("difference"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("difference");
    }
  }

  @Test
  void perfFindsTheFunctions(@TempDir Path folder) throws IOException {
    Path map = folder.resolve("perf.map");
    System.setProperty(PerfMap.PROPERTY, map.toString());
    try (ExecutableMemory memory = ExecutableMemory.of(code())) {
      List<String> lines = Files.readAllLines(map);
      assertThat(lines).hasSize(2);
      assertThat(lines.get(0))
          .isEqualTo(
              Long.toHexString(memory.function("sum").address())
                  + " "
                  + Integer.toHexString(memory.code().offsetOf("store"))
                  + " tinytitan:sum");
      assertThat(lines.get(1)).endsWith(" 4 tinytitan:store");
    } finally {
      System.clearProperty(PerfMap.PROPERTY);
    }
  }

  @Test
  void theDumpShowsBytesAndText() {
    assertThat(code().dump())
        .contains("sum:", "     0  c5fc1007                vmovups ymm0,YMMWORD PTR [rdi]");
  }

  /** The permissions of the mapping that holds an address; empty if none does. */
  private static String permissions(long address) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/maps"))) {
      String[] fields = line.split("[- ]", 4);
      if (Long.parseUnsignedLong(fields[0], 16) <= address
          && address < Long.parseUnsignedLong(fields[1], 16)) {
        return line.split(" ", 3)[1];
      }
    }
    return "";
  }
}
