package dev.tinytitan.cli.measure;

import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.compress.measure.RunEnergy;
import dev.tinytitan.edge.energy.EnergyMeter;
import dev.tinytitan.edge.energy.EnergyProfiler;
import dev.tinytitan.edge.energy.EnergyReading;
import dev.tinytitan.edge.energy.Meters;
import dev.tinytitan.edge.energy.OperationCount;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The energy of a run by this machine's meter, or, where it has none, by a model of its counted
 * operations and its time. Serves one thread.
 */
public final class ProfiledEnergy implements RunEnergy {
  private static final Duration TIME = Duration.ofMillis(600);

  private final Optional<EnergyMeter> meter = Meters.find().best();
  private final EnergyProfiler profiler = EnergyProfiler.ofThisMachine(1);

  /** Looks for the machine's meter. */
  public ProfiledEnergy() {}

  @Override
  public String method() {
    return meter
        .map(found -> "measured by " + found.kind().label())
        .orElse("estimated from operations and time; this machine has no meter");
  }

  @Override
  public double joules(Model model, Map<String, Tensor> inputs, double nanos) {
    Map<String, Shape> shapes = new HashMap<>();
    inputs.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
    try (Session session = model.open(SessionOptions.defaults().withThreads(1))) {
      Optional<OperationCount> count = OperationCount.of(session.graph(), shapes);
      return reading(session, count, shapes, inputs, nanos).joules().value();
    }
  }

  private EnergyReading reading(
      Session session,
      Optional<OperationCount> count,
      Map<String, Shape> shapes,
      Map<String, Tensor> inputs,
      double nanos) {
    if (meter.isEmpty()) {
      return profiler.reckon(count, nanos / 1e9);
    }
    Binding binding = session.binding(shapes);
    inputs.forEach((name, tensor) -> binding.input(name).copyFrom(tensor));
    long warm = System.nanoTime() + TIME.toNanos() / 2;
    do {
      binding.run();
    } while (System.nanoTime() < warm);
    return profiler.measure(count, binding::run, TIME).energy();
  }
}
