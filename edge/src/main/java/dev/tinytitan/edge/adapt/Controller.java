package dev.tinytitan.edge.adapt;

import dev.tinytitan.edge.elastic.OperatingPoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Chooses the point that runs next: of those that meet the deadline with the wanted probability,
 * and keep within energy and memory, the most accurate. It steps down at once, and up only after a
 * run of windows in which the better point would have met the goal with something to spare; a step
 * up that had to be taken back doubles the wait for the next one, so it does not swing. Not
 * thread-safe.
 */
public final class Controller {
  /** Frames of a window. */
  private static final int WINDOW = 8;

  private static final int LEAST_WINDOWS = 1;
  private static final int MOST_WINDOWS = 64;

  /** Frames after a step up within which a step down counts as taking it back. */
  private static final int REGRET = 400;

  /** Frames without a step down after which steps up are as quick as at first. */
  private static final int FORGIVEN = 2000;

  /** Up to so many times the allowed misses are within the estimate's own error. */
  private static final double NEARLY = 4;

  /** Frames for which that is believed. */
  private static final int MOST_DOUBTFUL = 12;

  private final Goal goal;
  private final List<PointProfile> profiles;
  private final SlowdownFilter filter = new SlowdownFilter();
  private int current;
  private int goodFrames;
  private int windows = LEAST_WINDOWS;
  private int doubtful;
  private long frames;
  private long lastUp = -REGRET;
  private long lastDown;
  private double cores = Double.NaN;

  /**
   * A controller that starts at the most accurate point that meets the goal at rest.
   *
   * @param profiles of all points, in any order
   */
  public Controller(Goal goal, List<PointProfile> profiles) {
    if (profiles.isEmpty()) {
      throw new IllegalArgumentException("no points to choose from");
    }
    this.goal = goal;
    this.profiles = worthwhile(profiles);
    this.current = choose(Conditions.UNKNOWN, filter.mean(), filter.deviation());
  }

  /** The most accurate first, without those that another one beats in everything. */
  private static List<PointProfile> worthwhile(List<PointProfile> profiles) {
    List<PointProfile> kept = new ArrayList<>();
    profiles.stream()
        .sorted(
            Comparator.comparingDouble((PointProfile each) -> -each.point().accuracy())
                .thenComparingDouble(PointProfile::seconds))
        .filter(each ->
            kept.stream()
                .noneMatch(better ->
                    better.seconds() <= each.seconds()
                        && better.joules() <= each.joules()
                        && better.point().weightBytes() <= each.point().weightBytes()))
        .forEach(kept::add);
    return List.copyOf(kept);
  }

  /** The index of the point that is right if so much is known of the slow-down. */
  int choose(Conditions conditions, double mean, double deviation) {
    return best(allowance(conditions), goal.share(), mean, deviation);
  }

  /** What may be spent under some conditions, and why not more. */
  private record Allowance(double joules, long weightBytes, String reason) {}

  /** Whether a point keeps within energy and memory. */
  boolean allows(int index, Conditions conditions) {
    return isWithin(index, allowance(conditions));
  }

  /** Whether a point meets the deadline with the wanted probability. */
  boolean meets(int index, double mean, double deviation) {
    return inTime(index, mean, deviation) >= goal.share();
  }

  /** The points worth running, the most accurate first. */
  public List<PointProfile> profiles() {
    return profiles;
  }

  /** The point that runs next. */
  public OperatingPoint point() {
    return profiles.get(current).point();
  }

  /**
   * Takes in how long the current point took.
   *
   * @param seconds of the run; what is not above 0, as after a jump of the clock, is ignored
   */
  public void observe(double seconds) {
    if (seconds > 0 && Double.isFinite(seconds)) {
      filter.observe(seconds / profiles.get(current).seconds());
    }
  }

  /** Chooses the point for the next frame. */
  public Decision decide(Conditions conditions) {
    followCores(conditions.get(SensorKind.CORES));
    Allowance allowance = allowance(conditions);
    int wanted = best(allowance, goal.share(), filter.mean(), filter.deviation());
    frames++;
    if (wanted > current && !isDoubtful(allowance)) {
      String change = down(wanted, allowance);
      if (frames - lastUp < REGRET) {
        windows = Math.min(MOST_WINDOWS, 2 * windows);
        // A fall over several points is one regret.
        lastUp = frames - REGRET;
      }
      lastDown = frames;
      goodFrames = 0;
      current = wanted;
      return decision(Optional.of(change));
    }
    // Up only to a point that would make a quarter of the misses that are allowed.
    if (wanted <= current) {
      doubtful = 0;
    }
    int better = better(allowance);
    if (better < 0) {
      goodFrames = 0;
      return decision(Optional.empty());
    }
    goodFrames++;
    if (goodFrames < windows * WINDOW) {
      return decision(Optional.empty());
    }
    String change =
        String.format(
            Locale.ROOT,
            "Up to %s: for %d frames it would have been in time with probability %.3f, at a"
                + " slow-down of %.2f.",
            profiles.get(better).point().name(),
            goodFrames,
            inTime(better),
            filter.mean());
    if (frames - lastDown > FORGIVEN) {
      windows = LEAST_WINDOWS;
    }
    goodFrames = 0;
    lastUp = frames;
    current = better;
    return decision(Optional.of(change));
  }

  /**
   * Whether the current point misses the goal by so little, and for so short, that the estimate may
   * be what is off.
   */
  private boolean isDoubtful(Allowance allowance) {
    boolean nearly =
        isWithin(current, allowance) && inTime(current) >= 1 - NEARLY * (1 - goal.share());
    doubtful = nearly ? doubtful + 1 : 0;
    return nearly && doubtful <= MOST_DOUBTFUL;
  }

  private Decision decision(Optional<String> change) {
    return new Decision(point(), inTime(current), filter.mean(), change);
  }

  /** A control group that grants less than a core slows everything down, before a run shows it. */
  private void followCores(OptionalDouble reading) {
    if (reading.isPresent()) {
      double now = Math.min(1, reading.getAsDouble());
      double before = Double.isNaN(cores) ? 1 : cores;
      if (Math.abs(now - before) > 0.05 * before) {
        filter.scale(before / now);
      }
      cores = now;
    }
  }

  private Allowance allowance(Conditions conditions) {
    double joules = goal.joules().orElse(Double.POSITIVE_INFINITY);
    double most = profiles.stream().mapToDouble(PointProfile::joules).max().orElse(0);
    long bytes = Long.MAX_VALUE;
    String reason = "an answer may take " + millijoules(joules);
    OptionalDouble battery = conditions.get(SensorKind.BATTERY);
    if (battery.isPresent() && battery.getAsDouble() < goal.lowBattery()) {
      joules = Math.min(joules, most) * battery.getAsDouble() / goal.lowBattery();
      reason =
          String.format(
              Locale.ROOT,
              "the battery is at %.0f %%, so an answer may take %s",
              100 * battery.getAsDouble(),
              millijoules(joules));
    }
    OptionalDouble temperature = conditions.get(SensorKind.TEMPERATURE);
    if (temperature.isPresent() && temperature.getAsDouble() > goal.hot()) {
      joules = Math.min(joules, most) / 2;
      reason =
          String.format(
              Locale.ROOT,
              "the processor is at %.0f °C, so an answer may take %s",
              temperature.getAsDouble(),
              millijoules(joules));
    }
    OptionalDouble pressure = conditions.get(SensorKind.MEMORY_PRESSURE);
    OptionalDouble free = conditions.get(SensorKind.MEMORY_FREE);
    boolean tight =
        (pressure.isPresent() && pressure.getAsDouble() >= goal.tightMemory())
            || (free.isPresent() && free.getAsDouble() < 0.05);
    if (tight) {
      bytes = profiles.stream().mapToLong(each -> each.point().weightBytes()).max().orElse(0) / 2;
      reason = "memory is short, so weights may take " + bytes + " bytes";
    }
    return new Allowance(joules, bytes, reason);
  }

  private static String millijoules(double joules) {
    return String.format(Locale.ROOT, "%.3g mJ", 1e3 * joules);
  }

  private boolean isWithin(int index, Allowance allowance) {
    PointProfile profile = profiles.get(index);
    return profile.joules() <= allowance.joules()
        && profile.point().weightBytes() <= allowance.weightBytes();
  }

  /** The most accurate point that is in time with this probability; else the likeliest. */
  private int best(Allowance allowance, double share, double mean, double deviation) {
    int likeliest = -1;
    for (int i = 0; i < profiles.size(); i++) {
      if (isWithin(i, allowance)) {
        if (inTime(i, mean, deviation) >= share) {
          return i;
        }
        likeliest =
            likeliest < 0 || profiles.get(i).seconds() < profiles.get(likeliest).seconds()
                ? i
                : likeliest;
      }
    }
    if (likeliest >= 0) {
      return likeliest;
    }
    int least = 0;
    for (int i = 1; i < profiles.size(); i++) {
      least = profiles.get(i).joules() < profiles.get(least).joules() ? i : least;
    }
    return least;
  }

  /** The next more accurate point that would meet the goal with something to spare, or -1. */
  private int better(Allowance allowance) {
    double wanted = 1 - (1 - goal.share()) / 4;
    double deviation = filter.cautiousDeviation();
    int best = best(allowance, wanted, filter.mean(), deviation);
    return best < current && inTime(best, filter.mean(), deviation) >= wanted ? best : -1;
  }

  private double inTime(int index) {
    return inTime(index, filter.mean(), filter.deviation());
  }

  private double inTime(int index, double mean, double deviation) {
    double factor = goal.deadlineSeconds() / profiles.get(index).seconds();
    return Normal.below((factor - mean) / deviation);
  }

  private String down(int wanted, Allowance allowance) {
    String to = profiles.get(wanted).point().name();
    if (!isWithin(current, allowance)) {
      return "Down to " + to + ": " + allowance.reason() + ".";
    }
    return String.format(
        Locale.ROOT,
        "Down to %s: at a slow-down of %.2f (±%.2f), %s would be in time with probability %.3f"
            + " only.",
        to,
        filter.mean(),
        filter.deviation(),
        profiles.get(current).point().name(),
        inTime(current));
  }
}
