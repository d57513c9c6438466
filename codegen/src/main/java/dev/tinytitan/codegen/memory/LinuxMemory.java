package dev.tinytitan.codegen.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * {@code mmap}, {@code mprotect}, {@code madvise} and {@code munmap} of the C library. Safe for
 * many threads.
 */
@SuppressWarnings("restricted") // Whether native access is enabled, Host has looked at.
final class LinuxMemory {
  /** Pages of the kernel are at least so large, and on x86-64 no larger. */
  static final int PAGE = 4096;

  /** What may be done with pages. */
  enum Access {
    NOTHING(0),
    READ_WRITE(PROT_READ | PROT_WRITE),
    READ_EXECUTE(PROT_READ | PROT_EXEC);

    private final int protection;

    Access(int protection) {
      this.protection = protection;
    }
  }

  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_PRIVATE = 0x02;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final int MADV_HUGEPAGE = 14;
  private static final long MAP_FAILED = -1;
  private static final int EPERM = 1;
  private static final int ENOMEM = 12;
  private static final int EACCES = 13;

  private final MethodHandle mmap;
  private final MethodHandle mprotect;
  private final MethodHandle madvise;
  private final MethodHandle munmap;

  /** Made when first needed: the first downcall is expensive. */
  private static final class Holder {
    static final LinuxMemory INSTANCE = new LinuxMemory();

    private Holder() {}
  }

  static LinuxMemory instance() {
    return Holder.INSTANCE;
  }

  private LinuxMemory() {
    mmap = find("mmap");
    mprotect = find("mprotect");
    madvise = find("madvise");
    munmap = find("munmap");
  }

  /**
   * A function of the C library. All are called with six words: registers that a function does not
   * read do no harm, and each further signature would cost some milliseconds at its first call.
   */
  private static MethodHandle find(String name) {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor words =
        FunctionDescriptor.of(
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG);
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), words, Linker.Option.captureCallState("errno"));
  }

  /**
   * New pages, zeroed, that can be read and written.
   *
   * @return their address
   * @throws CodeMemoryException if the system refuses
   */
  long map(long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      int flags = MAP_PRIVATE | MAP_ANONYMOUS;
      long address = call(mmap, state, 0, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
      if (address == MAP_FAILED) {
        throw refused("memory", state);
      }
      return address;
    }
  }

  /**
   * Says what may be done with the pages from {@code address} on.
   *
   * @throws CodeMemoryException if the system refuses
   */
  void protect(long address, long bytes, Access access) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      if ((int) call(mprotect, state, address, bytes, access.protection, 0, 0, 0) != 0) {
        throw refused(access == Access.READ_EXECUTE ? "executable memory" : "protection", state);
      }
    }
  }

  /** Asks for huge pages where the system has them; that it refuses is no error. */
  void preferHugePages(long address, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      call(madvise, state, address, bytes, MADV_HUGEPAGE, 0, 0, 0);
    }
  }

  /** Gives pages back. */
  void unmap(long address, long bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linker.Option.captureStateLayout());
      if ((int) call(munmap, state, address, bytes, 0, 0, 0, 0) != 0) {
        throw new IllegalStateException("munmap failed with errno " + errno(state) + ".");
      }
    }
  }

  private static CodeMemoryException refused(String what, MemorySegment state) {
    int errno = errno(state);
    String remedy =
        switch (errno) {
          case EACCES, EPERM -> "allow it in the security policy (SELinux execmem, seccomp)";
          case ENOMEM -> "give the process more memory or more mappings (vm.max_map_count)";
          default -> "ask who runs the system";
        };
    return new CodeMemoryException(
        "the operating system refuses " + what + " (errno " + errno + "); " + remedy + ".");
  }

  private static int errno(MemorySegment state) {
    return state.get(ValueLayout.JAVA_INT, 0);
  }

  private static long call(
      MethodHandle function,
      MemorySegment state,
      long first,
      long second,
      long third,
      long fourth,
      long fifth,
      long sixth) {
    try {
      return (long) function.invokeExact(state, first, second, third, fourth, fifth, sixth);
    } catch (Throwable failure) {
      throw Downcalls.impossible(failure);
    }
  }
}
