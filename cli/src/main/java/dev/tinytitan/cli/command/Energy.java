package dev.tinytitan.cli.command;

import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.output.Json;
import dev.tinytitan.cli.output.Table;
import dev.tinytitan.cli.output.Units;
import dev.tinytitan.edge.energy.BatteryLife;
import dev.tinytitan.edge.energy.DutyCycle;
import dev.tinytitan.edge.energy.EnergyProfiler;
import dev.tinytitan.edge.energy.Estimate;
import dev.tinytitan.edge.energy.Footprint;
import dev.tinytitan.edge.energy.FootprintOptions;
import dev.tinytitan.edge.energy.GridIntensity;
import dev.tinytitan.edge.energy.Meters;
import dev.tinytitan.edge.energy.OperationCount;
import dev.tinytitan.edge.energy.OperationModel;
import dev.tinytitan.edge.energy.PowerShare;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code titan energy}: what running a model costs in joules, carbon and money. */
@Command(
    name = "energy",
    description = {
      "Measures or reckons what a model takes: joules for an inference; watt-hours, grams of CO2e"
          + " and money for a million; battery life.",
      "Where this machine has no meter, figures are ranges, and the output says so."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  titan energy classifier.onnx --grid DE --price 0.30",
      "  titan energy classifier.onnx --battery 0.9 --duty 1/s --json"
    })
public final class Energy implements Callable<Integer> {
  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  private Path file = Path.of("");

  @Option(
      names = "--seconds",
      paramLabel = "S",
      description = "How long the model is run (default: ${DEFAULT-VALUE}).")
  private double seconds = 3;

  @Option(
      names = "--tdp",
      paramLabel = "W",
      description =
          "The processor's thermal design power in watts, which narrows the range where there is no"
              + " meter and operations cannot be counted.")
  private @Nullable Double designPower;

  @Option(
      names = "--battery",
      paramLabel = "WH",
      description = "Also say how long a battery of so many watt-hours lasts, at --duty.")
  private @Nullable Double battery;

  @Option(
      names = "--duty",
      paramLabel = "RATE",
      description = {
        "Inferences a second, minute, hour or day, such as 10/s or 100/h; or the share of time in"
            + " which the model runs, such as 5%% (default: ${DEFAULT-VALUE})."
      })
  private String duty = "1/s";

  @Option(
      names = "--rest",
      paramLabel = "W",
      description = "What the device takes beside inferences, in watts (default: 0).")
  private double rest;

  @Mixin private FootprintFlags assumptions = new FootprintFlags();
  @Mixin private InputOptions inputs = new InputOptions();
  @Mixin private EngineOptions engine = new EngineOptions();
  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Energy() {}

  @Override
  public Integer call() {
    if (!(seconds > 0 && seconds <= 3600)) {
      throw new CommandFailure("--seconds must be more than 0 and at most 3600.");
    }
    if ((designPower != null && !(designPower > 0))
        || (battery != null && !(battery > 0))
        || !(rest >= 0)) {
      throw new CommandFailure("--tdp and --battery must be over 0, and --rest 0 or more.");
    }
    Model model = Model.load(file);
    Meters meters = Meters.find();
    FootprintOptions options = assumptions.options(engine.threads);
    EnergyProfiler.Profile profile;
    Optional<OperationCount> count;
    try (Session session = engine.open(model)) {
      Map<String, Tensor> given = inputs.inputs(model);
      Map<String, Shape> shapes = new HashMap<>();
      given.forEach((name, tensor) -> shapes.put(name, tensor.shape()));
      Binding binding = session.binding(shapes);
      given.forEach((name, tensor) -> binding.input(name).copyFrom(tensor));
      count = OperationCount.of(session.graph(), shapes);
      long warm = System.nanoTime() + (long) (seconds * 0.3e9);
      do {
        binding.run();
      } while (System.nanoTime() < warm);
      EnergyProfiler profiler =
          new EnergyProfiler(
              meters.best(), OperationModel.published(), powerShare(), engine.threads);
      profile = profiler.measure(count, binding::run, Duration.ofMillis((long) (seconds * 1000)));
    }
    Footprint footprint = Footprint.of(profile, options);
    Optional<BatteryLife> life =
        battery == null
            ? Optional.empty()
            : Optional.of(
                BatteryLife.of(
                    battery,
                    profile.energy().joules(),
                    DutyCycle.perSecond(duty, profile.secondsPerRun()),
                    rest));
    PrintWriter out = spec.commandLine().getOut();
    if (common.json) {
      Json.print(out, json(meters, profile, count, footprint, options, life));
    } else {
      print(out, meters, profile, count, footprint, options, life);
    }
    out.flush();
    return 0;
  }

  private PowerShare powerShare() {
    return designPower == null
        ? PowerShare.unknownProcessor()
        : PowerShare.ofDesignPower(designPower, Runtime.getRuntime().availableProcessors());
  }

  private Map<String, Object> json(
      Meters meters,
      EnergyProfiler.Profile profile,
      Optional<OperationCount> count,
      Footprint footprint,
      FootprintOptions options,
      Optional<BatteryLife> life) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("file", file.toString());
    result.put("meter", profile.energy().meter());
    result.put("measured", profile.energy().meter().isMeasured());
    result.put("detail", profile.energy().detail());
    result.put("missingMeters", meters.missing());
    result.put("secondsPerInference", profile.secondsPerRun());
    count.ifPresent(operations -> result.put("operations", operations));
    result.put("joulesPerInference", profile.energy().joules());
    Map<String, Object> million = new LinkedHashMap<>();
    million.put("wattHours", footprint.wattHours());
    million.put("operationalGrams", footprint.operationalGrams());
    million.put("embodiedGrams", footprint.embodiedGrams());
    million.put("grams", footprint.grams());
    million.put("deviceCost", footprint.deviceCost());
    million.put("cloudCost", footprint.cloudCost());
    result.put("perMillion", million);
    result.put("assumptions", options);
    result.put("gridSource", GridIntensity.SOURCE);
    life.ifPresent(battery -> result.put("batteryLife", battery));
    return result;
  }

  private void print(
      PrintWriter out,
      Meters meters,
      EnergyProfiler.Profile profile,
      Optional<OperationCount> count,
      Footprint footprint,
      FootprintOptions options,
      Optional<BatteryLife> life) {
    Table table = new Table("what", "value>", "at least>", "at most>", "unit");
    row(table, "energy of an inference", profile.energy().joules().times(1e3), "mJ");
    row(table, "energy of a million", footprint.wattHours(), "Wh");
    row(table, "  CO2e of the electricity (O)", footprint.operationalGrams(), "g");
    row(table, "  CO2e of making the device (M)", Estimate.exactly(footprint.embodiedGrams()), "g");
    row(table, "  CO2e, both (SCI: O + M)", footprint.grams(), "g");
    row(table, "  electricity on the device", footprint.deviceCost(), "money");
    row(table, "  a rented core, always busy", Estimate.exactly(footprint.cloudCost()), "money");
    life.ifPresent(battery -> {
      row(table, "mean power at " + duty, battery.watts().times(1e3), "mW");
      row(table, "battery life", battery.hours(), "h");
    });
    table.print(out);
    out.println();
    out.println(
        "meter       " + profile.energy().meter().label() + ": " + profile.energy().detail());
    if (!profile.energy().meter().isMeasured()) {
      out.println(
          "            Nothing was measured: the bounds are wide, and the value is a guess between"
              + " them.");
      meters.missing().forEach(problem -> out.println("            " + problem));
    }
    out.println("inference   " + Units.nanos(profile.secondsPerRun() * 1e9) + operations(count));
    out.println(
        String.format(
            Locale.ROOT,
            "assumed     %s g CO2e for a kWh (%s), %s for a kWh, %s for a core and hour,",
            number(options.grid().grams()),
            options.grid().code().isEmpty()
                ? options.grid().name()
                : options.grid().name() + "; " + GridIntensity.SOURCE,
            number(options.electricityPrice()),
            number(options.cloudPrice())));
    out.println(
        String.format(
            Locale.ROOT,
            "            a device of %s kg CO2e over %s years",
            number(options.embodiedKilograms()),
            number(options.lifetimeYears())));
  }

  private static String operations(Optional<OperationCount> count) {
    return count
        .map(operations ->
            ", "
                + Units.count(operations.multiplyAdds())
                + " multiply-adds, "
                + Units.bytes(operations.weightBytes() + operations.activationBytes())
                + " moved")
        .orElse("");
  }

  private static void row(Table table, String what, Estimate estimate, String unit) {
    if (estimate.isSure()) {
      table.row(what, number(estimate.value()), "", "", unit);
    } else {
      table.row(
          what, number(estimate.value()), number(estimate.low()), number(estimate.high()), unit);
    }
  }

  /** Three digits that count. */
  private static String number(double value) {
    if (value == 0) {
      return "0";
    }
    int decimals = (int) Math.clamp(2 - Math.floor(Math.log10(Math.abs(value))), 0, 9);
    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
    return text.contains(".") ? text.replaceFirst("\\.?0+$", "") : text;
  }
}
