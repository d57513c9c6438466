package dev.tinytitan.codegen.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.codegen.Feature;
import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every instruction of the table, as binutils reads it back. */
class VectorEncodingTest {
  private static final int DRAWS = 300;
  private static final Target EVERYTHING =
      new Target(Isa.AVX512_VNNI, EnumSet.allOf(Feature.class));

  @Test
  void everyInstructionReadsBackWithEveryKindOfOperand() {
    Map<Instruction, Integer> encoded = encodeAll(EVERYTHING);
    for (Instruction instruction : Instruction.values()) {
      assertThat(encoded.getOrDefault(instruction, 0)).as(instruction.mnemonic()).isGreaterThan(20);
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyIsaEncodesItsInstructions(Isa isa) {
    Map<Instruction, Integer> encoded = encodeAll(Target.of(isa));
    assertThat(encoded)
        .as("AVX-512 and the dot product only where they are")
        .satisfies(map -> {
          assertThat(map.containsKey(Instruction.VPDPBUSD)).isEqualTo(isa.hasDotProduct());
          assertThat(map.containsKey(Instruction.VPTERNLOGD)).isEqualTo(isa.vectorBits() == 512);
        });
  }

  /** Encodes random operands of each instruction; how many were legal. */
  private static Map<Instruction, Integer> encodeAll(Target target) {
    X86Assembler assembler = new X86Assembler(target, true);
    RandomOperands operands = new RandomOperands(new Random(25));
    Random random = new Random(7);
    Map<Instruction, Integer> encoded = new EnumMap<>(Instruction.class);
    for (Instruction instruction : Instruction.values()) {
      for (int i = 0; i < DRAWS; i++) {
        int immediate = random.nextInt(256);
        Operand[] drawn = operands.draw(instruction);
        int size = assembler.size();
        try {
          emit(assembler, instruction, immediate, drawn);
          encoded.merge(instruction, 1, Integer::sum);
        } catch (IllegalArgumentException | IllegalStateException illegal) {
          // The form has no such widths, or the target has not the instruction.
          assertThat(assembler.size()).as("nothing is written before a refusal").isEqualTo(size);
        }
      }
    }
    Listings.assertReadsBack(assembler.finish());
    return encoded;
  }

  private static void emit(
      X86Assembler assembler, Instruction instruction, int immediate, Operand... operands) {
    boolean three = operands.length == 3;
    if (instruction.form().hasImmediate()) {
      if (three) {
        assembler.emit(instruction, operands[0], operands[1], operands[2], immediate);
      } else {
        assembler.emit(instruction, operands[0], operands[1], immediate);
      }
    } else if (three) {
      assembler.emit(instruction, operands[0], operands[1], operands[2]);
    } else {
      assembler.emit(instruction, operands[0], operands[1]);
    }
  }

  @Test
  void wrongOperandsAreRefused() {
    X86Assembler assembler = new X86Assembler(EVERYTHING);
    assertThatThrownBy(() -> assembler.emit(Instruction.VADDPS, Vec.zmm(0), Vec.zmm(1), Vec.ymm(2)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("vaddps needs 512 bits in place of ymm2");
    assertThatThrownBy(() ->
            assembler.emit(
                Instruction.VPADDB, Vec.zmm(0), Vec.zmm(1), Mem.at(Gpr.RAX).broadcasting()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("cannot broadcast");
    assertThatThrownBy(() -> assembler.emit(Instruction.VMOVUPS, Vec.zmm(0), Gpr.RAX))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> assembler.emit(Instruction.VPSRLD, Vec.zmm(0), Vec.zmm(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("immediate");
  }

  @Test
  void instructionsBeyondTheTargetAreRefused() {
    X86Assembler assembler = new X86Assembler(Target.of(Isa.AVX2));
    assertThatThrownBy(() -> assembler.emit(Instruction.VADDPS, Vec.zmm(0), Vec.zmm(1), Vec.zmm(2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("avx2");
  }
}
