package dev.tinytitan.codegen.memory;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * How an operating system gives executable memory: written first, then executable, never both.
 * There is one for Linux. On macOS it would be {@code mmap} with {@code MAP_JIT} and {@code
 * pthread_jit_write_protect_np}, on Windows {@code VirtualAlloc} and {@code VirtualProtect}.
 */
interface CodeMapper {
  /**
   * What maps code while it is bound, in place of the system's: for tests of systems that refuse.
   */
  ScopedValue<CodeMapper> INSTEAD = ScopedValue.newInstance();

  /** The one of this system; empty where there is none. */
  static Optional<CodeMapper> here() {
    if (INSTEAD.isBound()) {
      return Optional.of(INSTEAD.get());
    }
    return System.getProperty("os.name", "").equals("Linux")
        ? Optional.of(new LinuxCodeMapper())
        : Optional.empty();
  }

  /**
   * Memory that holds {@code code} and can be executed and read, but not written.
   *
   * @throws CodeMemoryException if the operating system refuses
   */
  MemorySegment map(byte[] code);

  /** Gives memory from {@link #map} back. */
  void unmap(MemorySegment memory);
}
