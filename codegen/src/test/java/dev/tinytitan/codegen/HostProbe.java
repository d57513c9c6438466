package dev.tinytitan.codegen;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** A program for other JVMs: prints whether code can be generated there. */
final class HostProbe {
  private static final long PR_SET_MDWE = 65;
  private static final long PR_MDWE_REFUSE_EXEC_GAIN = 1;

  private HostProbe() {}

  public static void main(String[] arguments) throws Throwable {
    if (Boolean.getBoolean("test.refuse.executable.memory") && refuseExecutableMemory() != 0) {
      System.out.println("cannot refuse executable memory: this kernel is older than Linux 6.3.");
      return;
    }
    System.out.println(Host.trial().orElseGet(() -> "runs on " + Host.target().isa()));
  }

  /** Tells the kernel that this process makes no memory executable from now on: prctl(2). */
  @SuppressWarnings("restricted") // The test runs with native access enabled.
  private static int refuseExecutableMemory() throws Throwable {
    Linker linker = Linker.nativeLinker();
    MethodHandle prctl =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("prctl"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG));
    return (int) prctl.invokeExact(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0L, 0L, 0L);
  }
}
