package dev.tinytitan.codegen.x86;

/**
 * How much memory an instruction reads or writes, which is also the unit of EVEX's compressed
 * displacements (Intel SDM Vol. 2, 2.7.5, "tuple type"). Where the SDM's tables have one name for
 * several sizes, there is one constant for each size.
 */
enum Tuple {
  /** A whole vector, or one broadcast element of 4 bytes (8 with W1). */
  FULL,
  /** A whole vector. */
  FULL_MEM,
  /** Half a vector. */
  HALF_MEM,
  /** A quarter of a vector. */
  QUARTER_MEM,
  /** One byte. */
  SCALAR_1,
  /** Two bytes. */
  SCALAR_2,
  /** Four bytes. */
  SCALAR_4,
  /** Eight bytes; also two elements of 4 bytes. */
  SCALAR_8,
  /** 16 bytes. */
  BYTES_16,
  /** 32 bytes. */
  BYTES_32;

  /** The bytes of memory, with vectors of so many bits. */
  int bytes(int vectorBits) {
    return switch (this) {
      case FULL, FULL_MEM -> vectorBits / 8;
      case HALF_MEM -> vectorBits / 16;
      case QUARTER_MEM -> vectorBits / 32;
      case SCALAR_1 -> 1;
      case SCALAR_2 -> 2;
      case SCALAR_4 -> 4;
      case SCALAR_8 -> 8;
      case BYTES_16 -> 16;
      case BYTES_32 -> 32;
    };
  }

  /** The width of the register that can stand in place of memory. */
  int registerBits(int vectorBits) {
    return Math.max(128, 8 * bytes(vectorBits));
  }

  boolean isScalar() {
    return this == SCALAR_1 || this == SCALAR_2 || this == SCALAR_4 || this == SCALAR_8;
  }
}
