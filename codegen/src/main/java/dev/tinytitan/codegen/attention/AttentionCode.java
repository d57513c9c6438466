package dev.tinytitan.codegen.attention;

import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.memory.ExecutableMemory;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.codegen.memory.NativeMemory;
import dev.tinytitan.codegen.x86.X86Assembler;
import dev.tinytitan.kernel.PackedWeights;

/**
 * The compiled functions of an attention, for blocks of each number of vectors of queries; for any
 * number of queries and keys. Immutable; safe for many threads until the session ends.
 */
final class AttentionCode {
  private final AttentionShape shape;
  private final Isa isa;
  private final NativeFunction[] scores;
  private final NativeFunction[] values;

  /** Referred to as long as this is: the code ends when nobody does any more. */
  private final NativeMemory end;

  /**
   * Compiles.
   *
   * @param owner ends it with the session
   */
  AttentionCode(Target target, AttentionShape shape, PackedWeights owner) {
    this.shape = shape;
    this.isa = target.isa();
    X86Assembler assembler = new X86Assembler(target);
    VectorCode code = new VectorCode(assembler);
    int most = mostVectors();
    for (int vectors = 1; vectors <= most; vectors++) {
      AttentionGenerator generator = new AttentionGenerator(code, shape, vectors);
      generator.emitScores();
      generator.emitValues();
    }
    ExecutableMemory memory = ExecutableMemory.of(assembler.finish());
    this.end = NativeMemory.of(memory::close);
    this.scores = new NativeFunction[most];
    this.values = new NativeFunction[most];
    for (int vectors = 1; vectors <= most; vectors++) {
      scores[vectors - 1] = memory.function(AttentionGenerator.scores(vectors));
      values[vectors - 1] = memory.function(AttentionGenerator.values(vectors));
    }
    owner.closeAtEnd(end);
  }

  AttentionShape shape() {
    return shape;
  }

  /** Queries in a vector. */
  int lanes() {
    return isa.vectorBits() / 32;
  }

  /** Vectors of queries in a block, at most. */
  int mostVectors() {
    return AttentionGenerator.mostVectors(isa);
  }

  /** Bytes of memory that a block of queries needs. */
  long memoryBytes(int vectors, int keys) {
    return AttentionGenerator.memoryBytes(isa, shape, vectors, keys);
  }

  /** The function of arguments, queries, keys and mask. */
  NativeFunction scores(int vectors) {
    return scores[vectors - 1];
  }

  /** The function of arguments, values and results. */
  NativeFunction values(int vectors) {
    return values[vectors - 1];
  }
}
