package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.x86.Condition;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;
import dev.tinytitan.kernel.Work;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * How several threads compute one chain together. Layers become stages; a stage has as many units
 * as its layers are cut into. Each thread runs code of its own, which goes from stage to stage:
 * takes the units that nobody has taken, its own one first, so that what it wrote is still in its
 * cache, and then waits until all units of the stage are done. A thread that comes late finds
 * nothing left to do, and one that never comes is not waited for.
 *
 * <p>A stage has a cache line of the binding's memory, which is zeroed before each run: a word for
 * each unit that says it is taken, and one that says it is done.
 */
final class SharedStages {
  /** Threads, and so units of a stage, at most. */
  static final int MOST_PARTS = 8;

  /** Bytes of a stage's words: a cache line. */
  private static final int LINE = 64;

  private static final int DONE = LINE / 2;

  /** What cutting a layer saves has to be more than threads take to wait for each other. */
  private static final double LEAST_NANOS_OF_UNIT = 1_000;

  /**
   * Sparse layers take little time for what moves from cache to cache. Of those measured, chains
   * from this estimate on took 0.63 to 0.71 of one thread's time; below, some took longer now and
   * then.
   */
  private static final double LEAST_NANOS_OF_SPARSE_CHAIN = 600_000;

  /** Some ten microseconds. Whoever is waited for longer has lost its processor. */
  private static final int PAUSES = 500;

  /** Of Linux: the thread goes to the end of its processor's queue. */
  private static final int SCHED_YIELD = 24;

  /** Of stages whose units are no rows. */
  private static final int NO_ROWS = -1;

  private static final Gpr WORD = Gpr.RAX;
  private static final Gpr COUNT = Gpr.RDX;

  private final X86Assembler assembler;
  private final Sharing sharing;
  private final int memory;
  private final List<Stage> stages = new ArrayList<>();

  /**
   * How work is shared.
   *
   * @param parts threads, from 1 to {@link #MOST_PARTS}
   * @param leastNanos what a unit takes at least, by estimate
   * @param leastSparseNanos what a chain takes at least, by estimate, if it has sparse products
   */
  record Sharing(int parts, double leastNanos, double leastSparseNanos) {
    /** What is worth it between so many threads, for a chain of so many estimated nanoseconds. */
    static Sharing of(int threads, double nanos) {
      int parts = Work.partsWorthWaking(Math.min(threads, MOST_PARTS), nanos);
      return new Sharing(parts, LEAST_NANOS_OF_UNIT, LEAST_NANOS_OF_SPARSE_CHAIN);
    }
  }

  /**
   * Units that may be computed at once.
   *
   * @param rows of the output of its layers
   * @param units the functions that each unit calls, in order
   */
  private record Stage(int rows, List<List<Label>> units) {}

  /**
   * Without layers yet.
   *
   * @param memory where the words of the stages lie, in the binding's memory
   */
  SharedStages(X86Assembler assembler, Sharing sharing, int memory) {
    this.assembler = assembler;
    this.sharing = sharing;
    this.memory = memory;
  }

  /** Bytes of the words of all stages. */
  int byteSize() {
    return stages.size() * LINE;
  }

  /**
   * Adds a layer behind the others.
   *
   * @param nanos the layer's estimated time
   * @param write writes the function of a layer, or of a piece of it
   */
  void add(Layer layer, double nanos, Function<Layer, Label> write) {
    Stage last = stages.isEmpty() ? null : stages.getLast();
    if (!(layer instanceof SplitLayer split)) {
      addUnits(1, List.of(write.apply(layer)), last != null && last.units().size() == 1);
      return;
    }
    int rows = split.rows();
    Stage before = last != null && split.isRowwise() && last.rows() == rows ? last : null;
    int worth = (int) Math.min(sharing.parts(), nanos * split.splitWeight() / sharing.leastNanos());
    int count =
        before != null
            ? before.units().size()
            : Math.max(1, Math.min(worth, rows / split.leastRows()));
    List<Label> pieces = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int from = Work.bound(rows, 1, i, count);
      int to = Work.bound(rows, 1, i + 1, count);
      pieces.add(write.apply(count == 1 ? layer : split.rows(from, to)));
    }
    addUnits(
        split.givesRows() ? rows : NO_ROWS,
        pieces,
        before != null || (count == 1 && last != null && last.units().size() == 1));
  }

  private void addUnits(int rows, List<Label> pieces, boolean follows) {
    if (!follows) {
      List<List<Label>> units = new ArrayList<>();
      pieces.forEach(_ -> units.add(new ArrayList<>()));
      stages.add(new Stage(rows, units));
    }
    for (int i = 0; i < pieces.size(); i++) {
      stages.getLast().units().get(i).add(pieces.get(i));
    }
  }

  /** Writes what thread {@code part} does, between the beginning and the end of a function. */
  void emit(int part) {
    for (int stage = 0; stage < stages.size(); stage++) {
      List<List<Label>> units = stages.get(stage).units();
      for (int i = 0; i < units.size(); i++) {
        int unit = (part + i) % units.size();
        emitUnit(taken(stage, unit), units.get(unit));
      }
      // Who runs the chain waits for all threads to return: nothing reads the last stage here.
      for (int unit = 0; unit < units.size() && stage < stages.size() - 1; unit++) {
        emitWait(taken(stage, unit).plus(DONE));
      }
    }
  }

  private Mem taken(int stage, int unit) {
    return Mem.at(Layer.MEMORY, memory + stage * LINE + unit * Integer.BYTES);
  }

  private void emitUnit(Mem taken, List<Label> functions) {
    Label next = assembler.label();
    assembler.mov32(WORD, taken);
    assembler.test(WORD, WORD);
    assembler.jump(Condition.NE, next);
    assembler.mov(WORD, 1);
    assembler.xchg32(taken, WORD);
    assembler.test(WORD, WORD);
    assembler.jump(Condition.NE, next);
    functions.forEach(assembler::call);
    // Stores are seen in their order: whoever sees this one sees what the functions wrote.
    assembler.mov(WORD, 1);
    assembler.mov32(taken.plus(DONE), WORD);
    assembler.bind(next);
  }

  private void emitWait(Mem done) {
    Label next = assembler.label();
    assembler.mov(COUNT, PAUSES);
    Label wait = assembler.here();
    assembler.mov32(WORD, done);
    assembler.test(WORD, WORD);
    assembler.jump(Condition.NE, next);
    assembler.pause();
    assembler.dec(COUNT);
    assembler.jump(Condition.NE, wait);
    Label yield = assembler.here();
    assembler.mov(WORD, SCHED_YIELD);
    assembler.syscall();
    assembler.mov32(WORD, done);
    assembler.test(WORD, WORD);
    assembler.jump(Condition.E, yield);
    assembler.bind(next);
  }
}
