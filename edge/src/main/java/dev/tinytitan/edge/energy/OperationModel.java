package dev.tinytitan.edge.energy;

import java.util.List;

/**
 * Reckons energy from counted operations, bytes and time:
 *
 * <pre>E = scale · (arithmetic + instructions + memory) + busyWatts · seconds</pre>
 *
 * <p>The published energies are those of Horowitz, "Computing's Energy Problem (and what we can do
 * about it)", ISSCC 2014, for 45 nm and 0.9 V: 0.9 + 3.7 pJ for an addition and a multiplication of
 * float32, 0.2 + 0.1 pJ for an 8-bit multiplication and a 32-bit addition, 70 pJ for an instruction
 * (fetch, decode, registers), 100 pJ for 8 bytes from a 1 MiB cache, 1.3 to 2.6 nJ for 8 bytes from
 * DRAM. Today's processors take less for each operation and more for being awake, so what comes out
 * is a range: from the arithmetic and cached memory alone to a core at full power for the whole
 * time. {@link #fitted} narrows it where a meter was there once.
 *
 * @param scale this machine's energies, as a multiple of the published ones; 0 or more
 * @param busyWatts power of a busy core beside its operations, in watts; 0 or more
 * @param uncertainty of a fitted model, as a share; 1 where nothing was fitted
 */
public record OperationModel(double scale, double busyWatts, double uncertainty) {
  private static final double FLOAT_JOULES = 4.6e-12;
  private static final double INTEGER_JOULES = 0.3e-12;
  private static final double INSTRUCTION_JOULES = 70e-12;
  private static final double CACHED_BYTE_JOULES = 100e-12 / 8;
  private static final double DRAM_BYTE_JOULES = 2.6e-9 / 8;

  /** Multiply-adds of one instruction: eight floats of AVX2, thirty-two bytes of VNNI. */
  private static final double FLOAT_LANES = 8;

  private static final double INTEGER_LANES = 32;

  /** How far below the published energies processors since 45 nm have come, at most. */
  private static final double LEAST_SCALE = 0.1;

  /** The published energies, with the idle power of a cloud machine's core. */
  public static OperationModel published() {
    return new OperationModel(1, PowerShare.IDLE_CORE_WATTS, 1);
  }

  public OperationModel {
    if (!(scale >= 0) || !(busyWatts >= 0) || !(uncertainty >= 0 && uncertainty <= 1)) {
      throw new IllegalArgumentException(
          "scale " + scale + ", " + busyWatts + " W, uncertainty " + uncertainty);
    }
  }

  /**
   * A run whose energy was measured.
   *
   * @param count its operations
   * @param seconds how long it took, all cores added up
   * @param joules what it took
   */
  public record Observation(OperationCount count, double seconds, double joules) {}

  /**
   * The model that fits measured runs best, by least squares of the relative errors; its
   * uncertainty is the root of their mean square.
   *
   * @throws IllegalArgumentException if there are fewer than two runs, or one took nothing
   */
  public static OperationModel fitted(List<Observation> observations) {
    if (observations.size() < 2
        || observations.stream().anyMatch(each -> !(each.joules() > 0 && each.seconds() > 0))) {
      throw new IllegalArgumentException(
          "a model is fitted to two runs or more, of which each took time and energy");
    }
    double aa = 0;
    double ab = 0;
    double bb = 0;
    double a = 0;
    double b = 0;
    for (Observation each : observations) {
      double dynamic = dynamic(each.count()) / each.joules();
      double busy = each.seconds() / each.joules();
      aa += dynamic * dynamic;
      ab += dynamic * busy;
      bb += busy * busy;
      a += dynamic;
      b += busy;
    }
    double determinant = aa * bb - ab * ab;
    double scale = determinant > 1e-9 * aa * bb ? (a * bb - b * ab) / determinant : 0;
    double watts = determinant > 1e-9 * aa * bb ? (b * aa - a * ab) / determinant : b / bb;
    if (scale < 0) {
      scale = 0;
      watts = b / bb;
    } else if (watts < 0) {
      watts = 0;
      scale = a / aa;
    }
    double squares = 0;
    for (Observation each : observations) {
      double off = (scale * dynamic(each.count()) + watts * each.seconds()) / each.joules() - 1;
      squares += off * off;
    }
    return new OperationModel(scale, watts, Math.min(1, Math.sqrt(squares / observations.size())));
  }

  /**
   * The energy of a run.
   *
   * @param seconds how long it took, all cores added up
   */
  public EnergyReading estimate(OperationCount count, double seconds) {
    double value = scale * dynamic(count) + busyWatts * seconds;
    if (uncertainty < 1) {
      return new EnergyReading(
          Estimate.within(uncertainty, value),
          MeterKind.MODEL,
          "counted operations and busy time, fitted to this machine's meter");
    }
    double low = Math.min(value, LEAST_SCALE * (arithmetic(count) + cached(count)));
    double high =
        Math.max(
            value,
            PowerShare.MOST_CORE_WATTS * seconds
                + (count.weightBytes() + count.activationBytes()) * DRAM_BYTE_JOULES);
    return new EnergyReading(
        new Estimate(low, value, high),
        MeterKind.MODEL,
        "counted operations, energies of Horowitz 2014, and busy time");
  }

  /** Published joules of everything that counts operations, not time. */
  private static double dynamic(OperationCount count) {
    double instructions =
        count.floatMultiplyAdds() / FLOAT_LANES + count.integerMultiplyAdds() / INTEGER_LANES;
    return arithmetic(count) + instructions * INSTRUCTION_JOULES + cached(count);
  }

  private static double arithmetic(OperationCount count) {
    return count.floatMultiplyAdds() * FLOAT_JOULES + count.integerMultiplyAdds() * INTEGER_JOULES;
  }

  private static double cached(OperationCount count) {
    return (count.weightBytes() + count.activationBytes()) * CACHED_BYTE_JOULES;
  }
}
