package dev.tinytitan.codegen.chain;

import static dev.tinytitan.codegen.x86.Instruction.VALIGND;
import static dev.tinytitan.codegen.x86.Instruction.VFMADD231PS;
import static dev.tinytitan.codegen.x86.Instruction.VPADDD;
import static dev.tinytitan.codegen.x86.Instruction.VPBROADCASTD;
import static dev.tinytitan.codegen.x86.Instruction.VPDPBUSD;
import static dev.tinytitan.codegen.x86.Instruction.VPMADDWD;

import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.x86.Condition;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.Instruction;
import dev.tinytitan.codegen.x86.Mem;
import dev.tinytitan.codegen.x86.X86Assembler;
import dev.tinytitan.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Writes the code of a {@link SparseProductLayer}, from planes to planes: for blocks of filters,
 * and vectors of places, whose sums stay in registers. Few terms are written out one by one, with
 * each vector of input loaded once for all filters of the block; many are data that a loop goes
 * through, filter by filter.
 */
final class SparseGenerator {
  /** The binding's memory, further on by the places of earlier tiles. */
  private static final Gpr IN = Gpr.RSI;

  /** The same for results; in loops further on by the planes of earlier blocks, too. */
  private static final Gpr OUT = Gpr.RDI;

  private static final Gpr MASKS = Gpr.R10;

  /** Constants of a block: those of its filters, then weights or terms. */
  private static final Gpr CONSTANTS = Gpr.RBX;

  private static final Gpr TERM = Gpr.R8;

  /** Walk through inputs and weights where terms are written out. */
  private static final Gpr INPUTS = Gpr.R8;

  private static final Gpr WEIGHTS = Gpr.R9;
  private static final Gpr OFFSET = Gpr.RAX;
  private static final Gpr TERM_COUNT = Gpr.RCX;
  private static final Gpr TILE_COUNT = Gpr.R12;
  private static final Gpr BLOCK_COUNT = Gpr.R13;

  /** Bytes of a term in a loop's data: its offset and its weight. */
  private static final int TERM_BYTES = 8;

  private final VectorCode code;
  private final X86Assembler assembler;
  private final ProductLayer dense;
  private final SparseProductLayer layer;
  private final SparseForm form;
  private final SparseTiling tiling;
  private final PlaneOutput output;
  private final int vectors;
  private final int tiles;
  private final int inputRegister;
  private final int shiftedRegister;
  private final int weightRegister;
  private final boolean shifts;

  SparseGenerator(VectorCode code, SparseProductLayer layer) {
    this.code = code;
    this.assembler = code.assembler();
    this.layer = layer;
    this.form = layer.form();
    this.dense = form.dense();
    this.tiling = form.tiling();
    this.output = dense.planeOutput(code);
    this.vectors = tiling.vectors();
    this.tiles = layer.rows();
    this.inputRegister = tiling.filters() * vectors;
    this.shifts = form.grid().layout() == PlaneGrid.Columns.SHIFTED;
    this.shiftedRegister = inputRegister + (tiling.written() ? vectors : 1);
    this.weightRegister = shiftedRegister + (shifts ? vectors : 0);
  }

  void emit() {
    if (shifts) {
      code.load(outsideRegister(), code.bytes(dense.input().fill()));
    }
    if (tiling.written()) {
      for (int first = 0; first < dense.filters(); first += tiling.filters()) {
        emitBlock(first);
      }
    } else {
      emitLoop();
    }
  }

  /** Holds what is left and right of the input, where rows are shifted. */
  private int outsideRegister() {
    return weightRegister + 1;
  }

  private List<List<SparseTerms.Term>> block(int first) {
    List<List<SparseTerms.Term>> all = form.terms().filters();
    return all.subList(first, Math.min(all.size(), first + tiling.filters()));
  }

  /** Filters of a block, up to a whole number of planes. */
  private int filtersOf(List<List<SparseTerms.Term>> block) {
    int inPlane = output.filtersInPlane();
    return Math.ceilDiv(block.size(), inPlane) * inPlane;
  }

  /** What sums start with, and further constants of some filters, at the start of a block's. */
  private void putConstants(ByteBuffer buffer, int first, int filters) {
    for (int index = 0; index < dense.constants(); index++) {
      for (int filter = first; filter < first + filters; filter++) {
        buffer.putInt(filter < dense.filters() ? dense.constant(index, filter) : 0);
      }
    }
  }

  private int constantBytes(int filters) {
    return dense.constants() * filters * Integer.BYTES;
  }

  private void emitBiases(int filters) {
    for (int filter = 0; filter < filters; filter++) {
      int sum = filter * vectors;
      assembler.emit(VPBROADCASTD, code.vector(sum), Mem.at(CONSTANTS, 4 * filter));
      for (int vector = 1; vector < vectors; vector++) {
        code.copy(sum + vector, sum);
      }
    }
  }

  private void emitResults(int filters, PlaneSink sink, int firstPlane) {
    Mem factors = Mem.at(CONSTANTS, 4 * filters);
    output.emit(0, filters, vectors, factors, sink, firstPlane, weightRegister, inputRegister);
  }

  private int tileBytes() {
    return vectors * code.vectorBytes();
  }

  /** The binding's memory, further on by the places of tiles before the layer's first. */
  private Mem firstPlace() {
    return Mem.at(Layer.MEMORY, layer.firstTile() * tileBytes());
  }

  // Written out.

  private void emitBlock(int first) {
    List<List<SparseTerms.Term>> block = block(first);
    int filters = filtersOf(block);
    int count = block.stream().mapToInt(List::size).sum();
    ByteBuffer constants =
        ByteBuffer.allocate(constantBytes(filters) + count * Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    putConstants(constants, first, filters);
    List<Product> products = products(block);
    products.forEach(product -> constants.putInt(product.weight()));
    assembler.lea(CONSTANTS, Mem.at(assembler.constants().bytes(constants.array())));
    assembler.lea(IN, firstPlace());
    PlaneSink sink = new PlaneSink(code, layer.targets(), vectors, IN, MASKS);
    sink.start(layer.firstTile(), tiles);
    for (var _ : code.loop(TILE_COUNT, tiles)) {
      emitBiases(filters);
      emitProducts(products, constantBytes(filters));
      emitResults(filters, sink, first / output.filtersInPlane());
      if (tiles > 1) {
        code.advance(IN, tileBytes());
        sink.advance();
      }
    }
  }

  /**
   * A term of a filter of a block.
   *
   * @param offset of its input, from the first plane on
   * @param shift of places of the input, in registers
   */
  private record Product(int offset, int shift, int filter, int weight) {
    boolean readsAs(Product other) {
      return offset == other.offset;
    }

    boolean shiftsAs(Product other) {
      return readsAs(other) && shift == other.shift;
    }
  }

  /**
   * Terms by what they read, so that each input is loaded and shifted once; those that are as far
   * from a vector's boundary come together, since then their displacements take one byte.
   */
  private List<Product> products(List<List<SparseTerms.Term>> block) {
    List<Product> products = new ArrayList<>();
    for (int filter = 0; filter < block.size(); filter++) {
      for (SparseTerms.Term term : block.get(filter)) {
        int offset = layer.input() + term.offset(form.planeBytes());
        products.add(new Product(offset, term.shiftInRegister(), filter, term.weight()));
      }
    }
    int vector = code.vectorBytes();
    products.sort(
        Comparator.<Product>comparingInt(product -> product.offset() % vector)
            .thenComparingInt(Product::offset)
            .thenComparingInt(Product::shift)
            .thenComparingInt(Product::filter));
    return products;
  }

  private void emitProducts(List<Product> products, int weights) {
    NearPointer inputs = new NearPointer(code, INPUTS, IN, code.vectorBytes());
    NearPointer constants = new NearPointer(code, WEIGHTS, CONSTANTS, Integer.BYTES);
    for (int i = 0; i < products.size(); i++) {
      Product product = products.get(i);
      if (i == 0 || !product.readsAs(products.get(i - 1))) {
        for (int vector = 0; vector < vectors; vector++) {
          int offset = product.offset() + vector * code.vectorBytes();
          code.load(inputRegister + vector, inputs.at(offset));
        }
      }
      if (product.shift() != 0 && (i == 0 || !product.shiftsAs(products.get(i - 1)))) {
        emitShift(product.shift());
      }
      int input = product.shift() == 0 ? inputRegister : shiftedRegister;
      Mem weight = constants.at(weights + 4 * i);
      int sum = product.filter() * vectors;
      if (tiling.fused()) {
        code.op(instruction(), sum, input, weight.broadcasting());
        continue;
      }
      assembler.emit(VPBROADCASTD, code.vector(weightRegister), weight);
      for (int vector = 0; vector < vectors; vector++) {
        emitProduct(sum + vector, input + vector);
      }
    }
  }

  /** Moves rows by some places; what is outside of the input comes in at one end. */
  private void emitShift(int shift) {
    for (int vector = 0; vector < vectors; vector++) {
      int input = inputRegister + vector;
      int high = shift < 0 ? input : outsideRegister();
      int low = shift < 0 ? outsideRegister() : input;
      assembler.emit(
          VALIGND,
          code.vector(shiftedRegister + vector),
          code.vector(high),
          code.vector(low),
          Math.floorMod(shift, code.dwords()));
    }
  }

  private Instruction instruction() {
    return dense.input().dtype() == DType.FLOAT32 ? VFMADD231PS : VPDPBUSD;
  }

  private void emitProduct(int sum, int input) {
    if (form.terms().halves() == 1) {
      code.op(instruction(), sum, input, weightRegister);
    } else {
      int product = weightRegister + 1;
      code.op(VPMADDWD, product, input, weightRegister);
      code.op(VPADDD, sum, sum, product);
    }
  }

  // In a loop.

  /** All blocks, one after the other: constants, numbers of terms, terms. */
  private void emitLoop() {
    int filters = tiling.filters();
    int blocks = Math.ceilDiv(dense.filters(), filters);
    int blockConstants = constantBytes(filters) + filters * Integer.BYTES;
    int count = form.terms().filters().stream().mapToInt(List::size).sum();
    ByteBuffer data =
        ByteBuffer.allocate(blocks * blockConstants + count * TERM_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int first = 0; first < dense.filters(); first += filters) {
      putConstants(data, first, filters);
      List<List<SparseTerms.Term>> block = block(first);
      for (int filter = 0; filter < filters; filter++) {
        data.putInt(filter < block.size() ? block.get(filter).size() : 0);
      }
      for (List<SparseTerms.Term> terms : block) {
        for (SparseTerms.Term term : terms) {
          data.putInt(layer.input() + term.offset(form.planeBytes())).putInt(term.weight());
        }
      }
    }
    assembler.lea(CONSTANTS, Mem.at(assembler.constants().bytes(data.array())));
    assembler.lea(OUT, firstPlace());
    PlaneSink sink = new PlaneSink(code, layer.targets(), vectors, OUT, MASKS);
    sink.start(layer.firstTile(), tiles);
    for (var _ : code.loop(BLOCK_COUNT, blocks)) {
      assembler.lea(IN, firstPlace());
      for (var _ : code.loop(TILE_COUNT, tiles)) {
        assembler.lea(TERM, Mem.at(CONSTANTS, blockConstants));
        emitBiases(filters);
        for (int filter = 0; filter < filters; filter++) {
          emitTerms(filter);
        }
        emitResults(filters, sink, 0);
        code.advance(IN, tileBytes());
        code.advance(OUT, tileBytes());
        sink.advance();
      }
      int planesOfBlock = filters / output.filtersInPlane();
      code.advance(OUT, planesOfBlock * form.planeBytes() - tiles * tileBytes());
      sink.rewind(tiles);
      assembler.mov(CONSTANTS, TERM);
    }
  }

  /** The loop over one filter's terms; there may be none. */
  private void emitTerms(int filter) {
    Label end = assembler.label();
    assembler.mov32(TERM_COUNT, Mem.at(CONSTANTS, constantBytes(tiling.filters()) + 4 * filter));
    assembler.test(TERM_COUNT, TERM_COUNT);
    assembler.jump(Condition.E, end);
    assembler.align(16);
    Label start = assembler.here();
    assembler.mov32(OFFSET, Mem.at(TERM));
    assembler.emit(VPBROADCASTD, code.vector(weightRegister), Mem.at(TERM, 4));
    for (int vector = 0; vector < vectors; vector++) {
      code.load(inputRegister, Mem.at(IN, vector * code.vectorBytes()).plus(OFFSET, 1));
      emitProduct(filter * vectors + vector, inputRegister);
    }
    assembler.add(TERM, TERM_BYTES);
    assembler.dec(TERM_COUNT);
    assembler.jump(Condition.NE, start);
    assembler.bind(end);
  }
}
