package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VPSRLW;

import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Mem;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Brings an input into the planes of a {@link PlaneGrid}, and results from planes into an output,
 * by {@link PlaceBlocks}.
 */
final class PlaneTransfer {
  private static final Gpr FROM = Gpr.RSI;
  private static final Gpr TO = Gpr.RDI;
  private static final Gpr CHUNK_COUNT = Gpr.R10;
  private static final Gpr ROW_COUNT = Gpr.R11;
  private static final Gpr COUNT = Gpr.R12;

  /** Groups of four bytes that are moved together. */
  private static final int CHUNK = PlaceBlocks.GROUPS;

  private static final int SPARE = PlaceBlocks.SPARE;
  private static final int LOW_BYTES = 13;

  private final VectorCode code;
  private final PlaneGrid grid;
  private final int planeBytes;
  private final PlaceBlocks blocks;

  /**
   * @param planeBytes from one plane to the next
   */
  PlaneTransfer(VectorCode code, PlaneGrid grid, int planeBytes) {
    this.code = code;
    this.grid = grid;
    this.planeBytes = planeBytes;
    this.blocks = new PlaceBlocks(code);
  }

  /** A walk over rows and columns of places, by bytes from one to the next on both sides. */
  private record Walk(int rows, int columns, int fromRow, int fromColumn, int toRow, int toColumn) {

    /**
     * The same with as few rows as possible: those of one column, or without gaps, are one, if they
     * follow each other in the planes.
     */
    Walk merged(int pitch) {
      if (columns == 1 && pitch == 1) {
        return new Walk(1, rows, 0, fromRow, 0, toRow);
      }
      return fromRow == columns * fromColumn && toRow == columns * toColumn
          ? new Walk(1, rows * columns, 0, fromColumn, 0, toColumn)
          : this;
    }
  }

  /**
   * Writes the code that fills the planes of some phases.
   *
   * @param planes where the first plane of all starts, in the binding's memory
   * @param halves 2 if even and odd bytes get planes of their own, as 16-bit integers
   * @param from the first phase
   * @param to behind the last phase
   */
  void emitInput(int planes, int halves, int from, int to) {
    if (halves == 2) {
      code.load(LOW_BYTES, code.words(0xFF));
    }
    int phasePlanes = grid.groups() * halves * planeBytes;
    for (int i = from; i < to; i++) {
      PlaneGrid.Phase phase = grid.phases().get(i);
      code.assembler().lea(FROM, Mem.at(Layer.MEMORY, grid.origin() + phase.start()));
      code.assembler().lea(TO, Mem.at(Layer.MEMORY, planes + i * phasePlanes));
      Walk walk =
          new Walk(
              phase.rows(),
              grid.filled(),
              grid.rowBytes(),
              grid.columnBytes(),
              4 * grid.pitch(),
              4);
      Walk merged = walk.merged(grid.pitch());
      emitWalk(
          merged,
          grid.groups(),
          4 * CHUNK,
          CHUNK * halves * planeBytes,
          (places, groups) -> emitToPlanes(merged.fromColumn(), places, groups, halves));
    }
  }

  /**
   * Writes the code that brings results to their output.
   *
   * @param results where the plane of the first four bytes starts, in the binding's memory
   */
  void emitOutput(int results, Buffer output) {
    Walk walk =
        new Walk(
                output.height(),
                grid.columns(),
                4 * grid.pitch(),
                4,
                output.rowBytes(),
                output.pixelBytes())
            .merged(grid.pitch());
    int groups = output.pixelBytes() / 4;
    blocks.prepareStore(groups % CHUNK);
    code.assembler().lea(FROM, Mem.at(Layer.MEMORY, results));
    code.assembler().lea(TO, Mem.at(Layer.MEMORY, output.inside()));
    emitWalk(
        walk,
        groups,
        CHUNK * planeBytes,
        4 * CHUNK,
        (places, count) -> emitFromPlanes(walk.toColumn(), places, count));
  }

  /**
   * Loops over rows, vectors of places, and the chunks of groups of these places, which lie in the
   * same cache lines.
   *
   * @param tile gets how many places and groups there are
   */
  private void emitWalk(
      Walk walk, int groups, int fromChunk, int toChunk, BiConsumer<Integer, Integer> tile) {
    int perVector = code.dwords();
    int whole = walk.columns() / perVector;
    int rest = walk.columns() % perVector;
    Consumer<Integer> chunks = places -> emitChunks(places, groups, fromChunk, toChunk, tile);
    for (var _ : code.loop(ROW_COUNT, walk.rows())) {
      for (var _ : code.loop(COUNT, whole)) {
        chunks.accept(perVector);
        code.advance(FROM, perVector * walk.fromColumn());
        code.advance(TO, perVector * walk.toColumn());
      }
      if (rest > 0) {
        chunks.accept(rest);
      }
      code.advance(FROM, walk.fromRow() - whole * perVector * walk.fromColumn());
      code.advance(TO, walk.toRow() - whole * perVector * walk.toColumn());
    }
  }

  private void emitChunks(
      int places, int groups, int fromChunk, int toChunk, BiConsumer<Integer, Integer> tile) {
    int whole = groups / CHUNK;
    for (var _ : code.loop(CHUNK_COUNT, whole)) {
      tile.accept(places, CHUNK);
      code.advance(FROM, fromChunk);
      code.advance(TO, toChunk);
    }
    if (groups % CHUNK > 0) {
      tile.accept(places, groups % CHUNK);
    }
    code.advance(FROM, -whole * fromChunk);
    code.advance(TO, -whole * toChunk);
  }

  private void emitToPlanes(int column, int places, int groups, int halves) {
    blocks.loadPlaces(Mem.at(FROM), column, places);
    blocks.transpose();
    for (int group = 0; group < groups; group++) {
      int plane = PlaceBlocks.after(group);
      if (halves == 1) {
        code.store(Mem.at(TO, group * planeBytes), plane, 0, code.dwords(), SPARE);
        continue;
      }
      code.and(SPARE, plane, LOW_BYTES);
      code.store(Mem.at(TO, 2 * group * planeBytes), SPARE, 0, code.dwords(), SPARE);
      code.assembler().emit(VPSRLW, code.vector(plane), code.vector(plane), 8);
      code.store(Mem.at(TO, (2 * group + 1) * planeBytes), plane, 0, code.dwords(), SPARE);
    }
  }

  private void emitFromPlanes(int column, int places, int groups) {
    for (int group = 0; group < groups; group++) {
      code.load(PlaceBlocks.before(group), Mem.at(FROM, group * planeBytes));
    }
    blocks.transpose();
    blocks.storePlaces(Mem.at(TO), column, places, groups);
  }
}
