package dev.tinytitan.codegen.memory;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Code that can be called: in memory that was written, then made executable, and is never both.
 * {@link #close} gives the memory back; nobody may be inside a function of it then, nor call one
 * afterwards. Safe for many threads.
 */
public final class ExecutableMemory implements AutoCloseable {
  private final Code code;
  private final CodeMapper mapper;
  private final MemorySegment memory;
  private final AtomicBoolean closed = new AtomicBoolean();

  private ExecutableMemory(Code code, CodeMapper mapper, MemorySegment memory) {
    this.code = code;
    this.mapper = mapper;
    this.memory = memory;
  }

  /**
   * Maps code.
   *
   * @throws CodeMemoryException if the system gives no executable memory
   */
  public static ExecutableMemory of(Code code) {
    CodeMapper mapper =
        CodeMapper.here()
            .orElseThrow(() ->
                new CodeMemoryException(
                    "there is no executable memory on "
                        + System.getProperty("os.name")
                        + " yet; use Linux or another engine."));
    ExecutableMemory mapped = new ExecutableMemory(code, mapper, mapper.map(code.bytes()));
    PerfMap.add(mapped.memory.address(), code);
    return mapped;
  }

  /** The code, with its listing if there is one. */
  public Code code() {
    return code;
  }

  /** Bytes of mapped code and constants. */
  public long byteSize() {
    return memory.byteSize();
  }

  /**
   * A function of the code.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public NativeFunction function(String symbol) {
    return new NativeFunction(memory.address() + code.offsetOf(symbol));
  }

  /** Gives the memory back; a second time does nothing. */
  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      mapper.unmap(memory);
    }
  }

  /** Makes, maps and calls a function; what went wrong, or empty. Never throws. */
  public static Optional<String> trial() {
    int expected = 0x7117A4;
    X86Assembler assembler = new X86Assembler(Target.of(Isa.AVX2));
    assembler.symbol("trial");
    assembler.mov(Gpr.RAX, expected);
    assembler.mov(Mem.at(Gpr.RDI), Gpr.RAX);
    assembler.ret();
    try (ExecutableMemory memory = of(assembler.finish());
        Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(ValueLayout.JAVA_LONG);
      memory.function("trial").callCritical(result.address());
      return result.get(ValueLayout.JAVA_LONG, 0) == expected
          ? Optional.empty()
          : Optional.of("a generated function gave a wrong result; please report this.");
    } catch (CodeMemoryException refused) {
      return Optional.of(String.valueOf(refused.getMessage()));
    } catch (RuntimeException | LinkageError failure) {
      return Optional.of("generated functions cannot be called here: " + failure + ".");
    }
  }
}
