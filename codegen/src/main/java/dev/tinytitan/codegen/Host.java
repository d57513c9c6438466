package dev.tinytitan.codegen;

import dev.tinytitan.codegen.memory.CodeMemoryException;
import dev.tinytitan.codegen.memory.ExecutableMemory;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Whether generated code can run here, and what it may use. {@link #problem} is cheap, and looks at
 * everything that can be known without calling native code; {@link #trial} then really makes and
 * calls a function, which costs the JVM's first downcall (some ten milliseconds), and so belongs to
 * the moment when code is about to be generated. Both answer once per process and never throw.
 */
public final class Host {
  /** {@code off}: no machine code is generated. */
  public static final String SWITCH = "tinytitan.codegen";

  /** The name of an {@link Isa}: the best that may be used. */
  public static final String ISA = "tinytitan.isa";

  private Host() {}

  /** What was found: a target, or the reason why there is none. */
  record Finding(Optional<Target> target, String problem) {
    static Finding problem(String text) {
      return new Finding(Optional.empty(), text);
    }
  }

  private static final class Found {
    static final Finding FINDING =
        find(
            System.getProperty(SWITCH, ""),
            System.getProperty("os.name", ""),
            System.getProperty("os.arch", ""),
            Host.class.getModule().isNativeAccessEnabled(),
            System.getProperty(ISA, ""));

    private Found() {}
  }

  private static final class Tried {
    static final Optional<String> PROBLEM = problem().isPresent() ? problem() : attempt();

    private Tried() {}

    /** What only shows now was not in the log when the engine was loaded. */
    private static Optional<String> attempt() {
      Optional<String> failure = ExecutableMemory.trial();
      if (failure.isPresent()) {
        System.getLogger(Host.class.getName())
            .log(
                System.Logger.Level.WARNING,
                "The engine codegen is not used: "
                    + failure.get()
                    + " Models run on the next engine, with the same answers.");
      }
      return failure;
    }
  }

  /** Why no code can be generated here, and the remedy, in one sentence; empty if it can. */
  public static Optional<String> problem() {
    return Found.FINDING.target().isPresent()
        ? Optional.empty()
        : Optional.of(Found.FINDING.problem());
  }

  /** Begins the {@link #trial} on a thread of its own, if it has not begun. */
  public static void beginTrial() {
    Begun.THREAD.isAlive();
  }

  /** Started once. */
  private static final class Begun {
    static final Thread THREAD = start();

    private Begun() {}

    private static Thread start() {
      // A class of its own, not a lambda: this happens while a program starts.
      Thread thread =
          new Thread("tinytitan-trial") {
            @Override
            public void run() {
              trial();
            }
          };
      thread.setDaemon(true);
      thread.start();
      return thread;
    }
  }

  /** {@link #problem}, or what went wrong when a function was made, mapped and called. */
  public static Optional<String> trial() {
    return Tried.PROBLEM;
  }

  /**
   * What code may use here: what the processor has, up to what {@link #ISA} asks for.
   *
   * @throws IllegalStateException if there is a {@link #problem}
   */
  public static Target target() {
    Target target = Found.FINDING.target().orElse(null);
    if (target == null) {
      throw new IllegalStateException(Found.FINDING.problem());
    }
    return target;
  }

  /** Package-private for the tests, which cannot be on another system. */
  static Finding find(
      String setting, String system, String processor, boolean nativeAccess, String isa) {
    if (setting.equals("off")) {
      return Finding.problem(
          "it is switched off by -D" + SWITCH + "=off; leave that out to use it.");
    }
    if (!processor.equals("amd64") && !processor.equals("x86_64")) {
      return Finding.problem("it makes code for x86-64, and this processor is " + processor + ".");
    }
    if (!system.equals("Linux")) {
      return Finding.problem(
          "it has executable memory on Linux, and this system is " + system + ".");
    }
    if (!nativeAccess) {
      String module = Host.class.getModule().getName();
      return Finding.problem(
          "native access is not enabled; start Java with --enable-native-access="
              + (module == null ? "ALL-UNNAMED" : module)
              + ".");
    }
    try {
      return choose(CpuFeatures.read(), isa);
    } catch (CodeMemoryException refused) {
      return Finding.problem(String.valueOf(refused.getMessage()));
    }
  }

  /** The best instruction set, up to the one asked for. */
  static Finding choose(Set<Feature> features, String asked) {
    if (!asked.isEmpty()) {
      for (Isa isa : Isa.values()) {
        if (isa.property().equals(asked.toLowerCase(Locale.ROOT))) {
          return features.containsAll(isa.needs())
              ? new Finding(Optional.of(Target.of(isa)), "")
              : Finding.problem(
                  "-D"
                      + ISA
                      + "="
                      + asked
                      + " asks for more than this processor has: it lacks "
                      + missing(isa, features)
                      + "; leave the property out to use the best there is.");
        }
      }
      return Finding.problem(
          "-D" + ISA + "=" + asked + " is unknown; use one of " + Isa.properties() + ".");
    }
    for (Isa isa : Isa.values()) {
      if (features.containsAll(isa.needs())) {
        return new Finding(Optional.of(new Target(isa, features)), "");
      }
    }
    return Finding.problem(
        "it needs a processor with AVX2 and FMA, and this one lacks "
            + missing(Isa.AVX2, features)
            + ".");
  }

  private static Set<Feature> missing(Isa isa, Set<Feature> features) {
    Set<Feature> missing = EnumSet.copyOf(isa.needs());
    missing.removeAll(features);
    return missing;
  }
}
