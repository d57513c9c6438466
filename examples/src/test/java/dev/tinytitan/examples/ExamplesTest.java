package dev.tinytitan.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.compress.distill.DistillationResult;
import dev.tinytitan.edge.energy.Footprint;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.zoo.Zoo;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** The examples do what they say. */
@ResourceLock(Resources.SYSTEM_OUT)
class ExamplesTest {
  private interface Program {
    void main(String[] arguments) throws Exception;
  }

  private static String printed(Program program, String... arguments) throws Exception {
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      program.main(arguments);
    } finally {
      System.setOut(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).strip();
  }

  @Test
  void classify(@TempDir Path folder) throws Exception {
    assertThat(printed(Classify::main)).isEqualTo("red");
    Path file = folder.resolve("colors.onnx");
    ColorModel.build().save(file);
    assertThat(Classify.classify(file, ColorModel.image(0.1f, 0.2f, 0.3f))).isEqualTo("blue");
  }

  @Test
  void learnOnDevice(@TempDir Path folder) throws Exception {
    assertThat(printed(LearnOnDevice::main))
        .isEqualTo("learned, within the budget: true, base and delta make the model: true");
    Model base = Zoo.build("mlp", new Zoo.Task(Shape.of(4), 3, true, 0, 1), 1);
    Tensor sample = LearnOnDevice.sample(1, new SplittableRandom(3));
    assertThat(LearnOnDevice.goOn(base, folder, sample, 1)).isEqualTo(1);
    assertThat(LearnOnDevice.goOn(base, folder, sample, 1)).isEqualTo(2);
  }

  @Test
  void hotLoop() {
    try (Session session = ColorModel.build().open()) {
      assertThat(HotLoop.count(session, 300))
          .containsOnlyKeys("red", "green", "blue")
          .satisfies(counts ->
              assertThat(counts.values().stream().mapToInt(Integer::intValue).sum())
                  .isEqualTo(300));
    }
  }

  @Test
  void taughtStudent() {
    DistillationResult result = TaughtStudent.distill(Path.of("synthetic:images"), 6);
    assertThat(result.judgedBy()).isEqualTo(DistillationResult.Measure.AGREEMENT);
    double first = result.training().history().getFirst().score();
    assertThat(result.training().history().getLast().score()).isGreaterThan(Math.max(0.6, first));
  }

  @Test
  void trainNetwork(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("vibration.onnx");
    String said = printed(TrainNetwork::main, file.toString());
    assertThat(said).matches("[0-9.]+ % on machines that were held back");
    assertThat(Double.parseDouble(said.substring(0, said.indexOf(' ')))).isGreaterThan(80);
    assertThat(Model.load(file).graph().name()).isEqualTo("vibration");
  }

  @Test
  void energyPerAnswer() {
    Footprint footprint = EnergyPerAnswer.measure(Duration.ofMillis(5));
    assertThat(footprint.wattHours().value()).isPositive();
    assertThat(footprint.wattHours().low()).isLessThanOrEqualTo(footprint.wattHours().high());
    assertThat(EnergyPerAnswer.describe(footprint)).contains("Wh for a million answers");
  }

  @Test
  void adapting() throws Exception {
    assertThat(printed(Adapting::main)).contains("w100-d3", "slow-down", "late: ");
  }

  @Test
  void embed() throws Exception {
    assertThat(printed(Embed::main)).isEqualTo("The invoice is due within thirty days.");
    assertThat(printed(Embed::main, "Are visitors let in at noon?"))
        .isEqualTo("The museum opens at ten and closes at six.");
  }
}
