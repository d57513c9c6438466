package dev.tinytitan.codegen.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * The ways in which generated functions are called. Each is a constant, with the function's address
 * as the first argument, so that compiled Java calls it directly; each is made when first needed.
 * All take four words: registers that a function does not read cost nothing.
 */
@SuppressWarnings("restricted") // Whether native access is enabled, Host has looked at.
final class Downcalls {
  private static final FunctionDescriptor FOUR_WORDS =
      FunctionDescriptor.ofVoid(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
  private static final FunctionDescriptor FOUR_SEGMENTS =
      FunctionDescriptor.ofVoid(ADDRESS, ADDRESS, ADDRESS, ADDRESS);

  private Downcalls() {}

  /** The garbage collector does not wait for the function. */
  static final class Plain {
    static final MethodHandle CALL = Linker.nativeLinker().downcallHandle(FOUR_WORDS);

    private Plain() {}
  }

  /** The garbage collector waits; the call itself is as cheap as one in C. */
  static final class Critical {
    static final MethodHandle CALL =
        Linker.nativeLinker().downcallHandle(FOUR_WORDS, Linker.Option.critical(false));

    private Critical() {}
  }

  /** As {@link Critical}, and segments may lie over Java arrays. */
  static final class CriticalOnHeap {
    static final MethodHandle CALL =
        Linker.nativeLinker().downcallHandle(FOUR_SEGMENTS, Linker.Option.critical(true));

    private CriticalOnHeap() {}
  }

  /** For what a downcall with fitting arguments never throws. */
  static RuntimeException impossible(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    return failure instanceof RuntimeException unchecked
        ? unchecked
        : new IllegalStateException(failure);
  }
}
