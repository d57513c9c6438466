package dev.tinytitan.codegen;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class HostTest {
  private static final Set<Feature> SKYLAKE = Isa.AVX512.needs();

  @Test
  void codeRunsWhereNoProblemIsReported() {
    assertThat(Host.problem()).isEmpty();
    assertThat(Host.trial()).isEmpty();
    assertThat(Host.target().features()).containsAll(Isa.AVX2.needs());
  }

  @Test
  void theBestInstructionSetIsChosen() {
    assertThat(Host.choose(SKYLAKE, "").target()).map(Target::isa).contains(Isa.AVX512);
    assertThat(Host.choose(EnumSet.allOf(Feature.class), "").target())
        .map(Target::isa)
        .contains(Isa.AVX512_VNNI);
  }

  @Test
  void aLowerInstructionSetCanBeForced() {
    assertThat(Host.choose(SKYLAKE, "avx2").target()).contains(Target.of(Isa.AVX2));
  }

  @Test
  void aHigherInstructionSetIsRefused() {
    assertThat(Host.choose(SKYLAKE, "avx512_vnni").problem())
        .contains("asks for more than this processor has", "AVX512_VNNI", "leave the property out");
    assertThat(Host.choose(SKYLAKE, "neon").problem())
        .contains("unknown", "avx512_vnni, avx512, avx_vnni, avx2");
    assertThat(Host.choose(EnumSet.noneOf(Feature.class), "").problem()).contains("AVX2 and FMA");
  }

  @Test
  void otherSystemsAreNamedWithTheirReason() {
    assertThat(Host.find("", "Mac OS X", "x86_64", true, "").problem()).contains("Mac OS X");
    assertThat(Host.find("", "Windows 11", "amd64", true, "").problem()).contains("Windows 11");
    assertThat(Host.find("", "Linux", "aarch64", true, "").problem()).contains("aarch64");
    assertThat(Host.find("off", "Linux", "amd64", true, "").problem()).contains("=off");
    assertThat(Host.find("", "Linux", "amd64", false, "").problem())
        .contains("--enable-native-access=ALL-UNNAMED");
  }

  @Test
  void withoutNativeAccessTheRemedyIsNamed() throws IOException {
    assertThat(probe("--illegal-native-access=deny"))
        .isEqualTo(
            "native access is not enabled; start Java with --enable-native-access=ALL-UNNAMED.");
    assertThat(probe("--illegal-native-access=warn")).contains("native access is not enabled");
  }

  @Test
  void theSwitchAndTheInstructionSetAreProperties() throws IOException {
    String enabled = "--enable-native-access=ALL-UNNAMED";
    assertThat(probe(enabled)).isEqualTo("runs on " + Host.target().isa());
    assertThat(probe(enabled, "-Dtinytitan.codegen=off")).contains("switched off");
    assertThat(probe(enabled, "-Dtinytitan.isa=avx2")).isEqualTo("runs on AVX2");
    assertThat(probe(enabled, "-XX:+UseSerialGC", "-Xmx64m")).startsWith("runs on");
  }

  @Test
  void refusedExecutableMemoryIsReported() throws IOException {
    String answer =
        probe("--enable-native-access=ALL-UNNAMED", "-Dtest.refuse.executable.memory=true");
    Assumptions.assumeFalse(answer.startsWith("cannot refuse"), answer);
    assertThat(answer)
        .contains("The engine codegen is not used: the operating system refuses")
        .endsWith("allow it in the security policy (SELinux execmem, seccomp).");
  }

  @Test
  void onTheModulePathTheModuleIsNamed() throws IOException {
    // Maven compiles modules; a plain javac over the sources may have left module-info.java out.
    boolean compiled = Files.exists(Path.of(location(Host.class), "module-info.class"));
    if (System.getenv("CI") == null) {
      Assumptions.assumeTrue(compiled, "module-info.java is not compiled.");
    }
    assertThat(compiled).isTrue();
    assertThat(probeModule()).contains("--enable-native-access=dev.tinytitan.codegen");
    assertThat(probeModule("--enable-native-access=dev.tinytitan.codegen")).startsWith("runs on");
  }

  private static String probe(String... options) throws IOException {
    List<String> command = java(options);
    command.addAll(
        List.of("-cp", System.getProperty("java.class.path"), HostProbe.class.getName()));
    return Binutils.run(command).strip();
  }

  /** As modules: the probe is patched into the module, as a program in it would be. */
  private static String probeModule(String... options) throws IOException {
    String codegen = location(Host.class);
    String core = location(dev.tinytitan.Experimental.class);
    List<String> command = java(options);
    command.addAll(
        List.of(
            "--module-path",
            codegen + ":" + core,
            "--patch-module",
            "dev.tinytitan.codegen=" + location(HostProbe.class),
            "-m",
            "dev.tinytitan.codegen/" + HostProbe.class.getName()));
    return Binutils.run(command).strip();
  }

  private static List<String> java(String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xshare:auto");
    command.addAll(List.of(options));
    return command;
  }

  private static String location(Class<?> type) {
    return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath()).toString();
  }
}
