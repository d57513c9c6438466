package dev.tinytitan.codegen.emit;

import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.x86.Condition;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * A loop in generated code. Going through it emits its body once, between what begins the loop and
 * what ends it. No lambda for the body: a generator has dozens of loops, and the first code of a
 * process would wait a millisecond for each.
 */
public final class Loop implements Iterable<Loop> {
  private final X86Assembler assembler;
  private final Gpr counter;
  private final int count;

  Loop(X86Assembler assembler, Gpr counter, int count) {
    this.assembler = assembler;
    this.counter = counter;
    this.count = count;
  }

  @Override
  public Iterator<Loop> iterator() {
    return new Emission();
  }

  /** What is around the body. */
  private final class Emission implements Iterator<Loop> {
    private boolean begun;

    /** Where the body starts; null if it is not repeated. */
    private @Nullable Label start;

    /** Asked after the body, it ends the loop. */
    @Override
    public boolean hasNext() {
      if (!begun) {
        return count > 0;
      }
      if (start != null) {
        assembler.dec(counter);
        assembler.jump(Condition.NE, start);
        start = null;
      }
      return false;
    }

    @Override
    public Loop next() {
      if (begun || count <= 0) {
        throw new NoSuchElementException();
      }
      begun = true;
      if (count > 1) {
        assembler.mov(counter, count);
        assembler.align(16);
        start = assembler.here();
      }
      return Loop.this;
    }
  }
}
