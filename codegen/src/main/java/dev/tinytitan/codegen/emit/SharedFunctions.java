package dev.tinytitan.codegen.emit;

import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.memory.ExecutableMemory;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.codegen.memory.NativeMemory;
import dev.tinytitan.codegen.x86.X86Assembler;
import dev.tinytitan.kernel.PackedWeights;
import java.util.function.Consumer;

/**
 * Functions that a session has once for all nodes of one shape: they take the weights as an
 * argument. Immutable; safe for many threads until the session ends.
 */
public final class SharedFunctions {
  private final ExecutableMemory code;

  /** Referred to as long as this is: the code ends when nobody does any more. */
  private final NativeMemory end;

  private SharedFunctions(ExecutableMemory code, PackedWeights owner) {
    this.code = code;
    this.end = NativeMemory.of(code::close);
    owner.closeAtEnd(end);
  }

  /**
   * Compiles, unless the session has this code.
   *
   * @param description everything that the code depends on
   * @param write writes the functions
   * @param owner ends it with the session
   */
  public static SharedFunctions of(
      Target target, String description, Consumer<VectorCode> write, PackedWeights owner) {
    return owner.shared(
        "functions of " + description + " on " + target.isa(),
        SharedFunctions.class,
        () -> {
          X86Assembler assembler = new X86Assembler(target);
          write.accept(new VectorCode(assembler));
          return new SharedFunctions(ExecutableMemory.of(assembler.finish()), owner);
        });
  }

  /**
   * One of the functions.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public NativeFunction function(String symbol) {
    return code.function(symbol);
  }
}
