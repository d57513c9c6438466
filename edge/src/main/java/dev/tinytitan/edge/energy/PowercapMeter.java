package dev.tinytitan.edge.energy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Running Average Power Limit counters through Linux's powercap files.
 *
 * <p>Domains nest: {@code package-0} contains {@code core} and {@code uncore}, and {@code psys}
 * contains the packages, so only packages are added up, with {@code dram}, which stands below its
 * package but is not part of its counter (Intel Software Developer's Manual, volume 3, chapter on
 * power and thermal management). The same package seen through two interfaces ({@code intel-rapl}
 * and {@code intel-rapl-mmio}) counts once. Counters start again from 0 after {@code
 * max_energy_range_uj}; a meter must be read before one does so twice, which takes over half an
 * hour at 100 W.
 */
public final class PowercapMeter implements EnergyMeter {
  private static final System.Logger LOG = System.getLogger(PowercapMeter.class.getName());

  /** Within this of a power analyzer on current processors (Khan et al. 2018). */
  private static final double UNCERTAINTY = 0.05;

  private static final double MICRO = 1e-6;

  /** One counter that is summed. */
  private static final class Zone {
    final String name;
    final Path counter;
    final long range;
    long last;

    Zone(String name, Path counter, long range, long last) {
      this.name = name;
      this.counter = counter;
      this.range = range;
      this.last = last;
    }
  }

  /** Reads a file; tests deny what root is never denied. */
  @FunctionalInterface
  interface Reader {
    /** The file's text without white space around it. */
    String read(Path file) throws IOException;
  }

  private final List<Zone> zones;
  private final Reader reader;
  private double joules;
  private boolean lost;

  private PowercapMeter(List<Zone> zones, Reader reader) {
    this.zones = zones;
    this.reader = reader;
  }

  /**
   * Opens the counters below a folder.
   *
   * @param root {@code /sys/class/powercap}, or a recording of it
   * @throws MeterUnavailableException if there are none, or they may not be read; says why and what
   *     to do
   */
  public static PowercapMeter open(Path root) throws MeterUnavailableException {
    return open(root, file -> Files.readString(file, StandardCharsets.US_ASCII).strip());
  }

  static PowercapMeter open(Path root, Reader reader) throws MeterUnavailableException {
    if (!Files.isDirectory(root)) {
      throw new MeterUnavailableException(
          "This system shows no powercap counters: it is a virtual machine, has no Intel or AMD"
              + " processor, or lacks the kernel module intel_rapl_msr.");
    }
    List<Zone> zones = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    Set<String> denied = new TreeSet<>();
    try {
      for (Path folder : folders(root)) {
        // Sorted: intel-rapl:0 comes before intel-rapl:0:0, and that before intel-rapl-mmio:0's.
        String file = folder.getFileName().toString();
        int depth = (int) file.chars().filter(c -> c == ':').count();
        if (depth == 0) {
          continue;
        }
        String name = reader.read(folder.resolve("name"));
        boolean whole = depth == 1 && name.startsWith("package");
        boolean memory = name.equals("dram");
        String parent = depth > 1 ? reader.read(parentOf(root, file).resolve("name")) + "/" : "";
        if ((whole || memory) && seen.add(parent + name)) {
          open(reader, folder, name, zones, denied);
        }
      }
    } catch (IOException | NumberFormatException unreadable) {
      throw new MeterUnavailableException(
          "The powercap counters cannot be read: " + unreadable.getMessage() + ".");
    }
    if (zones.stream().noneMatch(zone -> zone.name.startsWith("package"))) {
      throw new MeterUnavailableException(
          denied.isEmpty()
              ? "There are powercap folders, but none is of a processor package."
              : "The counters "
                  + String.join(", ", denied)
                  + " may be read by root only: allow it with"
                  + " 'sudo chmod -R a+r /sys/class/powercap/*/energy_uj', or run as root.");
    }
    return new PowercapMeter(zones, reader);
  }

  /** Interfaces over MSRs first, then those over memory, which repeat them; in order within. */
  private static List<Path> folders(Path root) throws IOException {
    List<Path> folders = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root, Files::isDirectory)) {
      entries.forEach(folders::add);
    }
    folders.sort((a, b) -> {
      String one = a.getFileName().toString();
      String two = b.getFileName().toString();
      int mmio = Boolean.compare(one.contains("mmio"), two.contains("mmio"));
      return mmio != 0 ? mmio : one.compareTo(two);
    });
    return folders;
  }

  private static Path parentOf(Path root, String file) {
    return root.resolve(file.substring(0, file.lastIndexOf(':')));
  }

  private static void open(
      Reader reader, Path folder, String name, List<Zone> zones, Set<String> denied)
      throws IOException {
    Path counter = folder.resolve("energy_uj");
    try {
      long range = Long.parseLong(reader.read(folder.resolve("max_energy_range_uj")));
      zones.add(new Zone(name, counter, range, Long.parseLong(reader.read(counter))));
    } catch (AccessDeniedException error) {
      denied.add(name);
    }
  }

  @Override
  public MeterKind kind() {
    return MeterKind.RAPL;
  }

  @Override
  public String description() {
    return zones.stream().map(zone -> zone.name).collect(Collectors.joining(" + "));
  }

  @Override
  public double uncertainty() {
    return UNCERTAINTY;
  }

  @Override
  public OptionalDouble joules() {
    if (lost) {
      return OptionalDouble.empty();
    }
    try {
      for (Zone zone : zones) {
        long now = Long.parseLong(reader.read(zone.counter));
        long moved = now - zone.last;
        if (moved < 0) {
          moved += zone.range;
        }
        if (moved < 0) {
          throw new IOException(
              "the counter fell from " + zone.last + " to " + now + ", below its range");
        }
        zone.last = now;
        joules += moved * MICRO;
      }
      return OptionalDouble.of(joules);
    } catch (IOException | NumberFormatException vanished) {
      lost = true;
      LOG.log(
          System.Logger.Level.WARNING,
          "The energy counters are no longer used: " + vanished.getMessage() + ".");
      return OptionalDouble.empty();
    }
  }
}
