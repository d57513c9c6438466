package dev.tinytitan.codegen.attention;

import dev.tinytitan.codegen.memory.CallBlock;
import dev.tinytitan.codegen.memory.NativeMemory;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Work;
import dev.tinytitan.kernel.Workers;
import dev.tinytitan.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Attention by generated code, block of queries by block of queries and head by head. The code
 * reads and writes the Java arrays themselves, in critical calls of some microseconds. Parts are
 * ranges of blocks.
 */
final class AttentionKernel implements Kernel {
  private final AttentionCode code;
  private final Geometry geometry;
  private final PackedWeights owner;

  /**
   * What is computed.
   *
   * @param heads of each batch
   * @param vectors of queries in a block, at most
   * @param packed whether queries, keys and values are one input
   * @param maskStrides floats in the mask from one batch, head and key to the next; empty without
   * @param nanos estimated
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Geometry(
      int batches,
      int heads,
      int queries,
      int keys,
      int vectors,
      boolean packed,
      int[] maskStrides,
      double nanos) {

    /** The mask's place among the inputs. */
    int maskIndex() {
      return packed ? 1 : 3;
    }
  }

  AttentionKernel(AttentionCode code, Geometry geometry, PackedWeights owner) {
    this.code = code;
    this.geometry = geometry;
    this.owner = owner;
  }

  /** Blocks of queries of one head. */
  private int blocks() {
    return Math.ceilDiv(Math.ceilDiv(geometry.queries(), code.lanes()), geometry.vectors());
  }

  private int units() {
    return geometry.batches() * geometry.heads() * blocks();
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, geometry.nanos(), units());
  }

  @Override
  public Kernel bind(Workers workers) {
    return new Bound();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    bind(Workers.NONE).run(inputs, outputs, scratch, part, parts);
  }

  /** Arguments and memory of one part. */
  private record Place(NativeMemory end, CallBlock arguments) {}

  /** With the memory of one binding, which each part gets when it first runs. */
  private final class Bound implements Kernel {
    private @Nullable Place[] places = new Place[0];

    private long placeBytes() {
      return AttentionArguments.BYTES + code.memoryBytes(geometry.vectors(), geometry.keys());
    }

    /** Of the parts that have run. */
    @Override
    public synchronized long boundBytes() {
      return Arrays.stream(places).filter(Objects::nonNull).count() * placeBytes();
    }

    private synchronized Place place(int part, int parts) {
      if (places.length < parts) {
        places = Arrays.copyOf(places, parts);
      }
      Place place = places[part];
      if (place == null) {
        NativeMemory.Block block = NativeMemory.allocate(placeBytes());
        owner.closeAtEnd(block.end());
        CallBlock arguments = new CallBlock(block.segment());
        arguments.set(
            AttentionArguments.MEMORY, block.segment().address() + AttentionArguments.BYTES);
        arguments.set(AttentionArguments.KEYS, geometry.keys());
        place = new Place(block.end(), arguments);
        places[part] = place;
      }
      return place;
    }

    @Override
    public void run(
        @Nullable Tensor[] inputs,
        @Nullable Tensor[] outputs,
        Scratch scratch,
        int part,
        int parts) {
      Place place = place(part, parts);
      int from = Work.bound(units(), 1, part, parts);
      int to = Work.bound(units(), 1, part + 1, parts);
      boolean packed = geometry.packed();
      float[] q = array(inputs, 0);
      float[] k = packed ? q : array(inputs, 1);
      float[] v = packed ? q : array(inputs, 2);
      boolean masked = geometry.maskStrides().length > 0;
      CallBlock arguments = place.arguments();
      MemorySegment queries = arguments.segment(0, q);
      MemorySegment keys = arguments.segment(1, k);
      MemorySegment values = arguments.segment(2, v);
      MemorySegment mask =
          arguments.segment(3, masked ? array(inputs, geometry.maskIndex()) : null);
      MemorySegment results = arguments.segment(4, array(outputs, 0));
      try {
        for (int unit = from; unit < to; unit++) {
          int vectors = prepare(arguments, unit);
          code.scores(vectors).callCritical(arguments.address(), queries, keys, mask);
          code.values(vectors)
              .callCritical(arguments.address(), values, results, MemorySegment.NULL);
        }
      } finally {
        Reference.reachabilityFence(place.end());
        Reference.reachabilityFence(code);
      }
    }

    /** Sets the arguments of one block; returns how many vectors of queries it has. */
    private int prepare(CallBlock arguments, int unit) {
      AttentionShape shape = code.shape();
      int blocks = blocks();
      int block = unit % blocks;
      int head = unit / blocks % geometry.heads();
      int batch = unit / blocks / geometry.heads();
      int lanes = code.lanes();
      int allVectors = Math.ceilDiv(geometry.queries(), lanes);
      int firstVector = allVectors * block / blocks;
      int vectors = allVectors * (block + 1) / blocks - firstVector;
      int first = firstVector * lanes;
      int width = geometry.heads() * shape.headSize();
      long query = (long) batch * geometry.queries() + first;
      long key = (long) batch * geometry.keys();
      int keyStart = head * shape.headSize() + (geometry.packed() ? width : 0);
      int valueStart = head * shape.valueSize() + (geometry.packed() ? 2 * width : 0);
      set(
          arguments,
          AttentionArguments.QUERY,
          query * shape.queryStride() + (long) head * shape.headSize());
      set(arguments, AttentionArguments.KEY, key * shape.keyStride() + keyStart);
      set(arguments, AttentionArguments.VALUE, key * shape.valueStride() + valueStart);
      set(
          arguments,
          AttentionArguments.OUTPUT,
          query * shape.outputStride() + (long) head * shape.valueSize());
      arguments.set(
          AttentionArguments.QUERIES, Math.min(vectors * lanes, geometry.queries() - first));
      int[] strides = geometry.maskStrides();
      if (strides.length > 0) {
        set(
            arguments,
            AttentionArguments.MASK,
            (long) batch * strides[0] + (long) head * strides[1]);
        set(arguments, AttentionArguments.MASK_STEP, strides[2]);
      }
      return vectors;
    }

    private static void set(CallBlock arguments, int argument, long floats) {
      arguments.set(argument, Float.BYTES * floats);
    }
  }

  private static float[] array(@Nullable Tensor[] tensors, int index) {
    return Objects.requireNonNull(tensors[index]).floatArray();
  }
}
