package dev.tinytitan.codegen;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/**
 * What the processor can do. Linux says it in {@code /proc/cpuinfo}, where it leaves out what the
 * kernel does not keep the registers of; reading that costs a hundredth of the first call of
 * generated code. Where there is no such file, {@link Cpuid} asks the processor itself; the tests
 * compare the two.
 */
final class CpuFeatures {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

  /** More than the description of one processor. */
  private static final int MOST_BYTES = 1 << 16;

  private CpuFeatures() {}

  /** What the operating system says, else what the processor says. */
  static Set<Feature> read() {
    Set<Feature> features = fromOperatingSystem();
    return features.isEmpty() ? Cpuid.read() : features;
  }

  /**
   * The extensions that the operating system names.
   *
   * @return empty if it names none, or cannot be asked
   */
  static Set<Feature> fromOperatingSystem() {
    try (var stream = Files.newInputStream(CPU_INFO)) {
      return parse(new String(stream.readNBytes(MOST_BYTES), StandardCharsets.ISO_8859_1));
    } catch (IOException absent) {
      return EnumSet.noneOf(Feature.class);
    }
  }

  /** The extensions in the first line of flags. */
  static Set<Feature> parse(String cpuInfo) {
    Set<Feature> features = EnumSet.noneOf(Feature.class);
    int start = cpuInfo.startsWith("flags") ? 0 : cpuInfo.indexOf("\nflags") + 1;
    if (start == 0 && !cpuInfo.startsWith("flags")) {
      return features;
    }
    int end = cpuInfo.indexOf('\n', start);
    String line = cpuInfo.substring(start, end < 0 ? cpuInfo.length() : end);
    String flags = line.substring(line.indexOf(':') + 1) + " ";
    for (Feature feature : Feature.values()) {
      if (flags.contains(" " + feature.flag() + " ")) {
        features.add(feature);
      }
    }
    return features;
  }
}
