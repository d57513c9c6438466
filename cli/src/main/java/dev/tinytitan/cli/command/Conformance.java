package dev.tinytitan.cli.command;

import dev.tinytitan.SessionOptions;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.cli.conformance.ConformanceSuite;
import dev.tinytitan.cli.output.Json;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code titan conformance}: runs cases of the ONNX backend suite. */
@Command(
    name = "conformance",
    description = {
      "Runs cases of the ONNX backend test suite.",
      "A case passes if every output is within rtol 1e-3 and atol 1e-7 of the expected one (or what"
          + " its data.json says). Cases about strings, sequences, optionals, ImageDecoder,"
          + " ai.onnx.ml and preview.training are skipped, with the reason. Ends with a line that"
          + " counts, and with exit code 1 if a case fails."
    },
    footerHeading = "%nExample:%n",
    footer = "  titan conformance conformance/ --engine reference --filter attention")
public final class Conformance implements Callable<Integer> {
  @Parameters(paramLabel = "DIR", description = "A folder of cases, or one case.")
  private Path folder = Path.of("");

  @Option(
      names = "--engine",
      paramLabel = "NAME",
      description = "reference, portable, simd or codegen; the best that runs here if not given.")
  private String engine = "";

  @Option(names = "--no-optimize", description = "Run the graphs as the files have them.")
  private boolean raw;

  @Option(
      names = "--filter",
      paramLabel = "WORD",
      description = "Only cases whose name contains this word.")
  private String filter = "";

  @Option(names = "--show-skipped", description = "Name skipped cases with the reason.")
  private boolean showSkipped;

  @Mixin private CommonOptions common = new CommonOptions();

  @Spec private CommandSpec spec = CommandSpec.create();

  /** For the command line. */
  public Conformance() {}

  @Override
  public Integer call() {
    ConformanceSuite suite =
        new ConformanceSuite(
            SessionOptions.defaults().withEngine(engine).withThreads(1).withOptimize(!raw));
    PrintWriter out = spec.commandLine().getOut();
    int passed = 0;
    List<Map<String, String>> failures = new ArrayList<>();
    List<Map<String, String>> skips = new ArrayList<>();
    for (Path path : cases()) {
      switch (suite.run(path)) {
        case ConformanceSuite.Passed _ -> passed++;
        case ConformanceSuite.Failed failed -> {
          failures.add(entry(failed.name(), failed.reason()));
          if (!common.json) {
            out.println("FAILED  " + failed.name() + ": " + failed.reason());
          }
        }
        case ConformanceSuite.Skipped skipped -> {
          skips.add(entry(skipped.name(), skipped.reason()));
          if (showSkipped && !common.json) {
            out.println("skipped " + skipped.name() + ": " + skipped.reason());
          }
        }
      }
    }
    if (common.json) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("passed", passed);
      result.put("failed", failures);
      result.put("skipped", skips);
      Json.print(out, result);
    } else {
      out.println(passed + " passed, " + failures.size() + " failed, " + skips.size() + " skipped");
    }
    out.flush();
    return failures.isEmpty() ? 0 : 1;
  }

  private List<Path> cases() {
    List<Path> cases =
        ConformanceSuite.cases(folder).stream()
            .filter(path -> String.valueOf(path.getFileName()).contains(filter))
            .toList();
    if (cases.isEmpty()) {
      throw new CommandFailure("No case in '" + folder + "' has '" + filter + "' in its name.");
    }
    return cases;
  }

  private static Map<String, String> entry(String name, String reason) {
    Map<String, String> entry = new LinkedHashMap<>();
    entry.put("case", name);
    entry.put("reason", reason);
    return entry;
  }
}
