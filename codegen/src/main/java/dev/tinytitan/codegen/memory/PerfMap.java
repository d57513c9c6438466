package dev.tinytitan.codegen.memory;

import dev.tinytitan.codegen.code.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * The file by which {@code perf} finds names of generated functions. Written only if the property
 * {@value #PROPERTY} asks for it: {@code true} for the place where perf looks, else a path.
 */
final class PerfMap {
  /** The property. */
  static final String PROPERTY = "tinytitan.codegen.perfmap";

  private PerfMap() {}

  /** Adds the functions of code that was mapped at {@code address}. */
  static void add(long address, Code code) {
    String setting = System.getProperty(PROPERTY, "");
    if (setting.isEmpty() || setting.equals("false")) {
      return;
    }
    Path file =
        setting.equals("true")
            ? Path.of("/tmp/perf-" + ProcessHandle.current().pid() + ".map")
            : Path.of(setting);
    try {
      Files.writeString(
          file, lines(address, code), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException failure) {
      System.getLogger(PerfMap.class.getName())
          .log(System.Logger.Level.WARNING, "Cannot write " + file + ": " + failure);
    }
  }

  /** A line for each function: start and size in hexadecimal, name. */
  static String lines(long address, Code code) {
    StringBuilder text = new StringBuilder();
    List<Code.Symbol> symbols = code.symbols();
    for (int i = 0; i < symbols.size(); i++) {
      int start = symbols.get(i).offset();
      int end = i + 1 < symbols.size() ? symbols.get(i + 1).offset() : code.instructionBytes();
      text.append(Long.toHexString(address + start))
          .append(' ')
          .append(Integer.toHexString(end - start))
          .append(" tinytitan:")
          .append(symbols.get(i).name())
          .append('\n');
    }
    return text.toString();
  }
}
