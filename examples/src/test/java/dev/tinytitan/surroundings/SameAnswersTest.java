package dev.tinytitan.surroundings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.kernel.EngineCatalog;
import dev.tinytitan.tensor.Tensor;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.loader.tools.Library;
import org.springframework.boot.loader.tools.LibraryScope;
import org.springframework.boot.loader.tools.Repackager;

/**
 * However a user starts it, the same model gives the same answer: floats within the tolerance of
 * reordered sums, integers exactly.
 */
class SameAnswersTest {
  private static final double FLOAT_TOLERANCE = 1e-4;
  private static final String REMEDY = "--add-modules jdk.incubator.vector";

  @TempDir private static Path folder;
  private static final List<String> FILES = new ArrayList<>();
  private static final List<Boolean> EXACT = new ArrayList<>();
  private static final List<double[]> EXPECTED = new ArrayList<>();

  @BeforeAll
  static void computeOnTheReference() {
    add("floats", TestModels.floats(), false);
    add("integers", TestModels.integers(), true);
    TestModels.shared("kws_fp32").ifPresent(file -> add("kws", Model.load(file), false));
    TestModels.shared("kws_int8")
        .ifPresent(file -> add("kws-int8", TestModels.beforeSoftmax(Model.load(file)), true));
  }

  private static void add(String name, Model model, boolean exact) {
    Path file = folder.resolve(name + ".onnx");
    model.save(file);
    FILES.add(file.toString());
    SessionOptions reference = SessionOptions.defaults().withEngine(EngineCatalog.REFERENCE);
    try (Session session = model.open(reference)) {
      Map<String, Tensor> outputs = session.run(Inputs.random(session.inputs(), 1));
      for (Tensor output : outputs.values()) {
        // Beside the integers before its softmax, an integer model may give floats.
        EXACT.add(exact && (outputs.size() == 1 || output != first(outputs)));
        EXPECTED.add(numbers(SameAnswers.line(output)));
      }
    }
  }

  private static Tensor first(Map<String, Tensor> outputs) {
    return outputs.values().iterator().next();
  }

  private static double[] numbers(String line) {
    return Arrays.stream(line.split(" ")).skip(1).mapToDouble(Double::parseDouble).toArray();
  }

  private static ForkedJava answers(String engine, String... arguments)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(FILES);
    ForkedJava java = ForkedJava.run(folder, all);
    assertThat(java.output().stream().filter(line -> line.startsWith("engine")))
        .hasSize(FILES.size())
        .containsOnly("engine " + engine);
    List<double[]> outputs =
        java.output().stream()
            .filter(line -> line.startsWith("output"))
            .map(SameAnswersTest::numbers)
            .toList();
    assertThat(outputs).hasSameSizeAs(EXPECTED);
    for (int i = 0; i < outputs.size(); i++) {
      double[] expected = EXPECTED.get(i);
      double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
      double tolerance = EXACT.get(i) ? 0 : FLOAT_TOLERANCE * largest;
      assertThat(outputs.get(i)).as("output %d", i).hasSameSizeAs(expected);
      for (int k = 0; k < expected.length; k++) {
        assertThat(Math.abs(outputs.get(i)[k] - expected[k]))
            .as("output %d, element %d: %s, not %s", i, k, outputs.get(i)[k], expected[k])
            .isLessThanOrEqualTo(tolerance);
      }
    }
    return java;
  }

  private static Path core() {
    return ForkedJava.home(Model.class);
  }

  private static Path tests() {
    return ForkedJava.home(SameAnswers.class);
  }

  private static String everything() {
    return ForkedJava.classPath(core(), ForkedJava.simd(), tests());
  }

  private static List<String> lines(ForkedJava java, String part) {
    return java.errors().stream().filter(line -> line.contains(part)).toList();
  }

  @Test
  void withTheVectorModule() throws Exception {
    ForkedJava java =
        answers(
            "simd",
            "--add-modules",
            "jdk.incubator.vector",
            "-cp",
            everything(),
            SameAnswers.class.getName());
    assertThat(lines(java, "not used")).isEmpty();
  }

  @Test
  void withoutAnyFlagTheRemedyIsToldOnce() throws Exception {
    ForkedJava java = answers("portable", "-cp", everything(), SameAnswers.class.getName());
    assertThat(lines(java, REMEDY)).hasSize(1).first().asString().contains("simd");
  }

  @Test
  void withoutTheSimdJar() throws Exception {
    ForkedJava java =
        answers(
            "portable", "-cp", ForkedJava.classPath(core(), tests()), SameAnswers.class.getName());
    assertThat(java.errors()).isEmpty();
  }

  @Test
  void onTheModulePathWithoutAnyFlag() throws Exception {
    assertThat(List.of(core(), ForkedJava.simd()))
        .as("compiled by Maven, which compiles module-info too")
        .allSatisfy(home -> assertThat(isModule(home)).as("%s is a module", home).isTrue());
    // The program stays on the class path; simd comes along as the provider of a service.
    ForkedJava java =
        answers(
            "simd",
            "--module-path",
            ForkedJava.classPath(core(), ForkedJava.simd()),
            "--add-modules",
            "dev.tinytitan",
            "-cp",
            tests().toString(),
            SameAnswers.class.getName());
    assertThat(lines(java, "not used")).isEmpty();
  }

  private static boolean isModule(Path home) {
    return java.lang.module.ModuleFinder.of(home).findAll().stream()
        .anyMatch(module -> !module.descriptor().isAutomatic());
  }

  @Test
  void withTheSerialCollectorAndASmallHeap() throws Exception {
    answers(
        "simd",
        "-XX:+UseSerialGC",
        "-Xmx64m",
        "--add-modules",
        "jdk.incubator.vector",
        "-cp",
        everything(),
        SameAnswers.class.getName());
  }

  // Generated code.

  private static final String NATIVE_ACCESS = "--enable-native-access=ALL-UNNAMED";

  private static String withCodegen() {
    return ForkedJava.classPath(core(), ForkedJava.simd(), ForkedJava.codegen(), tests());
  }

  private static ForkedJava answersBesideCodegen(String engine, String... options)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(ForkedJava.VECTOR_MODULE);
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("-cp", withCodegen(), SameAnswers.class.getName()));
    return answers(engine, arguments.toArray(String[]::new));
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void withGeneratedCode() throws Exception {
    ForkedJava java = answersBesideCodegen("codegen", NATIVE_ACCESS);
    assertThat(lines(java, "not used")).isEmpty();
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void withGeneratedCodeForTheLeastProcessor() throws Exception {
    answersBesideCodegen("codegen", NATIVE_ACCESS, "-Dtinytitan.isa=avx2");
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void withGeneratedCodeAndWithoutTheVectorModule() throws Exception {
    ForkedJava java =
        answers("codegen", NATIVE_ACCESS, "-cp", withCodegen(), SameAnswers.class.getName());
    assertThat(lines(java, REMEDY)).hasSize(1);
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void withGeneratedCodeTheSerialCollectorAndASmallHeap() throws Exception {
    answersBesideCodegen("codegen", NATIVE_ACCESS, "-XX:+UseSerialGC", "-Xmx64m");
  }

  @Test
  void withGeneratedCodeSwitchedOff() throws Exception {
    ForkedJava java = answersBesideCodegen("simd", NATIVE_ACCESS, "-Dtinytitan.codegen=off");
    assertThat(lines(java, "The engine codegen is not used")).hasSize(1);
  }

  @Test
  void withNativeAccessDenied() throws Exception {
    ForkedJava java = answersBesideCodegen("simd", "--illegal-native-access=deny");
    assertThat(lines(java, "The engine codegen is not used")).hasSize(1);
    assertThat(lines(java, "Exception")).isEmpty();
  }

  private static ForkedJava answersOnTheModulePath(String engine, String... options)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(
        List.of(
            "--module-path",
            ForkedJava.classPath(core(), ForkedJava.simd(), ForkedJava.codegen()),
            "--add-modules",
            "dev.tinytitan",
            "-cp",
            tests().toString(),
            SameAnswers.class.getName()));
    return answers(engine, arguments.toArray(String[]::new));
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void withGeneratedCodeOnTheModulePath() throws Exception {
    ForkedJava java =
        answersOnTheModulePath("codegen", "--enable-native-access=dev.tinytitan.codegen");
    assertThat(lines(java, "not used")).isEmpty();
  }

  @Test
  @EnabledOnOs(value = OS.LINUX, architectures = "amd64")
  void onTheModulePathWithNativeAccessDenied() throws Exception {
    ForkedJava java = answersOnTheModulePath("simd", "--illegal-native-access=deny");
    assertThat(lines(java, "--enable-native-access=dev.tinytitan.codegen")).hasSize(1);
  }

  @Test
  void besideAnEngineThatCannotBeLoaded() throws Exception {
    Path broken = folder.resolve("broken");
    Path services = broken.resolve("META-INF/services");
    Files.createDirectories(services);
    Files.writeString(
        services.resolve("dev.tinytitan.kernel.Engine"), "dev.none.Missing\ndev.none.TooNew\n");
    Files.createDirectories(broken.resolve("dev/none"));
    // A class file of a Java version that is not there yet.
    Files.write(
        broken.resolve("dev/none/TooNew.class"),
        new byte[] {(byte) 0xCA, (byte) 0xFE, (byte) 0xBA, (byte) 0xBE, 0, 0, 0x0F, 0x00, 0, 1});
    ForkedJava java =
        answers(
            "simd",
            "--add-modules",
            "jdk.incubator.vector",
            "-cp",
            ForkedJava.classPath(broken, core(), ForkedJava.simd(), tests()),
            SameAnswers.class.getName());
    assertThat(lines(java, "dev.none.Missing")).hasSize(1);
    assertThat(lines(java, "dev/none/TooNew")).hasSize(1);
  }

  @Test
  void fromASpringBootJar() throws Exception {
    Path program = folder.resolve("program.jar");
    jar(tests(), program, "dev/tinytitan/surroundings/");
    Path fat = folder.resolve("fat.jar");
    Repackager repackager = new Repackager(program.toFile());
    repackager.setMainClass(SameAnswers.class.getName());
    List<File> libraries = List.of(asJar(core(), "core"), asJar(ForkedJava.simd(), "simd"));
    repackager.repackage(
        fat.toFile(),
        callback -> {
          for (File library : libraries) {
            callback.library(new Library(library, LibraryScope.RUNTIME));
          }
        });
    ForkedJava plain = answers("portable", "-jar", fat.toString());
    assertThat(lines(plain, REMEDY)).hasSize(1);
    answers("simd", "--add-modules", "jdk.incubator.vector", "-jar", fat.toString());
  }

  private static File asJar(Path home, String name) throws IOException {
    if (Files.isRegularFile(home)) {
      return home.toFile();
    }
    Path jar = folder.resolve(name + ".jar");
    jar(home, jar, "");
    return jar.toFile();
  }

  /** Packs the files of a folder whose names begin so. */
  private static void jar(Path classes, Path target, String prefix) throws IOException {
    try (Stream<Path> files = Files.walk(classes);
        OutputStream out = Files.newOutputStream(target);
        JarOutputStream jar = new JarOutputStream(out)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String name = classes.relativize(file).toString().replace(File.separatorChar, '/');
        if (name.startsWith(prefix)) {
          jar.putNextEntry(new JarEntry(name));
          Files.copy(file, jar);
        }
      }
    }
  }
}
