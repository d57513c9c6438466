package dev.tinytitan.surroundings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Session;
import dev.tinytitan.kernel.EngineCatalog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The JDK Flight Recorder sees what TinyTitan does. */
class FlightRecorderTest {
  @TempDir private Path folder;

  @Test
  void loadsPlansAndSlowRunsAreRecorded() throws IOException {
    Path file = folder.resolve("recording.jfr");
    try (Recording recording = new Recording()) {
      recording.enable("dev.tinytitan.Load");
      recording.enable("dev.tinytitan.Plan");
      recording.enable("dev.tinytitan.SlowRun").withThreshold(Duration.ZERO);
      recording.start();
      try (Session session = TestModels.floats().open()) {
        session.run(Inputs.random(session.inputs(), 1));
        session.run(Inputs.random(session.inputs(), 1));
      }
      recording.stop();
      recording.dump(file);
    }
    Map<String, List<RecordedEvent>> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().startsWith("dev.tinytitan."))
            .filter(event -> event.getString("model").equals("floats"))
            .collect(Collectors.groupingBy(event -> event.getEventType().getName()));

    assertThat(events.get("dev.tinytitan.Load")).hasSize(1);
    RecordedEvent load = events.get("dev.tinytitan.Load").get(0);
    assertThat(load.getString("engine")).isEqualTo(EngineCatalog.load().usable().get(0).name());
    assertThat(load.getInt("nodes")).isPositive();

    assertThat(events.get("dev.tinytitan.Plan")).as("the second run finds the plan").hasSize(1);
    RecordedEvent plan = events.get("dev.tinytitan.Plan").get(0);
    assertThat(plan.getString("inputs")).contains("12");
    assertThat(plan.getInt("steps")).isPositive();
    assertThat(plan.getLong("activationBytes")).isPositive();

    assertThat(events.get("dev.tinytitan.SlowRun")).hasSize(2);
  }
}
