package dev.tinytitan.bench.encoder;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.data.text.WordPieceTokenizer;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.ReduceL2;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.op.Unsqueeze;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.TrainingData;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Texts of one length for a sentence encoder, with what its teacher says of each token and of the
 * whole text: a student learns from both. The teacher is asked once.
 */
final class EncoderData {
  /** Tokens of a text, padded where there are fewer. */
  static final int LENGTH = 24;

  /** How much the direction of the whole text counts beside its tokens. */
  private static final float EMBEDDING_WEIGHT = 16;

  private static final int BATCH = 16;

  private EncoderData() {}

  /**
   * The encoder for texts of {@link #LENGTH} tokens, as it is trained: [batch, length + 1, width],
   * the vectors of tokens, those of padding 0, and behind them the text's embedding as a unit
   * vector, times a weight.
   */
  static Model trainable(Model encoder) {
    Graph graph = encoder.graph();
    List<Value> inputs = new ArrayList<>();
    for (Value input : graph.inputs()) {
      TensorType type = input.tensorType();
      List<Dim> dims = new ArrayList<>(type.knownDims());
      dims.set(1, Dim.of(LENGTH));
      inputs.add(Value.of(input.name(), type.withDims(dims)));
    }
    String tokens = graph.outputs().getFirst().name();
    Graph.Builder builder =
        Graph.builder(graph.name())
            .inputs(inputs)
            .initializers(graph.initializers())
            .nodes(graph.nodes())
            .initializer("head/two", Tensor.of(new long[] {2}, 1))
            .initializer("head/one", Tensor.of(new long[] {1}, 1))
            .initializer("head/weight", Tensor.scalar(EMBEDDING_WEIGHT))
            .node(
                new Cast(DType.FLOAT32, true, "down"), List.of("attention_mask"), "head/mask_float")
            .node(new Unsqueeze(), List.of("head/mask_float", "head/two"), "head/mask")
            .node(new Mul(), List.of(tokens, "head/mask"), "head/tokens")
            .node(new ReduceSum(true, false), List.of("head/tokens", "head/one"), "head/sum")
            .node(new ReduceL2(true, false), List.of("head/sum", "head/two"), "head/norm")
            .node(new Div(), List.of("head/sum", "head/norm"), "head/unit")
            .node(new Mul(), List.of("head/unit", "head/weight"), "head/embedding")
            .node(new Concat(1), List.of("head/tokens", "head/embedding"), "head/all")
            .output("head/all", null);
    return Model.of(builder.build(), encoder.info());
  }

  /** The encoder with the parameters that its trainable form has learned. */
  static Model learned(Model encoder, Model trained) {
    Map<String, Tensor> parameters = new LinkedHashMap<>(encoder.graph().initializers());
    parameters.replaceAll(
        (name, tensor) -> trained.graph().initializers().getOrDefault(name, tensor));
    Graph.Builder builder =
        Graph.builder(encoder.graph().name())
            .inputs(encoder.graph().inputs())
            .initializers(parameters)
            .nodes(encoder.graph().nodes())
            .outputs(encoder.graph().outputs())
            .annotations(encoder.graph().annotations().values());
    return Model.of(builder.build(), encoder.info());
  }

  /** Texts with the teacher's answers. */
  static TrainingData answered(Model teacher, WordPieceTokenizer tokenizer, List<String> texts) {
    Model asked = trainable(teacher);
    int size = texts.size() / BATCH * BATCH;
    float[] samples = new float[size * 3 * LENGTH];
    float[] targets = new float[0];
    try (Session session = asked.open(SessionOptions.defaults())) {
      for (int from = 0; from < size; from += BATCH) {
        Map<String, Tensor> inputs =
            tokenizer.encode(texts.subList(from, from + BATCH), LENGTH).tensors();
        for (int i = 0; i < BATCH; i++) {
          int at = (from + i) * 3 * LENGTH;
          for (Value input : asked.inputs()) {
            Tensor ids = Objects.requireNonNull(inputs.get(input.name()));
            for (int j = 0; j < LENGTH; j++) {
              samples[at++] = ids.getLong(i * LENGTH + j);
            }
          }
        }
        float[] answer = session.run(inputs).values().iterator().next().toFloatArray();
        if (targets.length == 0) {
          targets = new float[answer.length / BATCH * size];
        }
        System.arraycopy(answer, 0, targets, answer.length / BATCH * from, answer.length);
      }
    }
    return new TrainingData(size, samples, 3 * LENGTH, new int[0], targets);
  }
}
