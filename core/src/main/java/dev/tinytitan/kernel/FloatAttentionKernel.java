package dev.tinytitan.kernel;

import dev.tinytitan.op.Activation;
import dev.tinytitan.op.FusedAttention;
import dev.tinytitan.op.Shapes;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot-product attention, head by head: keys and values of a head are packed, then blocks of
 * queries go through scores, softmax and the weighted sum of the values while they stay in the
 * cache.
 */
final class FloatAttentionKernel implements Kernel {
  /** Floats of scores that a block of queries makes: half of the L1 cache. */
  private static final int SCORES = 6144;

  private final VectorOperations operations;
  private final FusedAttention attention;
  private final int batches;
  private final int queries;
  private final int keys;
  private final int headSize;
  private final int valueSize;
  private final int queryStride;
  private final int keyStride;
  private final int valueStride;
  private final int block;
  private final int tileFloats;
  private final PanelLayout keyLayout;
  private final PanelLayout valueLayout;
  private final BlockedProduct scores;
  private final BlockedProduct sums;
  private final int[] maskStrides;

  FloatAttentionKernel(VectorOperations operations, KernelRequest request) {
    this.operations = operations;
    this.attention = request.operator(FusedAttention.class);
    boolean packed = attention.packed();
    int heads = attention.heads();
    Shape q = request.inputShape(0);
    Shape k = request.inputShape(packed ? 0 : 1);
    Shape v = request.inputShape(packed ? 0 : 2);
    this.batches = q.dim(0);
    this.queries = q.dim(1);
    this.keys = k.dim(1);
    this.queryStride = q.dim(2);
    this.keyStride = k.dim(2);
    this.valueStride = v.dim(2);
    this.headSize = queryStride / heads / (packed ? 3 : 1);
    this.valueSize = valueStride / heads / (packed ? 3 : 1);
    this.block =
        Math.min(
            queries,
            Math.max(1, SCORES / keys / BlockedProduct.ROW_MULTIPLE) * BlockedProduct.ROW_MULTIPLE);
    MatrixOperations matrices = operations.matrices();
    this.tileFloats = matrices.scratchFloats();
    this.keyLayout = matrices.layout(headSize, keys);
    this.valueLayout = matrices.layout(keys, valueSize);
    FloatEpilogue nothing = FloatEpilogue.of(operations.elements(), Activation.NONE);
    this.scores =
        new BlockedProduct(
            matrices,
            GatheredRows.of(queries, headSize, queryStride),
            keyLayout,
            new float[keyLayout.paddedColumns()],
            nothing);
    this.sums =
        new BlockedProduct(
            matrices,
            GatheredRows.of(block, keys, keys),
            valueLayout,
            new float[valueLayout.paddedColumns()],
            nothing);
    int mask = attention.maskIndex();
    this.maskStrides =
        request.hasInput(mask)
            ? Shapes.broadcastStrides(
                request.inputShape(mask), Shape.of(batches, heads, queries, keys))
            : new int[0];
  }

  /** Why the kernel cannot compute a node. */
  static Optional<String> refusal(KernelRequest request) {
    return request.outputShape(0).size() == 0
            || request.inputShape(0).size() == 0
            || request.inputShape(request.operator(FusedAttention.class).packed() ? 0 : 1).size()
                == 0
        ? Optional.of("nothing to compute")
        : Optional.empty();
  }

  private double nanos() {
    return Work.ofProducts(
        (double) batches * attention.heads() * queries * keys * (headSize + valueSize + 8));
  }

  @Override
  public int parts(int threads) {
    return Work.parts(threads, nanos(), batches * attention.heads());
  }

  @Override
  public int scratchFloats() {
    return tileFloats + keyLayout.size() + valueLayout.size() + block * keys;
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    int heads = attention.heads();
    int from = Work.bound(batches * heads, 1, part, parts);
    int to = Work.bound(batches * heads, 1, part + 1, parts);
    for (int i = from; i < to; i++) {
      attend(
          inputs, Objects.requireNonNull(outputs[0]).floatArray(), scratch, i / heads, i % heads);
    }
  }

  private void attend(@Nullable Tensor[] inputs, float[] y, Scratch scratch, int batch, int head) {
    boolean packed = attention.packed();
    int heads = attention.heads();
    float[] q = array(inputs, 0);
    float[] k = packed ? q : array(inputs, 1);
    float[] v = packed ? q : array(inputs, 2);
    int qFrom = batch * queries * queryStride + head * headSize;
    int kFrom = batch * keys * keyStride + head * headSize + (packed ? heads * headSize : 0);
    int vFrom = batch * keys * valueStride + head * valueSize + (packed ? 2 * heads * headSize : 0);
    float[] memory = scratch.floats();
    int packedKeys = tileFloats;
    int packedValues = packedKeys + keyLayout.size();
    int weights = packedValues + valueLayout.size();
    keyLayout.pack(k, kFrom, 1, keyStride, attention.scale(), memory, packedKeys);
    valueLayout.pack(v, vFrom, valueStride, 1, 1, memory, packedValues);
    int yStride = heads * valueSize;
    int yFrom = batch * queries * yStride + head * valueSize;
    for (int query = 0; query < queries; query += block) {
      int rows = Math.min(block, queries - query);
      scores.run(
          q,
          qFrom + query * queryStride,
          memory,
          packedKeys,
          memory,
          weights,
          keys,
          null,
          0,
          0,
          rows,
          0,
          keyLayout.panels(),
          scratch);
      for (int row = 0; row < rows; row++) {
        int at = weights + row * keys;
        if (maskStrides.length > 0) {
          addMask(inputs, memory, at, batch, head, query + row);
        }
        operations.rows().softmax(memory, at, memory, at, keys);
      }
      sums.run(
          memory,
          weights,
          memory,
          packedValues,
          y,
          yFrom + query * yStride,
          yStride,
          null,
          0,
          0,
          rows,
          0,
          valueLayout.panels(),
          scratch);
    }
  }

  private static float[] array(@Nullable Tensor[] inputs, int index) {
    return Objects.requireNonNull(inputs[index]).floatArray();
  }

  private void addMask(
      @Nullable Tensor[] inputs, float[] row, int at, int batch, int head, int query) {
    float[] mask = array(inputs, attention.maskIndex());
    int from = batch * maskStrides[0] + head * maskStrides[1] + query * maskStrides[2];
    if (maskStrides[3] == 0) {
      operations.elements().combineWithScalar(PairFunction.ADD, row, at, mask[from], row, at, keys);
    } else {
      operations.elements().combine(PairFunction.ADD, row, at, mask, from, row, at, keys);
    }
  }
}
