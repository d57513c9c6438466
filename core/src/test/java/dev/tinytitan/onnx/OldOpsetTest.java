package dev.tinytitan.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.onnx.OnnxProto.AttributeProto;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * Operators in forms of older opsets mean what they meant, and models with them are written back in
 * their opset.
 */
class OldOpsetTest {

  /** A model file of one node with inputs {@code x0, x1, …} and outputs {@code y0, …}. */
  private static byte[] file(
      int opset, String opType, Attributes attributes, int outputs, Tensor... inputs) {
    OnnxFiles file = OnnxFiles.opset(opset);
    List<String> given = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      given.add("x" + i);
      file.input(Value.of("x" + i, TensorType.of(inputs[i].dtype(), inputs[i].shape())));
    }
    List<String> results = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      results.add("y" + i);
      file.untypedOutput("y" + i);
    }
    AttributeProto[] protos =
        attributes.asMap().entrySet().stream()
            .map(entry -> AttributeProto.of(entry.getKey(), entry.getValue()))
            .toArray(AttributeProto[]::new);
    return file.node(OnnxFiles.node("node", opType, given, results, protos)).bytes();
  }

  /**
   * The outputs of a node in its old form; they must be the same after the model was written in its
   * opset and read again.
   */
  private static List<Tensor> run(
      int opset, String opType, Attributes attributes, int outputs, Tensor... inputs) {
    OnnxModel model = OnnxReader.read(file(opset, opType, attributes, outputs, inputs));
    List<Tensor> results = Interpreter.run(model.graph(), List.of(inputs));
    OnnxModel again = OnnxReader.read(OnnxWriter.toBytes(model.graph(), model.info()));
    assertThat(again.info().opset()).isEqualTo(opset);
    assertThat(Interpreter.run(again.graph(), List.of(inputs))).isEqualTo(results);
    return results;
  }

  private static Attributes ints(String name, int... values) {
    return Attributes.builder().put(name, values).build();
  }

  @Test
  void clipHadItsRangeInAttributes() {
    Tensor x = Tensor.of(new float[] {-1, 3, 9});
    Attributes range = Attributes.builder().put("min", 0f).put("max", 6f).build();
    assertThat(run(7, "Clip", range, 1, x).get(0).toFloatArray()).containsExactly(0, 3, 6);
    Attributes low = Attributes.builder().put("min", 0f).build();
    assertThat(run(10, "Clip", low, 1, x).get(0).toFloatArray()).containsExactly(0, 3, 9);
    assertThat(run(10, "Clip", Attributes.none(), 1, x).get(0)).isEqualTo(x);
  }

  @Test
  void reductionsHadTheirAxesInAttributes() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    assertThat(run(11, "ReduceSum", ints("axes", -1), 1, x).get(0))
        .isEqualTo(Tensor.of(new float[] {3, 7}, 2, 1));
    assertThat(run(13, "ReduceMean", ints("axes", 0), 1, x).get(0))
        .isEqualTo(Tensor.of(new float[] {2, 3}, 1, 2));
    assertThat(run(7, "ReduceMax", Attributes.none(), 1, x).get(0))
        .isEqualTo(Tensor.of(new float[] {4}, 1, 1));
  }

  @Test
  void topKHadItsNumberInAnAttribute() {
    Tensor x = Tensor.of(new float[] {1, 5, 3});
    Attributes two = Attributes.builder().put("k", 2).build();
    List<Tensor> results = run(9, "TopK", two, 2, x);
    assertThat(results.get(0).toFloatArray()).containsExactly(5, 3);
    assertThat(results.get(1).toLongArray()).containsExactly(1, 2);
  }

  @Test
  void dropoutHadItsProbabilityInAnAttribute() {
    Tensor x = Tensor.of(new float[] {1, 2});
    Attributes ratio = Attributes.builder().put("ratio", 0.9f).build();
    assertThat(run(7, "Dropout", ratio, 1, x).get(0)).isEqualTo(x);
  }

  @Test
  void softmaxTookAllDimensionsFromTheAxisOn() {
    Tensor x = Tensor.of(new float[] {0, 0, 0, 0}, 1, 2, 2);
    for (String opType : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      Tensor flat = run(12, opType, Attributes.none(), 1, x).get(0);
      assertThat(flat.shape()).isEqualTo(x.shape());
      assertThat(flat.getFloat(0))
          .isEqualTo(
              switch (opType) {
                case "Softmax" -> 0.25f;
                case "LogSoftmax" -> (float) Math.log(0.25);
                default -> 1f;
              });
    }
    Attributes last = Attributes.builder().put("axis", 2).build();
    assertThat(run(7, "Softmax", last, 1, x).get(0).getFloat(0)).isEqualTo(0.5f);
  }

  @Test
  void groupNormalizationScaledByGroup() {
    Tensor x = Tensor.of(new float[] {-1, 1, -2, 2, 5, 7, 3, 9}, 1, 4, 2);
    Attributes two = Attributes.builder().put("num_groups", 2).put("epsilon", 0f).build();
    Tensor scale = Tensor.of(new float[] {1, 10});
    Tensor bias = Tensor.of(new float[] {0, 100});
    float[] y = run(18, "GroupNormalization", two, 1, x, scale, bias).get(0).toFloatArray();
    // Deviations of sqrt(2.5) and sqrt(5).
    assertThat(y[1]).isEqualTo((float) (1 / Math.sqrt(2.5)));
    assertThat(y[4]).isEqualTo((float) (100 - 10 / Math.sqrt(5)));
  }

  @Test
  void batchNormalizationTrainedWithMoreOutputs() {
    Tensor x = Tensor.of(new float[] {1, 3}, 2, 1);
    Tensor one = Tensor.of(new float[] {1});
    Tensor zero = Tensor.of(new float[] {0});
    Tensor[] inputs = {x, one, zero, zero, one};
    Attributes exact = Attributes.builder().put("epsilon", 0f).build();
    assertThat(run(9, "BatchNormalization", exact, 1, inputs).get(0)).isEqualTo(x);
    byte[] training = file(9, "BatchNormalization", exact, 3, inputs);
    List<Tensor> results = Interpreter.run(OnnxReader.read(training).graph(), List.of(inputs));
    assertThat(results.get(0).toFloatArray()).containsExactly(-1, 1);
    assertThat(results.get(1).getFloat(0)).isCloseTo(0.2f, Offset.offset(1e-6f));
    assertThatThrownBy(() -> OnnxReader.read(file(9, "BatchNormalization", exact, 5, inputs)))
        .isInstanceOf(UnsupportedModelException.class);
    Attributes perActivation = Attributes.builder().put("spatial", 0).build();
    assertThatThrownBy(
            () -> OnnxReader.read(file(7, "BatchNormalization", perActivation, 1, inputs)))
        .isInstanceOf(UnsupportedModelException.class);
  }

  @Test
  void quantizationHadNoAxis() {
    Tensor x = Tensor.of(new float[] {1, -2});
    Tensor scale = Tensor.scalar(0.5f);
    Tensor zeroPoint = Tensor.zeros(DType.INT8, scale.shape());
    Tensor q = run(10, "QuantizeLinear", Attributes.none(), 1, x, scale, zeroPoint).get(0);
    assertThat(q.toIntArray()).containsExactly(2, -4);
    assertThat(run(10, "DequantizeLinear", Attributes.none(), 1, q, scale, zeroPoint).get(0))
        .isEqualTo(x);
  }

  @Test
  void castToNewerTypesRaisesTheOpset() {
    Attributes toHalf = Attributes.builder().put("to", DType.FLOAT16.onnxNumber()).build();
    Tensor x = Tensor.of(new float[] {1.5f});
    assertThat(run(9, "Cast", toHalf, 1, x).get(0).getFloat(0)).isEqualTo(1.5f);
    Attributes toInt4 = Attributes.builder().put("to", DType.INT4.onnxNumber()).build();
    Graph graph = OnnxReader.read(file(21, "Cast", toInt4, 1, x)).graph();
    byte[] raised = OnnxWriter.toBytes(graph, ModelInfo.of(13));
    assertThat(OnnxReader.read(raised).info().opset()).isEqualTo(21);
  }

  @Test
  void stringsAreNotCast() {
    Attributes toText = Attributes.builder().put("to", DType.STRING.onnxNumber()).build();
    assertThatThrownBy(() -> OnnxReader.read(file(13, "Cast", toText, 1, Tensor.scalar(1f))))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("Cast");
  }

  @Test
  void castLikeAndCrossEntropyBecomeOthers() {
    Tensor x = Tensor.of(new float[] {2.5f});
    assertThat(run(15, "CastLike", Attributes.none(), 1, x, Tensor.of(new long[0])).get(0))
        .isEqualTo(Tensor.of(new long[] {2}));
    Tensor scores = Tensor.of(new float[] {0, 0, 0, 0}, 2, 2);
    Tensor labels = Tensor.of(new long[] {0, 1});
    Attributes sum = Attributes.of(Map.of("reduction", new Attribute.Text("sum")));
    List<Tensor> results = run(13, "SoftmaxCrossEntropyLoss", sum, 2, scores, labels);
    assertThat(results.get(0).getFloat(0)).isEqualTo((float) (2 * Math.log(2)));
    assertThat(results.get(1).getFloat(0)).isEqualTo((float) -Math.log(2));
  }

  @Test
  void formsOlderThanAllAreRefusedByName() {
    Tensor x = Tensor.of(new boolean[] {true, false});
    OnnxModel not = OnnxReader.read(file(1, "Not", Attributes.none(), 1, x));
    assertThat(Interpreter.run(not.graph(), List.of(x)).get(0).toIntArray()).containsExactly(0, 1);
    byte[] written = OnnxWriter.toBytes(not.graph(), not.info());
    assertThat(OnnxReader.read(written).info().opset()).isEqualTo(OpSpec.OLDEST_OPSET);
    assertThatThrownBy(() ->
            OnnxReader.read(
                file(6, "Add", Attributes.none(), 1, Tensor.scalar(1f), Tensor.scalar(1f))))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContaining("Add");
  }
}
