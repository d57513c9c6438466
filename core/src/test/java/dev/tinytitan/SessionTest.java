package dev.tinytitan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Equal;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.ShapeOf;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Where;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class SessionTest {

  private static final SessionOptions REFERENCE =
      SessionOptions.defaults().withEngine("reference").withThreads(1);

  /** y = softmax(reshape(relu(x) + bias, [batch, 4])), with x [batch, 2, 2]. */
  private static Graph graph() {
    return Graph.builder("tiny")
        .input(
            "x",
            new TensorType(DType.FLOAT32, List.of(new Dim.Symbol("batch"), Dim.of(2), Dim.of(2))))
        .initializer("bias", Tensor.of(new float[] {1, 0}))
        .initializer("flat", Tensor.of(new long[] {0, 4}))
        .node(new Relu(), List.of("x"), "r")
        .node(new Add(), List.of("r", "bias"), "s")
        .node(new Reshape(false), List.of("s", "flat"), "v")
        .node(new Softmax(-1), List.of("v"), "y")
        .node(new ShapeOf(0, null), List.of("v"), "shape")
        .output("y", null)
        .output("v", null)
        .output("shape", null)
        .build();
  }

  @Test
  void runsForEachShapeAndGivesOwnedOutputs() {
    try (Session session = Session.open(graph(), REFERENCE)) {
      Map<String, Tensor> one =
          session.run(Map.of("x", Tensor.of(new float[] {-1, 2, 3, -4}, 1, 2, 2)));
      Map<String, Tensor> two = session.run(Map.of("x", Tensor.of(new float[8], 2, 2, 2)));
      assertThat(one.get("v").toFloatArray()).containsExactly(1, 2, 4, 0);
      assertThat(one.get("y").toFloatArray()[2]).isCloseTo(0.8310f, within(1e-3f));
      assertThat(one.get("shape").toLongArray()).containsExactly(1, 4);
      assertThat(two.get("v").toFloatArray()).containsExactly(1, 0, 1, 0, 1, 0, 1, 0);
      assertThat(two.get("shape").toLongArray()).containsExactly(2, 4);
    }
  }

  private static org.assertj.core.data.Offset<Float> within(float distance) {
    return org.assertj.core.data.Offset.offset(distance);
  }

  @Test
  void bindingKeepsItsTensors() {
    try (Session session = Session.open(graph(), REFERENCE)) {
      Binding binding = session.binding(Map.of("x", Shape.of(1, 2, 2)));
      binding.input("x").copyFrom(Tensor.of(new float[] {1, 2, 3, 4}, 1, 2, 2));
      binding.run();
      Tensor output = binding.output("v");
      assertThat(output.toFloatArray()).containsExactly(2, 2, 4, 4);
      binding.run();
      assertThat(binding.output("v")).isSameAs(output);
      assertThat(output.toFloatArray()).containsExactly(2, 2, 4, 4);
    }
  }

  @Test
  void saysWhatIsWrongWithInputs() {
    try (Session session = Session.open(graph(), REFERENCE)) {
      assertThatThrownBy(() -> session.run(Map.of()))
          .isInstanceOf(ShapeMismatchException.class)
          .hasMessageContaining("'x'")
          .hasMessageContaining("float32[batch, 2, 2]");
      assertThatThrownBy(() -> session.run(Map.of("z", Tensor.scalar(1f))))
          .hasMessageContaining("no input 'z'");
      assertThatThrownBy(() -> session.run(Map.of("x", Tensor.of(new float[6], 1, 2, 3))))
          .hasMessageContaining("size 3 in dimension 2");
      assertThatThrownBy(() -> session.run(Map.of("x", Tensor.of(new double[4], 1, 2, 2))))
          .hasMessageContaining("must be float32, not float64");
      assertThatThrownBy(session::binding).hasMessageContaining("give a concrete shape");
    }
  }

  @Test
  void closedSessionRefusesRuns() {
    Session session = Session.open(graph(), REFERENCE);
    Binding binding = session.binding(Map.of("x", Shape.of(1, 2, 2)));
    session.close();
    session.close();
    assertThatThrownBy(binding::run).hasMessageContaining("closed");
    assertThatThrownBy(() -> session.run(Map.of("x", Tensor.of(new float[4], 1, 2, 2))))
        .hasMessageContaining("closed");
  }

  @Test
  void concurrentRunsDoNotDisturbEachOther() throws Exception {
    try (Session session = Session.open(graph(), REFERENCE);
        var threads = Executors.newFixedThreadPool(4)) {
      List<Future<float[]>> results = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        float value = i;
        Callable<float[]> run =
            () ->
                session
                    .run(Map.of("x", Tensor.of(new float[] {value, 0, 0, 0}, 1, 2, 2)))
                    .get("v")
                    .toFloatArray();
        results.add(threads.submit(run));
      }
      for (int i = 0; i < results.size(); i++) {
        assertThat(results.get(i).get()).containsExactly(i + 1, 0, 1, 0);
      }
    }
  }

  @Test
  void unknownEngineIsNamedWithThoseThatAreThere() {
    assertThatThrownBy(() -> Session.open(graph(), REFERENCE.withEngine("warp")))
        .hasMessageContaining("'warp'")
        .hasMessageContaining("reference");
  }

  @Test
  void stringsGoThroughSessionsAndBindings() {
    Graph graph =
        Graph.builder("words")
            .input("words", TensorType.of(DType.STRING, 4))
            .initializer("wanted", Tensor.of(new String[] {"yes"}))
            .initializer("other", Tensor.of(new String[] {"-"}))
            .node(new Equal(), List.of("words", "wanted"), "found")
            .node(new Where(), List.of("found", "words", "other"), "kept")
            .node(new Concat(0), List.of("kept", "words"), "both")
            .output("found", null)
            .output("both", null)
            .build();
    Tensor words = Tensor.of(new String[] {"yes", "no", "", "yes"});
    String[] expected = {"yes", "-", "-", "yes", "yes", "no", "", "yes"};
    for (String engine : List.of("reference", "portable")) {
      try (Session session = Session.open(graph, REFERENCE.withEngine(engine));
          Session raw = Session.open(graph, REFERENCE.withEngine(engine).withOptimize(false))) {
        Map<String, Tensor> first = session.run(Map.of("words", words));
        session.run(Map.of("words", Tensor.of(new String[] {"a", "b", "c", "d"})));
        assertThat(first.get("both").stringArray()).as(engine).startsWith(expected);
        assertThat(first.get("found").toString()).contains("true, false, false, true");
        assertThat(raw.run(Map.of("words", words)).get("both").stringArray()).startsWith(expected);
        Binding binding = session.binding();
        binding.input(0).copyFrom(words);
        binding.run();
        assertThat(binding.output("both").stringArray()).startsWith(expected);
      }
    }
  }
}
