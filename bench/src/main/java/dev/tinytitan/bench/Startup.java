package dev.tinytitan.bench;

import ai.onnxruntime.OrtEnvironment;
import dev.tinytitan.Model;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * From the start of a process to the first result, and the memory that it has then: fresh JVMs in
 * turn, bare, with core and codegen, the same with an AOT cache, and with ONNX Runtime. Medians, as
 * a Markdown table.
 *
 * <p>Arguments: {@code MODEL [--rounds N]}. Run it on an idle machine; it needs Linux.
 */
public final class Startup {
  private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

  private final Path folder;
  private final String model;

  private Startup(Path folder, String model) {
    this.folder = folder;
    this.model = model;
  }

  /** What one process took. */
  private record Sample(double millis, double mebibytes, double laterMebibytes) {}

  /** Prints the table. */
  public static void main(String[] args) throws Exception {
    int rounds = Integer.parseInt(PeerTable.option(Arrays.asList(args), "--rounds", "9"));
    Path folder = Files.createTempDirectory("startup");
    try {
      new Startup(folder, args[0]).measure(rounds);
    } finally {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(folder);
    }
  }

  private void measure(int rounds) throws Exception {
    String own = classPath(Model.class, Class.forName("dev.tinytitan.codegen.CodegenEngine"));
    String peer = classPath(OrtEnvironment.class);
    Path cache = folder.resolve("first.aot");
    run(command(own, List.of("-XX:AOTCacheOutput=" + cache), "own", model));
    Map<String, List<String>> cases = new LinkedHashMap<>();
    cases.put("bare JVM", command(own, List.of(), "bare"));
    cases.put("tinytitan", command(own, List.of(), "own", model));
    cases.put("tinytitan, AOT cache", command(own, List.of("-XX:AOTCache=" + cache), "own", model));
    cases.put("ONNX Runtime", command(peer, List.of(), OnnxRuntimePeer.NAME, model));
    Map<String, List<Sample>> samples = new LinkedHashMap<>();
    for (int round = 0; round < rounds; round++) {
      for (Map.Entry<String, List<String>> each : cases.entrySet()) {
        samples.computeIfAbsent(each.getKey(), _ -> new ArrayList<>()).add(run(each.getValue()));
      }
    }
    double bare =
        median(
            Objects.requireNonNull(samples.get("bare JVM")).stream()
                .map(Sample::mebibytes)
                .toList());
    System.out.println(
        "| | first result, ms | resident then, MiB | above a bare JVM | with code in use, above |");
    System.out.println("|---|---:|---:|---:|---:|");
    samples.forEach((name, each) -> {
      double memory = median(each.stream().map(Sample::mebibytes).toList());
      System.out.printf(
          Locale.ROOT,
          "| %s | %.0f | %.1f | %+.1f | %+.1f |%n",
          name,
          median(each.stream().map(Sample::millis).toList()),
          memory,
          memory - bare,
          median(each.stream().map(Sample::laterMebibytes).toList()) - bare);
    });
  }

  private static double median(List<Double> values) {
    List<Double> sorted = new ArrayList<>(values);
    Collections.sort(sorted);
    return sorted.get(sorted.size() / 2);
  }

  private List<String> command(String classPath, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.add(NATIVE_ACCESS);
    command.addAll(List.of("-cp", classPath, FirstResult.class.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static Sample run(List<String> command) throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      String first = lines.readLine();
      double millis = (System.nanoTime() - start) / 1e6;
      String memory = lines.readLine();
      String later = lines.readLine();
      if (!FirstResult.READY.equals(first) || memory == null || process.waitFor() != 0) {
        throw new IllegalStateException("There was no result of " + command + ".");
      }
      double mebibytes = mebibytes(memory);
      return new Sample(millis, mebibytes, later == null ? mebibytes : mebibytes(later));
    }
  }

  private static double mebibytes(String line) {
    return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
  }

  /** The jars of these classes and of this one; folders become jars, which AOT caches need. */
  private String classPath(Class<?>... classes) throws IOException, URISyntaxException {
    List<String> jars = new ArrayList<>();
    for (Class<?> each : Stream.concat(Stream.of(Startup.class), Stream.of(classes)).toList()) {
      Path place = Path.of(each.getProtectionDomain().getCodeSource().getLocation().toURI());
      jars.add((Files.isDirectory(place) ? jar(place) : place).toString());
    }
    return String.join(System.getProperty("path.separator"), jars);
  }

  private Path jar(Path classes) throws IOException {
    Path jar = folder.resolve("classes" + Integer.toHexString(classes.hashCode()) + ".jar");
    if (Files.exists(jar)) {
      return jar;
    }
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream entries = new JarOutputStream(file);
        Stream<Path> tree = Files.walk(classes)) {
      for (Path each : tree.filter(Files::isRegularFile).sorted().toList()) {
        entries.putNextEntry(new JarEntry(classes.relativize(each).toString()));
        Files.copy(each, entries);
        entries.closeEntry();
      }
    }
    return jar;
  }
}
