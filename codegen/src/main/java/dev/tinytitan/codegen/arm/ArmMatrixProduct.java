package dev.tinytitan.codegen.arm;

import static dev.tinytitan.codegen.arm.ArmInstruction.ADD_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.EOR_16B;
import static dev.tinytitan.codegen.arm.ArmInstruction.SDOT_ELEMENT;
import static dev.tinytitan.codegen.arm.ArmInstruction.SMMLA_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.USMMLA_4S;
import static dev.tinytitan.codegen.arm.ArmInstruction.ZIP1_2D;
import static dev.tinytitan.codegen.arm.ArmInstruction.ZIP2_2D;

import dev.tinytitan.codegen.arm.ArmAssembler.Size;
import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.code.Label;
import java.util.Arrays;

/**
 * Generates the product of 8-bit matrices for one shape, with requantization: {@code output[r][f] =
 * round((bias[f] + Σ activations[r][k] · weights[f][k]) · multiplier[f])}. Rows lie one behind the
 * other without gaps.
 *
 * <p>The function takes a block of five pointers: activations, {@link #pack packed weights}, bias
 * ({@link #padded}), multipliers (padded), output. With {@link ArmIsa#I8MM} it multiplies 2×8 by
 * 8×2 blocks, with {@link ArmIsa#DOTPROD} four filters by four bytes of a row. Nothing outside the
 * matrices is read or written. Immutable.
 *
 * @param isa {@code DOTPROD} or {@code I8MM}
 * @param rows the rows of activations and output, at least 1
 * @param depth the length of the sums, at least 1
 * @param filters the columns of the output, at least 1
 * @param signed whether activations are int8 rather than uint8
 * @param rounding the end of each sum
 */
public record ArmMatrixProduct(
    ArmIsa isa, int rows, int depth, int filters, boolean signed, ArmRounding rounding) {
  /** The name of the function in the code. */
  public static final String NAME = "matrix_product";

  private static final int TILE_ROWS = 4;
  private static final int TILE_FILTERS = 8;

  /** A step that moves pointers is an immediate of 24 bits. */
  private static final int MOST_BYTES = 1 << 23;

  private static final X ROW_TILE = X.X1;
  private static final X WEIGHTS = X.X2;
  private static final X BIAS = X.X3;
  private static final X MULTIPLIERS = X.X4;
  private static final X OUTPUT_TILE = X.X5;
  private static final X[] ROW = {X.X6, X.X7, X.X8, X.X9};
  private static final X WEIGHT = X.X10;
  private static final X STEPS = X.X11;
  private static final X ROW_TILES = X.X12;
  private static final X OUTPUT = X.X13;
  private static final X FILTER_TILES = X.X14;
  private static final X ACTIVATIONS = X.X15;
  private static final X COLUMN = X.X16;

  private static final V FLIP = V.free(19);
  private static final ArmRounding.Constants CONSTANTS =
      new ArmRounding.Constants(V.free(16), V.free(17), V.free(18));

  public ArmMatrixProduct {
    if (isa == ArmIsa.NEON) {
      throw new IllegalArgumentException("Products of bytes need DOTPROD or I8MM.");
    }
    if (rows < 1 || depth < 1 || filters < 1) {
      throw new IllegalArgumentException(
          "A product of " + rows + "×" + depth + " by " + depth + "×" + filters + " is empty.");
    }
    if ((long) rows * Math.max(depth, filters) >= MOST_BYTES
        || (long) (depth + 8) * (filters + 8) >= MOST_BYTES) {
      throw new IllegalArgumentException("A matrix of " + MOST_BYTES + " bytes is too large.");
    }
  }

  private static V sum(int i) {
    return V.free(i);
  }

  private static V activation(int i) {
    return V.free(8 + i);
  }

  private static V weight(int i) {
    return V.free(12 + i);
  }

  /** Bytes of a row that one step takes: a group for each filter. */
  private int group() {
    return isa == ArmIsa.I8MM ? 8 : 4;
  }

  /** Bytes of a row in one round of the inner loop: a load of each row. */
  private int round() {
    return isa == ArmIsa.I8MM ? 8 : 16;
  }

  /** Bytes of weights in one step. */
  private int stepBytes() {
    return TILE_FILTERS * group();
  }

  private int steps() {
    return (depth + group() - 1) / group();
  }

  /**
   * Weights as the function takes them: [filters/8][steps][8][group], zeros where there are none.
   *
   * @param weights {@code filters} rows of {@code depth}
   */
  public byte[] pack(byte[] weights) {
    int tiles = (filters + TILE_FILTERS - 1) / TILE_FILTERS;
    byte[] packed = new byte[tiles * steps() * stepBytes()];
    for (int filter = 0; filter < filters; filter++) {
      int tile = filter / TILE_FILTERS;
      for (int k = 0; k < depth; k++) {
        int step = tile * steps() + k / group();
        int place = (step * TILE_FILTERS + filter % TILE_FILTERS) * group() + k % group();
        packed[place] = weights[filter * depth + k];
      }
    }
    return packed;
  }

  /**
   * Biases as the function takes them. Where it flips the sign bit of unsigned activations, which
   * takes 128 off each, they make up for that.
   */
  public int[] padBias(int[] bias, byte[] weights) {
    int[] result = Arrays.copyOf(bias, padded());
    if (flips()) {
      for (int i = 0; i < filters * depth; i++) {
        result[i / depth] += 128 * weights[i];
      }
    }
    return result;
  }

  /** Filters with those that fill the last tile: so many biases and multipliers are read. */
  public int padded() {
    return (filters + TILE_FILTERS - 1) / TILE_FILTERS * TILE_FILTERS;
  }

  /** The dot product of {@code DOTPROD} knows equal signs only. */
  private boolean flips() {
    return isa == ArmIsa.DOTPROD && !signed;
  }

  /** Generates the function. */
  public Code code() {
    ArmAssembler a = new ArmAssembler(isa);
    a.symbol(NAME);
    a.load(ACTIVATIONS, X.X0, 0);
    a.load(WEIGHTS, X.X0, 8);
    a.load(BIAS, X.X0, 16);
    a.load(MULTIPLIERS, X.X0, 24);
    a.load(COLUMN, X.X0, 32);
    rounding.load(a, CONSTANTS);
    if (flips()) {
      byte[] signs = new byte[16];
      Arrays.fill(signs, (byte) 0x80);
      a.loadConstant(FLIP, a.constants().bytes(signs));
    }
    int whole = filters / TILE_FILTERS;
    if (whole > 0) {
      a.mov(FILTER_TILES, whole);
      Label tile = a.here();
      allRows(a, TILE_FILTERS);
      a.add(COLUMN, COLUMN, TILE_FILTERS);
      a.add(WEIGHTS, WEIGHTS, steps() * stepBytes());
      a.add(BIAS, BIAS, 4 * TILE_FILTERS);
      a.add(MULTIPLIERS, MULTIPLIERS, 4 * TILE_FILTERS);
      a.subs(FILTER_TILES, 1);
      a.branchIfNotZero(tile);
    }
    if (filters % TILE_FILTERS != 0) {
      allRows(a, filters % TILE_FILTERS);
    }
    a.ret();
    return a.finish();
  }

  private void allRows(ArmAssembler a, int tileFilters) {
    a.mov(ROW_TILE, ACTIVATIONS);
    a.mov(OUTPUT_TILE, COLUMN);
    if (rows >= TILE_ROWS) {
      a.mov(ROW_TILES, rows / TILE_ROWS);
      Label tile = a.here();
      tile(a, TILE_ROWS, tileFilters);
      a.add(ROW_TILE, ROW_TILE, TILE_ROWS * depth);
      a.add(OUTPUT_TILE, OUTPUT_TILE, TILE_ROWS * filters);
      a.subs(ROW_TILES, 1);
      a.branchIfNotZero(tile);
    }
    if (rows % TILE_ROWS != 0) {
      tile(a, rows % TILE_ROWS, tileFilters);
    }
  }

  private void tile(ArmAssembler a, int tileRows, int tileFilters) {
    for (int i = 0; i < TILE_ROWS * 2; i++) {
      a.clear(sum(i));
    }
    for (int row = 0; row < tileRows; row++) {
      a.add(ROW[row], ROW_TILE, row * depth);
    }
    a.mov(WEIGHT, WEIGHTS);
    int rounds = depth / round();
    if (rounds > 0) {
      a.mov(STEPS, rounds);
      Label loop = a.here();
      loadRound(a, tileRows);
      for (int step = 0; step < round() / group(); step++) {
        multiply(a, tileRows, step);
      }
      a.subs(STEPS, 1);
      a.branchIfNotZero(loop);
    }
    int left = depth % round();
    if (left > 0) {
      loadBytes(a, tileRows, left);
      for (int step = 0; step * group() < left; step++) {
        multiply(a, tileRows, step);
      }
    }
    finish(a, tileRows, tileFilters);
  }

  /** With I8MM a register holds eight bytes of two rows, else sixteen of one. */
  private void loadRound(ArmAssembler a, int tileRows) {
    for (int row = 0; row < tileRows; row++) {
      if (isa == ArmIsa.DOTPROD) {
        a.loadAndStep(Size.Q, activation(row), ROW[row], 16);
      } else if (row % 2 == 0) {
        a.loadAndStep(Size.D, activation(row / 2), ROW[row], 8);
      } else {
        a.loadUpperHalf(activation(row / 2), ROW[row]);
        a.add(ROW[row], ROW[row], 8);
      }
    }
    flip(a, tileRows);
  }

  /** The last bytes of each row, one by one: what lies behind is not ours to read. */
  private void loadBytes(ArmAssembler a, int tileRows, int count) {
    for (int row = 0; row < tileRows; row++) {
      boolean upper = isa == ArmIsa.I8MM && row % 2 == 1;
      V register = activation(isa == ArmIsa.I8MM ? row / 2 : row);
      if (!upper) {
        a.clear(register);
      }
      for (int i = 0; i < count; i++) {
        a.loadByteAndStep(register, upper ? 8 + i : i, ROW[row]);
      }
    }
    flip(a, tileRows);
  }

  private void flip(ArmAssembler a, int tileRows) {
    if (flips()) {
      for (int row = 0; row < tileRows; row++) {
        a.emit(EOR_16B, activation(row), activation(row), FLIP);
      }
    }
  }

  private void multiply(ArmAssembler a, int tileRows, int step) {
    int vectors = stepBytes() / 16;
    for (int i = 0; i < vectors; i++) {
      a.loadAndStep(Size.Q, weight(i), WEIGHT, 16);
    }
    if (isa == ArmIsa.DOTPROD) {
      for (int row = 0; row < tileRows; row++) {
        for (int i = 0; i < vectors; i++) {
          a.emit(SDOT_ELEMENT, sum(2 * row + i), weight(i), activation(row), step);
        }
      }
      return;
    }
    for (int pair = 0; pair < (tileRows + 1) / 2; pair++) {
      for (int i = 0; i < vectors; i++) {
        a.emit(signed ? SMMLA_4S : USMMLA_4S, sum(4 * pair + i), activation(pair), weight(i));
      }
    }
  }

  private void finish(ArmAssembler a, int tileRows, int tileFilters) {
    V[] bias = {V.free(20), V.free(21)};
    V[] multiplier = {V.free(22), V.free(23)};
    for (int i = 0; i < 2; i++) {
      a.load(Size.Q, bias[i], BIAS, 16 * i);
      a.load(Size.Q, multiplier[i], MULTIPLIERS, 16 * i);
    }
    for (int row = 0; row < tileRows; row++) {
      V[] sums = new V[2];
      for (int i = 0; i < 2; i++) {
        if (isa == ArmIsa.DOTPROD) {
          sums[i] = sum(2 * row + i);
        } else {
          // Blocks are [row][filter] of a pair each: two of them make four filters of one row.
          sums[i] = activation(i);
          int block = row / 2 * 4 + 2 * i;
          a.emit(row % 2 == 0 ? ZIP1_2D : ZIP2_2D, sums[i], sum(block), sum(block + 1));
        }
        a.emit(ADD_4S, sums[i], sums[i], bias[i]);
        ArmRounding.scale(a, sums[i], multiplier[i]);
        ArmRounding.round(a, sums[i], CONSTANTS);
      }
      ArmRounding.narrow(a, sums[0], sums[1]);
      a.add(OUTPUT, OUTPUT_TILE, row * filters);
      ArmRounding.store(a, sums[0], OUTPUT, tileFilters);
    }
  }
}
