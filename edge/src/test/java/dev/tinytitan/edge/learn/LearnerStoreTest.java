package dev.tinytitan.edge.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearnerStoreTest {
  private static final int CLASSES = 3;

  private static Model model;

  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    model = Clouds.trained(CLASSES);
  }

  static LearnerOptions options() {
    return LearnerOptions.of(Budget.ofBytes(100_000))
        .withMethod(Method.LAST_LAYER)
        .withReplayBytes(8_000)
        .withLearningRate(5e-3)
        .withGateEvery(5);
  }

  private static void teach(Learner learner, int seed, int count) {
    Clouds person = new Clouds(seed, 0.9, 0.8);
    for (int i = 0; i < count; i++) {
      learner.learn(person.sample(i % CLASSES), i % CLASSES);
    }
  }

  @Test
  void goesOnFromTheLastGoodVersion() {
    Model good;
    long version;
    try (Learner learner = Learner.open(model, options(), folder)) {
      teach(learner, 4, 30);
      good = learner.model();
      version = learner.version();
      assertThat(version).isPositive();
    }
    try (Learner learner = Learner.open(model, options(), folder)) {
      assertThat(learner.version()).isEqualTo(version);
      assertThat(learner.model().graph()).isEqualTo(good.graph());
    }
  }

  @Test
  void journalLeadsToTheSameModel() {
    Model good;
    try (Learner learner = Learner.open(model, options(), folder)) {
      new Clouds(2, 0, 1);
      learner.hold(new Clouds(2, 0, 1).sample(1), 1);
      learner.remember(new Clouds(3, 0, 1).sample(2), 2);
      teach(learner, 4, 23);
      learner.commit();
    }
    try (Learner learner = Learner.open(model, options(), folder)) {
      teach(learner, 5, 17);
      learner.learn(new Clouds(6, 2, 1).sample(0), CLASSES);
      learner.commit();
      good = learner.model();
    }
    Model again = Learner.reproduce(model, options(), folder.resolve("journal.jsonl"));
    assertThat(again.graph()).isEqualTo(good.graph());
  }

  @Test
  void journalOfHashesCannotBeLearnedAgain() {
    LearnerOptions options = options().withKeepSamples(false);
    try (Learner learner = Learner.open(model, options, folder)) {
      teach(learner, 4, 6);
    }
    assertThatThrownBy(() -> Learner.reproduce(model, options, folder.resolve("journal.jsonl")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("hashes of samples only");
  }

  @Test
  void twoLearnersOnOneFolderAreOneTooMany() {
    try (Learner learner = Learner.open(model, options(), folder)) {
      assertThat(learner.version()).isZero();
      assertThatThrownBy(() -> Learner.open(model, options(), folder).close())
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining("Another learner uses");
    }
  }

  @Test
  void anotherBaseIsRefused() {
    try (Learner learner = Learner.open(model, options(), folder)) {
      teach(learner, 4, 6);
    }
    Model other = HeadGrowth.grow(model);
    assertThatThrownBy(() -> Learner.open(other, options(), folder).close())
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("another base model");
  }

  @Test
  void damagedVersionGivesTheOneBefore() throws IOException {
    long version;
    try (Learner learner = Learner.open(model, options(), folder)) {
      teach(learner, 4, 30);
      version = learner.version();
    }
    Path delta = folder.resolve("version-" + version + ".delta");
    byte[] bytes = Files.readAllBytes(delta);
    bytes[bytes.length / 2] ^= 1;
    Files.write(delta, bytes);
    try (Learner learner = Learner.open(model, options(), folder)) {
      assertThat(learner.version()).isEqualTo(version - 1);
    }
  }

  @Test
  void goesBack() {
    try (Learner learner = Learner.open(model, options(), folder)) {
      teach(learner, 4, 7);
      Model first = learner.model();
      assertThat(learner.version()).isEqualTo(1);
      teach(learner, 5, 7);
      assertThat(learner.version()).isEqualTo(2);
      assertThat(learner.revert()).isEqualTo(1);
      assertThat(learner.model().graph()).isEqualTo(first.graph());
      assertThat(learner.revert()).isZero();
      assertThat(learner.model().graph()).isEqualTo(model.graph());
    }
  }

  @Test
  void orderIsNotTheClocks() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    try (Learner learner =
        Learner.open(
            model, options(), folder, () -> Instant.ofEpochSecond(random.nextInt(1 << 30)))) {
      teach(learner, 4, 12);
    }
    List<JournalEntry> entries = LearnerStore.readJournal(folder.resolve("journal.jsonl"));
    for (int i = 0; i < entries.size(); i++) {
      assertThat(entries.get(i).sequence()).isEqualTo(i + 1);
    }
    try (Learner learner = Learner.open(model, options(), folder)) {
      assertThat(learner.version()).isPositive();
    }
  }

  @Test
  void lineThatWasCutIsLeftOut() throws IOException {
    try (Learner learner = Learner.open(model, options(), folder)) {
      teach(learner, 4, 6);
    }
    Path journal = folder.resolve("journal.jsonl");
    int lines = LearnerStore.readJournal(journal).size();
    Files.writeString(
        journal, "{\"sequence\":99,\"ti", StandardCharsets.UTF_8, StandardOpenOption.APPEND);
    try (Learner learner = Learner.open(model, options(), folder)) {
      assertThat(learner.version()).isPositive();
    }
    assertThat(LearnerStore.readJournal(journal)).hasSize(lines + 1);
  }

  /** What the killed process runs: learns without end. */
  static final class Endless {
    private Endless() {}

    /** Learns the model of a file in a folder. */
    public static void main(String[] arguments) {
      Model base = Model.load(Path.of(arguments[0]));
      try (Learner learner =
          Learner.open(base, options().withAllowedDrop(100), Path.of(arguments[1]))) {
        System.out.println("learning");
        for (int seed = 0; ; seed++) {
          teach(learner, seed, 30);
        }
      }
    }
  }

  @Test
  void killedProcessLeavesTheLastGoodVersion() throws Exception {
    Path file = folder.resolve("base.onnx");
    model.save(file);
    Model base = Model.load(file);
    Path place = folder.resolve("learned");
    long before = 0;
    for (int round = 0; round < 3; round++) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-Xmx256m",
                  "-XX:TieredStopAtLevel=1",
                  "-Dtinytitan.engine=portable",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Endless.class.getName(),
                  file.toString(),
                  place.toString())
              .redirectError(folder.resolve("err.txt").toFile())
              .start();
      try {
        assertThat(process.inputReader().readLine())
            .as(Files.readString(folder.resolve("err.txt")))
            .isEqualTo("learning");
        long wanted = before + 2 + round;
        while (!Files.exists(place.resolve("version-" + wanted + ".delta")) && process.isAlive()) {
          Thread.onSpinWait();
        }
      } finally {
        process.destroyForcibly().waitFor(30, TimeUnit.SECONDS);
      }
      try (Learner learner = Learner.open(base, options(), place)) {
        assertThat(learner.version()).isGreaterThan(before);
        assertThat(learner.classify(new Clouds(1, 0, 1).sample(0))).isBetween(0, CLASSES - 1);
        before = learner.version();
      }
    }
  }
}
