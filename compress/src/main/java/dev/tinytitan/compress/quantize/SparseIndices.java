package dev.tinytitan.compress.quantize;

import dev.tinytitan.compress.internal.GraphDraft;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.ConstantOfShape;
import dev.tinytitan.op.CumSum;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.ScatterElements;
import dev.tinytitan.op.ScatterReduction;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.zip.Deflater;

/**
 * Indices into a codebook of which most are one and the same, that of 0 in pruned weights: only the
 * others are stored, each with its distance from the one before it (relative indices, Han et al.
 * 2016, Deep Compression). Distances and indices are two streams of bytes of their own, whose
 * Huffman codes come within a few percent of what they tell; runs of a dense matrix take a fifth
 * more. Standard operators undo it when a model is loaded: CumSum of the distances gives places,
 * Gather from the codebook values, ScatterElements the weights.
 *
 * @param distances uint8; an element further away than that is reached by way of elements in
 *     between that have the common value
 * @param indices one for each distance: uint2, uint4 or uint8
 * @param codebook float32
 * @param common the value of all other weights, one element
 */
record SparseIndices(Tensor distances, Tensor indices, Tensor codebook, Tensor common) {
  private static final int MOST_DISTANCE = 255;

  /** The same graph with indices stored in this way wherever that takes fewer bytes. */
  static Graph store(Graph graph) {
    GraphDraft draft = new GraphDraft(graph);
    for (Node node : graph.nodes()) {
      Optional<Tensor> dense = indices(graph, node);
      Optional<SparseIndices> sparse =
          dense.flatMap(tensor -> of(tensor, graph.constant(node.input(0)).orElseThrow()));
      if (sparse.isPresent()) {
        sparse.get().write(draft, node, dense.get().shape());
      } else {
        draft.add(node);
      }
    }
    return draft.build();
  }

  /** The indices that a node looks up in a constant codebook, if it does. */
  private static Optional<Tensor> indices(Graph graph, Node node) {
    boolean looksUp =
        node.operator() instanceof Gather gather
            && gather.axis() == 0
            && graph.constant(node.input(0)).filter(SparseIndices::isCodebook).isPresent();
    return looksUp
        ? graph
            .producer(node.input(1))
            .filter(widen -> widen.operator() instanceof Cast)
            .flatMap(widen -> graph.constant(widen.input(0)))
        : Optional.empty();
  }

  private static boolean isCodebook(Tensor tensor) {
    return tensor.dtype() == DType.FLOAT32 && tensor.shape().rank() == 1;
  }

  /** Sparse indices; empty where dense ones take fewer bytes, in a file or deflated. */
  private static Optional<SparseIndices> of(Tensor dense, Tensor codebook) {
    int[] counts = new int[codebook.size()];
    for (int i = 0; i < dense.size(); i++) {
      counts[dense.getInt(i)]++;
    }
    int common = 0;
    for (int i = 1; i < counts.length; i++) {
      common = counts[i] > counts[common] ? i : common;
    }
    if (dense.size() == 0 || counts[common] == dense.size()) {
      return Optional.empty();
    }
    SparseIndices sparse = of(dense, codebook, common);
    long bytes = sparse.distances.byteSize() + sparse.indices.byteSize();
    return bytes < dense.byteSize()
            && deflated(sparse.distances) + deflated(sparse.indices) < deflated(dense)
        ? Optional.of(sparse)
        : Optional.empty();
  }

  private static SparseIndices of(Tensor dense, Tensor codebook, int common) {
    ByteArrayOutputStream distances = new ByteArrayOutputStream();
    ByteArrayOutputStream indices = new ByteArrayOutputStream();
    int rest = codebook.size() - 1;
    boolean steps = false;
    int last = 0;
    for (int place = 0; place < dense.size(); place++) {
      int index = dense.getInt(place);
      if (index == common) {
        continue;
      }
      for (; place - last > MOST_DISTANCE; last += MOST_DISTANCE) {
        distances.write(MOST_DISTANCE);
        indices.write(rest);
        steps = true;
      }
      distances.write(place - last);
      // The common value leaves the codebook, or becomes its last.
      indices.write(index < common ? index : index - 1);
      last = place;
    }
    float[] values = new float[rest + (steps ? 1 : 0)];
    for (int i = 0; i < rest; i++) {
      values[i] = codebook.getFloat(i < common ? i : i + 1);
    }
    Tensor value = Tensor.of(new float[] {codebook.getFloat(common)});
    if (steps) {
      values[rest] = value.getFloat(0);
    }
    byte[] bytes = indices.toByteArray();
    int[] levels = new int[bytes.length];
    Arrays.setAll(levels, i -> Byte.toUnsignedInt(bytes[i]));
    return new SparseIndices(
        Tensor.ofUnsigned(distances.toByteArray(), bytes.length),
        StoredWeights.pack(levels, Clustered.dtype(values.length), Shape.of(bytes.length)),
        Tensor.of(values),
        value);
  }

  private static int deflated(Tensor tensor) {
    byte[] bytes = new byte[(int) tensor.byteSize()];
    tensor.rawBytes().get(bytes);
    return Math.min(
        deflated(bytes, Deflater.DEFAULT_STRATEGY), deflated(bytes, Deflater.HUFFMAN_ONLY));
  }

  private static int deflated(byte[] bytes, int strategy) {
    try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
      deflater.setStrategy(strategy);
      deflater.setInput(bytes);
      deflater.finish();
      byte[] buffer = new byte[1 << 16];
      int size = 0;
      while (!deflater.finished()) {
        size += deflater.deflate(buffer);
      }
      return size;
    }
  }

  /** Adds the nodes that give what the lookup gave. */
  private void write(GraphDraft draft, Node lookup, Shape shape) {
    String name = lookup.output();
    String places =
        draft.add(
            new CumSum(false, false),
            List.of(
                widened(draft, draft.constant(name + "_distances", distances)),
                draft.constant(name + "_axis", Tensor.scalar(0L))),
            name + "_places");
    String values =
        draft.add(
            new Gather(0),
            List.of(
                draft.constant(name + "_codebook", codebook),
                widened(draft, draft.constant(name + "_indices", indices))),
            name + "_values");
    String size = draft.constant(name + "_size", Tensor.of(new long[] {shape.size()}));
    String filled = draft.add(new ConstantOfShape(common), List.of(size), name + "_common");
    String flat =
        draft.add(
            new ScatterElements(0, ScatterReduction.NONE),
            List.of(filled, places, values),
            name + "_flat");
    String whole = draft.constant(name + "_shape", Tensor.of(shape.toLongArray()));
    draft.give(name, new Reshape(false), List.of(flat, whole), lookup.name());
  }

  private static String widened(GraphDraft draft, String integers) {
    return draft.add(new Cast(DType.INT32), List.of(integers), integers + "_wide");
  }
}
