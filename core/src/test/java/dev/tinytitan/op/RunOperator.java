package dev.tinytitan.op;

import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.StringTokenizer;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

/** Runs one operator on its reference and checks what its shape rule said beforehand. */
final class RunOperator {
  private RunOperator() {}

  /** The first output. */
  static Tensor run(Operator operator, @Nullable Tensor... inputs) {
    return runAll(operator, 1, inputs).get(0);
  }

  /** All outputs; each must have the type that inference told. */
  static List<Tensor> runAll(Operator operator, int outputs, @Nullable Tensor... inputs) {
    List<String> inputNames = new ArrayList<>();
    List<Optional<TensorType>> types = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      Tensor input = inputs[i];
      inputNames.add(input == null ? "" : "in" + i);
      types.add(Optional.ofNullable(input).map(t -> TensorType.of(t.dtype(), t.shape())));
    }
    List<String> outputNames = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      outputNames.add("out" + i);
    }
    Node node = Node.of("node", operator, inputNames, outputNames);
    List<Tensor> results = new ArrayList<>();
    for (Tensor result : Interpreter.eval(node, Arrays.asList(inputs))) {
      results.add(Objects.requireNonNull(result));
    }
    List<TensorType> inferred =
        TypeInference.inferNode(node, types, index -> Optional.ofNullable(inputs[index]));
    for (int i = 0; i < outputs; i++) {
      Assertions.assertThat(inferred.get(i))
          .isEqualTo(TensorType.of(results.get(i).dtype(), results.get(i).shape()));
    }
    return results;
  }

  /** The types that inference tells for inputs of these types, none of them constant. */
  static List<TensorType> infer(Operator operator, int outputs, TensorType... inputs) {
    List<String> inputNames = new ArrayList<>();
    List<Optional<TensorType>> types = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      inputNames.add("in" + i);
      types.add(Optional.of(inputs[i]));
    }
    List<String> outputNames = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      outputNames.add("out" + i);
    }
    Node node = Node.of("node", operator, inputNames, outputNames);
    return TypeInference.inferNode(node, types, index -> Optional.empty());
  }

  /** Numbers 0, 1, 2, … of float32 in this shape. */
  static Tensor counting(int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT32, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, i);
    }
    return tensor;
  }

  /** A float32 tensor of ones. */
  static Tensor ones(int... dims) {
    Tensor tensor = counting(dims);
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, 1);
    }
    return tensor;
  }

  /** The numbers of a text, separated by spaces. */
  static float[] floats(String text) {
    StringTokenizer words = new StringTokenizer(text);
    float[] floats = new float[words.countTokens()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = Float.parseFloat(words.nextToken());
    }
    return floats;
  }
}
