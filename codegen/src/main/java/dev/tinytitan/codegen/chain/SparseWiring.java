package dev.tinytitan.codegen.chain;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the planes of a chain's sparse products lie, and which of them write straight into the
 * planes of others.
 *
 * @param ofSteps for each step of the chain, null where it is dense
 * @param memory of planes, in its place
 * @param end behind all of it
 */
record SparseWiring(List<SparseForm.@Nullable Wiring> ofSteps, List<Buffer> memory, int end) {

  /**
   * Puts the planes into memory.
   *
   * @param forms of the chain's steps, null where they are dense
   * @param start where memory is free
   */
  static SparseWiring of(Lowering.Result lowered, @Nullable SparseForm[] forms, int start) {
    return new Maker(lowered, forms, start).make();
  }

  /** The planes of a step that is sparse. */
  SparseForm.Wiring of(int step) {
    SparseForm.Wiring wiring = ofSteps.get(step);
    if (wiring == null) {
      throw new IllegalStateException("Step " + step + " is not sparse.");
    }
    return wiring;
  }

  private static final class Maker {
    private final Lowering.Result lowered;
    private final @Nullable SparseForm[] forms;
    private final List<Buffer> memory = new ArrayList<>();
    private int end;

    Maker(Lowering.Result lowered, @Nullable SparseForm[] forms, int start) {
      this.lowered = lowered;
      this.forms = forms;
      this.end = start;
    }

    SparseWiring make() {
      // Planes that another product fills keep their contents, borders too, from run to run.
      int[] filled = new int[forms.length];
      for (int i = 0; i < forms.length; i++) {
        SparseForm form = forms[i];
        int before = form == null ? -1 : writer(i);
        filled[i] = before < 0 || form == null ? -1 : place(form);
      }
      // All others share memory, since they live within one step.
      int scratchBytes = 0;
      for (SparseForm form : forms) {
        if (form != null) {
          scratchBytes = Math.max(scratchBytes, form.inputBytes() + form.resultBytes());
        }
      }
      int scratch = scratchBytes == 0 ? end : place("scratch", scratchBytes, 0);
      List<SparseForm.@Nullable Wiring> wirings = new ArrayList<>();
      for (int i = 0; i < forms.length; i++) {
        SparseForm form = forms[i];
        wirings.add(form == null ? null : wiring(i, form, filled, scratch));
      }
      return new SparseWiring(wirings, memory, end);
    }

    private int place(SparseForm form) {
      return place("planes", form.inputBytes(), form.dense().input().fill());
    }

    private int place(String name, int bytes, int fill) {
      Buffer planes = Buffer.memory(name, bytes, fill);
      planes.place(end);
      memory.add(planes);
      int at = end;
      end = Math.addExact(end, bytes);
      return at;
    }

    /** The step that writes straight into a sparse step's planes; -1 if none. */
    private int writer(int reader) {
      SparseForm form = forms[reader];
      for (int i = 0; i < reader; i++) {
        SparseForm before = forms[i];
        if (before != null && form != null && before.feeds(form)) {
          return i;
        }
      }
      return -1;
    }

    private SparseForm.Wiring wiring(int step, SparseForm form, int[] filled, int scratch) {
      List<PlaneTarget> targets = new ArrayList<>();
      boolean read = lowered.outputs().contains(form.dense().output());
      for (int i = step + 1; i < forms.length; i++) {
        SparseForm reader = forms[i];
        if (reader != null && filled[i] >= 0 && writer(i) == step) {
          targets.addAll(form.targets(reader, filled[i]));
        } else {
          read |= lowered.steps().get(i).reads().contains(form.dense().output());
        }
      }
      int results = scratch + (filled[step] < 0 ? form.inputBytes() : 0);
      return new SparseForm.Wiring(
          filled[step] < 0 ? scratch : filled[step],
          filled[step] < 0,
          read ? results : -1,
          targets);
    }
  }
}
