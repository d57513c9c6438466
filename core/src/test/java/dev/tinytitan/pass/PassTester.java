package dev.tinytitan.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Checks what every pass must keep: the graph's rules, its interface and its results. */
final class PassTester {
  private static final long SEED = 20_240_611;

  private PassTester() {}

  /**
   * Applies a pass and checks that the result keeps the graph's rules and interface, computes the
   * same on random inputs, and is left alone by the same pass.
   */
  static Graph apply(Pass pass, Graph graph) {
    Verifier.verify(graph);
    Graph after = Pipelines.run(graph, List.of(pass), true).graph();
    Verifier.verify(after);
    assertThat(after.inputs().stream().map(Value::name))
        .isEqualTo(graph.inputs().stream().map(Value::name).toList());
    assertThat(after.outputs()).isEqualTo(graph.outputs());
    assertThat(Pipelines.run(after, List.of(pass), true).graph())
        .as("applied once more, %s finds nothing to do", pass.name())
        .isSameAs(after);
    assertSameResults(graph, after, 1e-5, randomInputs(graph, SEED));
    return after;
  }

  /** Checks a pass by the text of its result, written without indentation of the first line. */
  static void assertBecomes(Pass pass, Graph graph, String text) {
    assertThat(GraphText.of(apply(pass, graph))).isEqualTo(text);
  }

  /** Checks that a pass finds nothing to do. */
  static void assertUnchanged(Pass pass, Graph graph) {
    Verifier.verify(graph);
    assertThat(pass.apply(graph)).isSameAs(graph);
  }

  /**
   * Checks that both graphs give the same types and values: exactly for integers, within {@code
   * tolerance} of the largest magnitude for floats.
   */
  static void assertSameResults(Graph before, Graph after, double tolerance, List<Tensor> inputs) {
    List<Tensor> expected = Interpreter.run(before, inputs);
    List<Tensor> actual = Interpreter.run(after, inputs);
    for (int i = 0; i < expected.size(); i++) {
      assertClose(before.outputs().get(i).name(), expected.get(i), actual.get(i), tolerance);
    }
  }

  private static void assertClose(String name, Tensor expected, Tensor actual, double tolerance) {
    assertThat(actual.dtype()).as("dtype of %s", name).isEqualTo(expected.dtype());
    assertThat(actual.shape()).as("shape of %s", name).isEqualTo(expected.shape());
    if (!expected.dtype().isFloat()) {
      assertThat(actual).as(name).isEqualTo(expected);
      return;
    }
    double[] want = expected.toDoubleArray();
    double[] have = actual.toDoubleArray();
    double largest = Arrays.stream(want).map(Math::abs).filter(Double::isFinite).max().orElse(0);
    for (int i = 0; i < want.length; i++) {
      boolean same =
          Double.compare(want[i], have[i]) == 0
              || Math.abs(want[i] - have[i]) <= tolerance * largest;
      assertThat(same)
          .as("%s[%d]: expected %s, got %s, largest %s", name, i, want[i], have[i], largest)
          .isTrue();
    }
  }

  /**
   * Seeded inputs for a graph: floats of a normal distribution, integers from 0 to 2. A symbolic
   * dimension is 2 if it comes first, else 3.
   */
  static List<Tensor> randomInputs(Graph graph, long seed) {
    Random random = new Random(seed);
    Map<String, Integer> symbols = new HashMap<>();
    List<Tensor> inputs = new ArrayList<>();
    for (Value input : graph.inputs()) {
      TensorType type = input.tensorType();
      int[] dims = new int[type.rank()];
      for (int i = 0; i < dims.length; i++) {
        int fallback = i == 0 ? 2 : 3;
        dims[i] =
            switch (type.dim(i)) {
              case Dim.Fixed fixed -> fixed.size();
              case Dim.Symbol symbol -> symbols.computeIfAbsent(symbol.name(), key -> fallback);
              case Dim.Unknown unknown -> fallback;
            };
      }
      inputs.add(random(type.dtype(), Shape.of(dims), random));
    }
    return inputs;
  }

  /** A seeded tensor: floats of a normal distribution, integers from 0 to 2. */
  static Tensor random(DType dtype, Shape shape, Random random) {
    Tensor tensor = Tensor.zeros(dtype, shape);
    for (int i = 0; i < tensor.size(); i++) {
      if (dtype.isFloat()) {
        tensor.setDouble(i, random.nextGaussian());
      } else {
        tensor.setLong(i, random.nextInt(3));
      }
    }
    return tensor;
  }

  /** Seeded float32 numbers of a normal distribution. */
  static Tensor floats(int seed, int... dims) {
    return random(DType.FLOAT32, Shape.of(dims), new Random(seed));
  }
}
