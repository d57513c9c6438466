package dev.tinytitan.edge.adapt;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.edge.elastic.OperatingPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfilesTest {
  private static final Instant NOW = Instant.parse("2026-01-10T12:00:00Z");
  private static final OperatingPoint POINT = new OperatingPoint("w100", 0.9, 1000, 400);
  private static final List<PointProfile> PROFILES =
      List.of(new PointProfile(POINT, 0.002, 0.0001));

  @TempDir private Path folder;

  @Test
  void storedProfilesAreUsedWhileTheyFit() throws IOException {
    Path file = Profiles.fileOf(folder.resolve("model.onnx"));
    assertThat(file.getFileName()).hasToString("model.profile.json");
    assertThat(Profiles.read(file, List.of(POINT), NOW)).isEmpty();
    Profiles.write(file, PROFILES, NOW);
    assertThat(Profiles.read(file, List.of(POINT), NOW.plus(Duration.ofDays(3))))
        .hasValue(PROFILES);
    assertThat(Profiles.read(file, List.of(POINT), NOW.plus(Duration.ofDays(90)))).isEmpty();
    assertThat(Profiles.read(file, List.of(POINT), NOW.minus(Duration.ofDays(1))))
        .as("a clock that jumped back")
        .isEmpty();
    OperatingPoint other = new OperatingPoint("w100", 0.9, 2000, 400);
    assertThat(Profiles.read(file, List.of(other), NOW)).isEmpty();
    Files.writeString(file, Files.readString(file).substring(0, 40));
    assertThat(Profiles.read(file, List.of(POINT), NOW)).isEmpty();
  }
}
