package dev.tinytitan.codegen.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.code.Label;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** General-purpose instructions, jumps, constants and whole programs, as binutils reads them. */
class GeneralEncodingTest {
  private static final int[] VALUES = {
    0, 1, -1, 2, 63, 127, 128, -128, -129, 0x7FFF, 0x12345678, Integer.MAX_VALUE, Integer.MIN_VALUE
  };

  private static final List<Condition> CONDITIONS = List.of(Condition.values());

  private final X86Assembler assembler = new X86Assembler(Target.of(Isa.AVX512_VNNI), true);

  /** Each general-purpose instruction, with what it is given drawn anew. */
  private static List<Consumer<X86Assembler>> instructions(Random random) {
    RandomOperands draw = new RandomOperands(random);
    Condition condition = CONDITIONS.get(random.nextInt(16));
    int value = VALUES[random.nextInt(VALUES.length)];
    int count = random.nextInt(64);
    Gpr first = draw.gpr();
    Gpr second = draw.gpr();
    Mem memory = draw.plainMemory(true);
    return List.of(
        x -> x.mov(first, second),
        x -> x.mov(first, value),
        x -> x.mov(first, (long) value << 21 | 5),
        x -> x.mov(first, value & 0xFFFFFFFFL),
        x -> x.mov(first, memory),
        x -> x.mov(memory, first),
        x -> x.mov32(first, memory),
        x -> x.mov32(memory, first),
        x -> x.mov32(first, second),
        x -> x.xchg32(memory, first),
        x -> x.mov8(memory, first),
        x -> x.movzx8(first, memory),
        x -> x.movsx8(first, memory),
        x -> x.movzx16(first, memory),
        x -> x.movsxd(first, memory),
        x -> x.lea(first, memory),
        x -> x.cmov(condition, first, second),
        x -> x.push(first),
        x -> x.pop(first),
        x -> x.add(first, value),
        x -> x.add(first, second),
        x -> x.add(first, memory),
        x -> x.or(first, second),
        x -> x.and(first, value),
        x -> x.and(first, second),
        x -> x.sub(first, value),
        x -> x.sub(first, second),
        x -> x.xor(first, second),
        x -> x.clear(first),
        x -> x.cmp(first, value),
        x -> x.cmp(first, second),
        x -> x.cmp(first, memory),
        x -> x.test(first, second),
        x -> x.inc(first),
        x -> x.dec(first),
        x -> x.neg(first),
        x -> x.imul(first, second),
        x -> x.imul(first, second, value),
        x -> x.shl(first, count),
        x -> x.shr(first, count),
        x -> x.sar(first, count),
        x -> x.call(first),
        x -> x.ret(),
        x -> x.int3(),
        x -> x.cpuid(),
        x -> x.xgetbv(),
        x -> x.pause(),
        x -> x.syscall(),
        x -> x.vzeroupper(),
        x -> x.prefetcht0(memory),
        x -> x.prefetcht1(memory),
        x -> x.prefetchw(memory));
  }

  @Test
  void everyInstructionReadsBack() {
    Random random = new Random(3);
    for (int i = 0; i < 400; i++) {
      instructions(random).forEach(instruction -> instruction.accept(assembler));
    }
    Listings.assertReadsBack(assembler.finish());
  }

  @Test
  void everyPairOfRegistersReadsBack() {
    for (Gpr first : Gpr.values()) {
      for (Gpr second : Gpr.values()) {
        assembler.mov(first, second);
        assembler.mov(first, Mem.at(second));
        assembler.mov(Mem.at(second, 8), first);
        if (second != Gpr.RSP) {
          assembler.lea(first, Mem.at(first, -4).plus(second, 8));
        }
      }
    }
    Listings.assertReadsBack(assembler.finish());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
  void randomProgramsReadBack(int seed) {
    Random random = new Random(seed);
    List<Label> pending = new ArrayList<>();
    List<Label> bound = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      List<Consumer<X86Assembler>> instructions = instructions(random);
      instructions.get(random.nextInt(instructions.size())).accept(assembler);
      switch (random.nextInt(8)) {
        case 0 -> pending.add(assembler.label());
        case 1 -> bound.add(assembler.here());
        case 2 -> assembler.align(1 << random.nextInt(7));
        default -> {}
      }
      List<Label> all = random.nextBoolean() ? pending : bound;
      if (!all.isEmpty()) {
        Label label = all.get(random.nextInt(all.size()));
        switch (random.nextInt(3)) {
          case 0 -> assembler.jmp(label);
          case 1 -> assembler.jump(CONDITIONS.get(random.nextInt(16)), label);
          default -> assembler.call(label);
        }
      }
    }
    pending.forEach(assembler::bind);
    assembler.ret();
    Listings.assertReadsBack(assembler.finish());
  }

  @Test
  void constantsLieBehindTheCodeOnceAndAligned() {
    Label one = assembler.constants().floats(1, 2, 3, 4);
    Label same = assembler.constants().floats(1, 2, 3, 4);
    Label bytes = assembler.constants().bytes((byte) 7);
    Label wide = assembler.constants().ints(new int[16]);
    assembler.emit(Instruction.VADDPS, Vec.xmm(1), Vec.xmm(2), Mem.at(one));
    assembler.emit(Instruction.VPTERNLOGD, Vec.zmm(1), Vec.zmm(20), Mem.at(wide), 0x96);
    assembler.emit(Instruction.VMULPS, Vec.zmm(1), Vec.zmm(20), Mem.at(one).plus(4).broadcasting());
    assembler.movzx8(Gpr.RAX, Mem.at(bytes));
    assembler.ret();
    Code code = assembler.finish();

    assertThat(one).isSameAs(same);
    assertThat(one.offset() % 16).isZero();
    assertThat(wide.offset() % 64).isZero();
    assertThat(code.bytes().length).isEqualTo(wide.offset() + 64);
    String[] expected = {
      "vaddps xmm1,xmm2,XMMWORD PTR [rip+one]",
      "vpternlogd zmm1,zmm20,ZMMWORD PTR [rip+wide],0x96",
      "vmulps zmm1,zmm20,DWORD BCST [rip+one+4]",
      "movzx eax,BYTE PTR [rip+bytes]"
    };
    int[] places = {one.offset(), wide.offset(), one.offset() + 4, bytes.offset()};
    for (int i = 0; i < places.length; i++) {
      Code.ListingLine line = code.listing().get(i);
      int end = line.offset() + line.length();
      int immediate = expected[i].endsWith(",0x96") ? 1 : 0;
      int field = end - 4 - immediate;
      int distance = ByteBuffer.wrap(code.bytes()).order(ByteOrder.LITTLE_ENDIAN).getInt(field);
      assertThat(end + distance).as(expected[i]).isEqualTo(places[i]);
    }
  }

  @Test
  void aLabelWithoutPlaceIsAnError() {
    assembler.jmp(assembler.label("nowhere"));
    assertThatThrownBy(assembler::finish)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nowhere");
  }

  @Test
  void registersRunOut() {
    VectorRegisters registers = new VectorRegisters(16, 256);
    List<Vec> all = registers.take(16);
    assertThat(all).hasSize(16).doesNotHaveDuplicates();
    assertThatThrownBy(registers::take).isInstanceOf(IllegalStateException.class);
    registers.release(all.get(3));
    assertThat(registers.take()).isEqualTo(all.get(3));
    registers.release(all.get(3));
    assertThatThrownBy(() -> registers.release(all.get(3)))
        .isInstanceOf(IllegalStateException.class);
  }
}
