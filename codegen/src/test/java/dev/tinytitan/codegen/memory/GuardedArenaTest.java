package dev.tinytitan.codegen.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuardedArenaTest {
  private static final int BYTES = 100;

  /** Loads the byte at RDI. */
  private static Code load() {
    X86Assembler x = new X86Assembler(Target.of(Isa.AVX2));
    x.symbol("load");
    x.movzx8(Gpr.RAX, Mem.at(Gpr.RDI));
    x.ret();
    return x.finish();
  }

  /** For another JVM: loads the byte at an offset of a guarded piece. */
  static final class Touch {
    private Touch() {}

    public static void main(String[] arguments) {
      try (ExecutableMemory memory = ExecutableMemory.of(load());
          NativeArena arena =
              new NativeArena(new GuardedArena(GuardedArena.Side.valueOf(arguments[0]), 1))) {
        long address = arena.allocate(BYTES).address();
        memory.function("load").call(address + Integer.parseInt(arguments[1]));
      }
      System.out.println("survived");
    }
  }

  @ParameterizedTest
  @CsvSource({"START, 0, true", "START, -1, false", "END, 99, true", "END, 100, false"})
  void touchingAGuardEndsTheProcess(
      GuardedArena.Side side, int offset, boolean survives, @TempDir Path folder)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:ErrorFile=" + folder.resolve("error.log"), "-XX:-CreateCoredumpOnCrash"));
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Touch.class.getName(), side.name(), Integer.toString(offset)));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue() == 0).as(output).isEqualTo(survives);
    assertThat(output).contains(survives ? "survived" : "SIGSEGV");
  }

  @Test
  @SuppressWarnings("restricted") // Reaching beyond the piece is the test.
  void writesIntoTheGapAreFoundAtTheEnd() {
    GuardedArena arena = new GuardedArena(GuardedArena.Side.END, 64);
    MemorySegment piece = arena.allocate(BYTES, 64);
    assertThat(piece.address() % 64).isZero();
    MemorySegment.ofAddress(piece.address())
        .reinterpret(BYTES + 1)
        .set(ValueLayout.JAVA_BYTE, BYTES, (byte) 0);
    assertThatThrownBy(arena::close)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("the byte at 100 of a piece of 100");
  }

  @Test
  void piecesAreZeroedAndOfAnySize() {
    try (GuardedArena arena = new GuardedArena(GuardedArena.Side.END, 1)) {
      assertThat(arena.allocate(4097, 64).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
      assertThat(arena.allocate(0, 1).byteSize()).isZero();
    }
  }
}
