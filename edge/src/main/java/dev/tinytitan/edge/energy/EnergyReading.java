package dev.tinytitan.edge.energy;

/**
 * Energy, and where the figure comes from.
 *
 * @param joules with bounds
 * @param meter what gave it
 * @param detail which counters, or which energies of operations, in words
 */
public record EnergyReading(Estimate joules, MeterKind meter, String detail) {}
