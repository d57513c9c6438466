package dev.tinytitan.codegen.arm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.codegen.Binutils;
import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.code.Label;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Every instruction, as binutils reads it back. */
class ArmEncodingTest {
  private static final List<X> GENERAL = List.of(X.values());

  private final ArmAssembler assembler = new ArmAssembler(ArmIsa.I8MM);
  private final Random random = new Random(11);

  private V vector() {
    return new V(random.nextInt(32));
  }

  private X general() {
    return GENERAL.get(random.nextInt(GENERAL.size()));
  }

  @Test
  void vectorInstructionsReadBack() {
    for (ArmInstruction instruction : ArmInstruction.values()) {
      for (int i = 0; i < 100; i++) {
        switch (instruction.form()) {
          case TWO -> assembler.emit(instruction, vector(), vector());
          case THREE -> assembler.emit(instruction, vector(), vector(), vector());
          case ELEMENT ->
              assembler.emit(instruction, vector(), vector(), vector(), random.nextInt(4));
        }
      }
    }
    assertReadsBack(assembler.finish());
  }

  @Test
  void otherInstructionsReadBack() {
    Label start = assembler.here();
    Label constant = assembler.constants().floats(1, 2, 3, 4);
    for (int i = 0; i < 200; i++) {
      for (ArmAssembler.Size size : ArmAssembler.Size.values()) {
        assembler.load(size, vector(), general(), random.nextInt(4096) * size.bytes());
        assembler.store(size, vector(), general(), random.nextInt(4096) * size.bytes());
        assembler.loadAndStep(size, vector(), general(), random.nextInt(512) - 256);
        assembler.storeAndStep(size, vector(), general(), random.nextInt(512) - 256);
        assembler.load(size, vector(), general(), 0);
      }
      assembler.clear(vector());
      assembler.mov(vector(), vector());
      assembler.dup4s(vector(), vector(), random.nextInt(4));
      assembler.loadUpperHalf(vector(), general());
      assembler.storeByteAndStep(vector(), random.nextInt(16), general());
      assembler.loadByteAndStep(vector(), random.nextInt(16), general());
      assembler.loadWordAndStep(vector(), random.nextInt(4), general());
      assembler.loadConstant(vector(), constant);
      assembler.load(general(), general(), 8 * random.nextInt(4096));
      assembler.mov(general(), random.nextInt() & 0xFFFFFFFFL);
      assembler.mov(general(), (long) random.nextInt(0x8000) << 16);
      assembler.mov(general(), random.nextInt(0x10000));
      assembler.mov(general(), general());
      assembler.add(general(), general(), 1 + random.nextInt(4095));
      assembler.add(general(), general(), -1 - random.nextInt(4095));
      assembler.add(general(), general(), 1 + random.nextInt(0xFFFFFF));
      assembler.subs(general(), random.nextInt(4096));
      assembler.branchIfNotZero(start);
    }
    assembler.ret();
    assertReadsBack(assembler.finish());
  }

  private static void assertReadsBack(Code code) {
    Map<Integer, String> disassembled =
        Binutils.disassembleArm(Arrays.copyOf(code.bytes(), code.instructionBytes()));
    Map<String, Integer> labels = new HashMap<>();
    for (Code.ListingLine line : code.listing()) {
      if (line.length() == 0) {
        labels.put(line.text().replace(":", ""), line.offset());
      }
    }
    List<String> differences = new ArrayList<>();
    for (Code.ListingLine line : code.listing()) {
      if (line.length() == 0) {
        continue;
      }
      String text = line.text();
      String last = text.substring(text.lastIndexOf(' ') + 1);
      if (labels.containsKey(last)) {
        text = text.replace(last, "0x" + Integer.toHexString(labels.get(last)));
      }
      String actual = disassembled.remove(line.offset()).replaceAll("\\s*(//|<).*$", "").strip();
      if (last.startsWith("constant")) {
        // Where a constant lies is checked by running the code.
        actual = actual.replaceAll("0x\\p{XDigit}+$", last);
      }
      if (!text.equals(actual)) {
        differences.add("\"" + actual + "\", not \"" + text + "\"");
      }
    }
    assertThat(differences).isEmpty();
    assertThat(disassembled).isEmpty();
  }

  @Test
  void instructionsBeyondTheIsaAreRefused() {
    V zero = new V(0);
    assertThatThrownBy(
            () -> new ArmAssembler(ArmIsa.DOTPROD).emit(ArmInstruction.SMMLA_4S, zero, zero, zero))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("DOTPROD");
    assertThatThrownBy(() -> assembler.load(ArmAssembler.Size.Q, zero, X.X0, 8))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> assembler.emit(ArmInstruction.SDOT_ELEMENT, zero, zero, zero, 4))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
