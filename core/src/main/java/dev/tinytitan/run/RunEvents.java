package dev.tinytitan.run;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import org.jspecify.annotations.Nullable;

/**
 * What TinyTitan tells the JDK Flight Recorder: loads, plans, slow runs. An event is begun only
 * where the recorder is there: making it ready takes some ten milliseconds, which a program that
 * does not record should not pay at its first event.
 */
public final class RunEvents {
  private RunEvents() {}

  /** Begins the event of a load; null if nothing can record it. */
  public static @Nullable Loading beginLoading() {
    if (!FlightRecorder.isInitialized()) {
      return null;
    }
    Loading event = new Loading();
    event.begin();
    return event;
  }

  /** Begins the event of a run; null if nothing can record it. */
  public static @Nullable SlowRun beginRun() {
    if (!FlightRecorder.isInitialized()) {
      return null;
    }
    SlowRun event = new SlowRun();
    event.begin();
    return event;
  }

  static @Nullable Planning beginPlanning() {
    if (!FlightRecorder.isInitialized()) {
      return null;
    }
    Planning event = new Planning();
    event.begin();
    return event;
  }

  /** A model was read and made ready. */
  @Name("dev.tinytitan.Load")
  @Label("Model Load")
  @Category("TinyTitan")
  @Description("A session was opened: passes were run and kernels chosen")
  @StackTrace(false)
  public static final class Loading extends Event {
    @Label("Model")
    String model = "";

    @Label("Engine")
    String engine = "";

    @Label("Nodes")
    int nodes;

    /** Ends the event and writes it if a recording wants it. */
    public void finish(String modelName, String engineName, int nodeCount) {
      if (shouldCommit()) {
        model = modelName;
        engine = engineName;
        nodes = nodeCount;
        commit();
      }
    }
  }

  /** A plan was made for new input shapes. */
  @Name("dev.tinytitan.Plan")
  @Label("Model Plan")
  @Category("TinyTitan")
  @Description("A plan was made for input shapes not seen lately")
  @StackTrace(false)
  static final class Planning extends Event {
    @Label("Model")
    String model = "";

    @Label("Input Types")
    String inputs = "";

    @Label("Steps")
    int steps;

    @Label("Activation Bytes")
    long activationBytes;

    void finish(String modelName, String types, Plan plan) {
      if (shouldCommit()) {
        model = modelName;
        inputs = types;
        steps = plan.steps().size();
        activationBytes = plan.memory().byteSize();
        commit();
      }
    }
  }

  /** A run that took long; the recording's threshold says how long. */
  @Name("dev.tinytitan.SlowRun")
  @Label("Slow Model Run")
  @Category("TinyTitan")
  @Description("A run that took longer than the threshold")
  @StackTrace(false)
  @Threshold("20 ms")
  public static final class SlowRun extends Event {
    @Label("Model")
    String model = "";

    /** Ends the event and writes it if a recording wants it. */
    public void finish(String modelName) {
      if (shouldCommit()) {
        model = modelName;
        commit();
      }
    }
  }
}
