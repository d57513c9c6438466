package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Gpr.R10;
import static dev.tinytitan.codegen.x86.Gpr.R11;
import static dev.tinytitan.codegen.x86.Gpr.R12;
import static dev.tinytitan.codegen.x86.Gpr.R13;
import static dev.tinytitan.codegen.x86.Gpr.R8;
import static dev.tinytitan.codegen.x86.Gpr.R9;
import static dev.tinytitan.codegen.x86.Gpr.RBX;
import static dev.tinytitan.codegen.x86.Gpr.RCX;
import static dev.tinytitan.codegen.x86.Gpr.RDI;
import static dev.tinytitan.codegen.x86.Gpr.RDX;
import static dev.tinytitan.codegen.x86.Gpr.RSI;
import static dev.tinytitan.codegen.x86.Instruction.VPBROADCASTD;
import static dev.tinytitan.codegen.x86.Instruction.VPBROADCASTQ;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.chain.ProductTiling.Blocks;
import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.ProductArithmetic;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Instruction;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Writes the code of a {@link ProductLayer}: blocks of filters, rows, columns, and inside a tile of
 * some places by some vectors of filters, whose sums stay in registers while the window's bytes are
 * walked through. Short walks are written out; long ones are loops.
 */
final class ProductGenerator {
  /** Instructions in the body of a loop, at most about: they fit into the micro-op cache. */
  private static final int BODY = 1000;

  /**
   * From so many places on, how a layer is cut into blocks, and the order in which a sum is added
   * up, do not depend on the number of places: pieces of a layer then give the same floats.
   */
  static final int ENOUGH_PLACES = 32;

  /** Independent sums that keep the multipliers busy. */
  private static final int ENOUGH_SUMS = 10;

  private static final Gpr IN = RSI;
  private static final Gpr OUT = RDI;
  private static final Gpr WEIGHTS = RBX;
  private static final Gpr WALK_IN = R8;
  private static final Gpr WALK_WEIGHTS = R9;
  private static final Gpr BLOCK_OFFSET = R10;
  private static final Gpr BLOCK_COUNT = R11;
  private static final Gpr ROW_COUNT = R12;
  private static final Gpr COLUMN_COUNT = R13;
  private static final Gpr RUN_COUNT = RCX;
  private static final Gpr CHUNK_COUNT = RDX;

  private final VectorCode code;
  private final X86Assembler assembler;
  private final ProductLayer layer;
  private final Places places;
  private final Isa isa;
  private final ProductArithmetic arithmetic;
  private final ProductTiling tiling;
  private final List<ProductLayer.Run> runs;
  private final int steps;

  /** Bytes that one step reads of each place, and what broadcasts them. */
  private final int stepBytes;

  private final Instruction broadcast;

  ProductGenerator(VectorCode code, ProductLayer layer) {
    this.code = code;
    this.assembler = code.assembler();
    this.layer = layer;
    this.places = layer.places();
    this.isa = code.isa();
    this.arithmetic = layer.arithmetic(code);
    this.tiling = ProductTiling.of(layer, isa, arithmetic);
    this.runs = tiling.runs();
    this.steps = tiling.steps();
    this.stepBytes = 4 * tiling.parts();
    this.broadcast = tiling.parts() == 1 ? VPBROADCASTD : VPBROADCASTQ;
  }

  void emit() {
    layer.requireWithin(tiling.parts());
    for (Blocks blocks : tiling.blocks()) {
      emitBlocks(blocks);
    }
  }

  // Blocks of filters.

  private void emitBlocks(Blocks blocks) {
    FilterLayout layout = blocks.layout();
    ProductOutput output = layer.output(code, layout, blocks.filters());
    int elementBytes = output.elementBytes();
    output.prepare();
    assembler.lea(WEIGHTS, Mem.at(constants(blocks)));
    if (blocks.count() > 1) {
      assembler.mov(BLOCK_OFFSET, (long) blocks.first() * elementBytes);
    }
    for (var _ : code.loop(BLOCK_COUNT, blocks.count())) {
      assembler.lea(IN, Mem.at(Layer.MEMORY, places.inputStart()));
      int start = places.outputStart();
      if (blocks.count() > 1) {
        assembler.lea(OUT, Mem.at(Layer.MEMORY, start).plus(BLOCK_OFFSET, 1));
      } else {
        assembler.lea(OUT, Mem.at(Layer.MEMORY, start + blocks.first() * elementBytes));
      }
      emitPlaces(blocks, output);
      if (blocks.count() > 1) {
        assembler.add(WEIGHTS, blockBytes(layout));
        assembler.add(BLOCK_OFFSET, layout.filters() * elementBytes);
      }
    }
  }

  private int blockBytes(FilterLayout layout) {
    int constants = layout.vectors() + (layer.constants() - 1) * layout.outputs();
    return layout.vectors() * steps * arithmetic.weightBytes() + constants * code.vectorBytes();
  }

  /** Weights and further constants of each block. */
  private Label constants(Blocks blocks) {
    FilterLayout layout = blocks.layout();
    ByteBuffer buffer =
        ByteBuffer.allocate(blocks.count() * blockBytes(layout)).order(ByteOrder.LITTLE_ENDIAN);
    for (int block = 0; block < blocks.count(); block++) {
      int first = blocks.first() + block * layout.filters();
      buffer.put(layer.pack(layout, first));
      for (int vector = 0; vector < layout.vectors(); vector++) {
        for (int element = 0; element < code.dwords(); element++) {
          // The first part of a sum starts with what the filter starts with, others at 0.
          int filter = first + layout.filterOfSum(vector, element);
          boolean starts = layout.partOf(element) == 0 && filter < layer.filters();
          buffer.putInt(starts ? layer.constant(0, filter) : 0);
        }
      }
      for (int kind = 1; kind < layer.constants(); kind++) {
        for (int vector = 0; vector < layout.outputs(); vector++) {
          for (int element = 0; element < code.dwords(); element++) {
            int filter = first + layout.filterOfOutput(vector, element);
            buffer.putInt(filter < layer.filters() ? layer.constant(kind, filter) : 0);
          }
        }
      }
    }
    return assembler.constants().bytes(buffer.array());
  }

  // Places.

  private void emitPlaces(Blocks blocks, ProductOutput output) {
    int most = tiling.mostPlaces(blocks.layout().vectors());
    int tileColumns;
    int tileRows;
    if (places.columns() >= most) {
      tileRows = 1;
      tileColumns = Math.ceilDiv(places.columns(), Math.ceilDiv(places.columns(), most));
    } else {
      tileColumns = places.columns();
      int rows = Math.min(places.rows(), most / tileColumns);
      tileRows = Math.ceilDiv(places.rows(), Math.ceilDiv(places.rows(), rows));
    }
    for (var _ : code.loop(ROW_COUNT, places.rows() / tileRows)) {
      emitRows(blocks, output, tileRows, tileColumns);
    }
    if (places.rows() % tileRows > 0) {
      emitRows(blocks, output, places.rows() % tileRows, tileColumns);
    }
  }

  private void emitRows(Blocks blocks, ProductOutput output, int tileRows, int tileColumns) {
    int whole = places.columns() / tileColumns;
    int rest = places.columns() % tileColumns;
    for (var _ : code.loop(COLUMN_COUNT, whole)) {
      emitTile(blocks, output, tileRows, tileColumns);
      code.advance(IN, tileColumns * places.inputColumn());
      code.advance(OUT, tileColumns * places.outputColumn());
    }
    if (rest > 0) {
      emitTile(blocks, output, tileRows, rest);
    }
    code.advance(IN, tileRows * places.inputRow() - whole * tileColumns * places.inputColumn());
    code.advance(OUT, tileRows * places.outputRow() - whole * tileColumns * places.outputColumn());
  }

  // One tile.

  private final class Tile {
    final int vectors;
    final int count;
    final int[] inOffsets;
    final int[] outOffsets;
    final int splits;
    final int weightRegisters;
    final int inputRegisters;

    Tile(int vectors, int rows, int columns) {
      this.vectors = vectors;
      this.count = rows * columns;
      this.inOffsets = new int[count];
      this.outOffsets = new int[count];
      for (int i = 0; i < count; i++) {
        inOffsets[i] = i / columns * places.inputRow() + i % columns * places.inputColumn();
        outOffsets[i] = i / columns * places.outputRow() + i % columns * places.outputColumn();
      }
      int sums = count * vectors;
      int forInput = tiling.inputRegisters();
      int fullTile = tiling.fullTile(vectors);
      boolean held = arithmetic.isSingle() && count > 1;
      // Floats are added up in the same order at all places, whatever tile these are in.
      int counted = arithmetic.isExact() ? sums : fullTile * vectors;
      boolean reserved = arithmetic.isExact() ? held : fullTile > 1;
      int free = isa.vectorRegisters() - forInput - (reserved ? vectors : 0);
      int wanted = Math.min(Math.ceilDiv(ENOUGH_SUMS, counted), free / counted);
      this.splits = Math.max(1, Math.min(wanted, steps / 4));
      this.weightRegisters = splits * sums;
      this.inputRegisters = weightRegisters + (held ? vectors : 0);
    }

    boolean holdsWeights() {
      return inputRegisters > weightRegisters;
    }

    int sum(int split, int place, int vector) {
      return (split * count + place) * vectors + vector;
    }

    int instructionsPerStep() {
      int each = arithmetic.isSingle() ? 1 : 4;
      return count * (vectors * each + 1) + (holdsWeights() ? vectors : 0);
    }
  }

  private void emitTile(Blocks blocks, ProductOutput output, int rows, int columns) {
    Tile tile = new Tile(blocks.layout().vectors(), rows, columns);
    int biases = steps * tile.vectors * arithmetic.weightBytes();
    for (int split = 0; split < tile.splits; split++) {
      for (int place = 0; place < tile.count; place++) {
        for (int vector = 0; vector < tile.vectors; vector++) {
          int sum = tile.sum(split, place, vector);
          if (split > 0) {
            code.clear(sum);
          } else {
            code.load(sum, Mem.at(WEIGHTS, biases + vector * code.vectorBytes()));
          }
        }
      }
    }
    if (steps * tile.instructionsPerStep() <= BODY) {
      emitAllSteps(tile);
    } else {
      emitWalk(tile);
    }
    for (int split = 1; split < tile.splits; split++) {
      for (int i = 0; i < tile.count * tile.vectors; i++) {
        code.op(arithmetic.sum(), i, i, split * tile.count * tile.vectors + i);
      }
    }
    SumPairs pairs = new SumPairs(code, blocks.layout(), arithmetic.sum());
    TileSums sums = pairs.emit(tile.count, tile.inputRegisters);
    Mem constants = Mem.at(WEIGHTS, biases + tile.vectors * code.vectorBytes());
    output.emit(sums, constants, OUT, tile.outOffsets, tile.inputRegisters);
  }

  private void emitAllSteps(Tile tile) {
    int step = 0;
    for (ProductLayer.Run run : runs) {
      for (int i = 0; i < run.steps(); i++) {
        emitStep(tile, step, IN, run.offset() + stepBytes * i, WEIGHTS, step);
        step++;
      }
    }
  }

  /** Walks through the runs: a loop over equal ones, and inside over pieces of a long one. */
  private void emitWalk(Tile tile) {
    int stepWeights = tile.vectors * arithmetic.weightBytes();
    assembler.mov(WALK_IN, IN);
    assembler.mov(WALK_WEIGHTS, WEIGHTS);
    int at = 0;
    for (int i = 0; i < runs.size(); ) {
      ProductLayer.Run run = runs.get(i);
      int equal = 1;
      int distance = i + 1 < runs.size() ? runs.get(i + 1).offset() - run.offset() : 0;
      while (i + equal < runs.size()
          && runs.get(i + equal).steps() == run.steps()
          && runs.get(i + equal).offset() == run.offset() + equal * distance) {
        equal++;
      }
      code.advance(WALK_IN, run.offset() - at);
      int next = equal > 1 ? distance : 0;
      for (var _ : code.loop(RUN_COUNT, equal)) {
        emitRun(tile, run.steps(), stepWeights, next);
      }
      at = run.offset() + equal * next;
      if (equal == 1) {
        at = run.offset();
      }
      i += equal;
    }
  }

  /** One run; afterwards the pointers are at the next one. */
  private void emitRun(Tile tile, int runSteps, int stepWeights, int distance) {
    int piece = Math.max(1, Math.min(runSteps, BODY / tile.instructionsPerStep()));
    // Pieces of about the same size; the rest at the end.
    piece = Math.ceilDiv(runSteps, Math.ceilDiv(runSteps, piece));
    int whole = runSteps / piece;
    int size = piece;
    int moved = whole > 1 ? whole * size : 0;
    for (var _ : code.loop(CHUNK_COUNT, whole)) {
      emitPiece(tile, 0, size);
      if (whole > 1) {
        code.advance(WALK_IN, stepBytes * size);
        code.advance(WALK_WEIGHTS, size * stepWeights);
      }
    }
    emitPiece(tile, whole * size - moved, runSteps - whole * size);
    code.advance(WALK_IN, distance - stepBytes * moved);
    code.advance(WALK_WEIGHTS, (runSteps - moved) * stepWeights);
  }

  private void emitPiece(Tile tile, int from, int count) {
    for (int i = 0; i < count; i++) {
      emitStep(tile, from + i, WALK_IN, stepBytes * (from + i), WALK_WEIGHTS, i);
    }
  }

  /**
   * Adds the products of one step of each place.
   *
   * @param step which weights, from where {@code weights} points
   * @param order by which sums and registers alternate
   */
  private void emitStep(Tile tile, int step, Gpr in, int offset, Gpr weights, int order) {
    int weightBytes = arithmetic.weightBytes();
    int split = order % tile.splits;
    int base = step * tile.vectors * weightBytes;
    if (tile.holdsWeights()) {
      for (int vector = 0; vector < tile.vectors; vector++) {
        code.load(tile.weightRegisters + vector, Mem.at(weights, base + vector * weightBytes));
      }
    }
    for (int place = 0; place < tile.count; place++) {
      int alternate = arithmetic.isSingle() ? (order * tile.count + place) % 2 : 0;
      int input = tile.inputRegisters + alternate;
      assembler.emit(broadcast, code.vector(input), Mem.at(in, tile.inOffsets[place] + offset));
      int spares = tile.inputRegisters + 1;
      arithmetic.prepare(input, spares);
      for (int vector = 0; vector < tile.vectors; vector++) {
        int sum = tile.sum(split, place, vector);
        if (tile.holdsWeights()) {
          arithmetic.add(sum, input, tile.weightRegisters + vector);
        } else {
          arithmetic.add(sum, input, spares, Mem.at(weights, base + vector * weightBytes));
        }
      }
    }
  }
}
