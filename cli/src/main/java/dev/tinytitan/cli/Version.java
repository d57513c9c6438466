package dev.tinytitan.cli;

import picocli.CommandLine.IVersionProvider;

/** The version as the jar's manifest has it. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    String version = Main.class.getPackage().getImplementationVersion();
    return new String[] {
      "TinyTitan " + (version == null ? "(built from sources)" : version),
      "Java " + Runtime.version()
    };
  }
}
