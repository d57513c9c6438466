package dev.tinytitan.codegen;

/** A program for other JVMs: prints whether code can be generated there. */
final class HostProbe {
  private HostProbe() {}

  public static void main(String[] arguments) {
    System.out.println(Host.trial().orElseGet(() -> "runs on " + Host.target().isa()));
  }
}
