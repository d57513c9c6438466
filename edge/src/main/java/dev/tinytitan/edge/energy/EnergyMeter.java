package dev.tinytitan.edge.energy;

import java.util.OptionalDouble;

/**
 * Counts the joules that a machine takes. Not thread-safe: one thread reads it.
 *
 * <p>Meters see everything that runs on the machine, not one program only.
 */
public interface EnergyMeter {
  /** What is read. */
  MeterKind kind();

  /** Which domains or devices are read, such as {@code package-0 + dram}. */
  String description();

  /**
   * By how much a reading may be off, as a share from 0 to 1: what is known about meters of this
   * kind, not about this one.
   */
  double uncertainty();

  /**
   * Joules since the meter was made; never falls. Empty from the moment the source vanishes or
   * gives what cannot be true.
   */
  OptionalDouble joules();
}
