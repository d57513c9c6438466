package dev.tinytitan.codegen.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.TestWorkers;
import dev.tinytitan.codegen.memory.GuardedArena;
import dev.tinytitan.codegen.memory.NativeMemory;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.GraphText;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.KernelCheck;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Layout;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compiles whole graphs as one chain and compares them with the reference. */
final class ChainCheck {
  private ChainCheck() {}

  /** All nodes of a graph as one chain. */
  static Chain chain(Graph graph, PackedWeights owner) {
    Map<String, TensorType> types = TypeInference.infer(graph);
    List<KernelRequest> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      nodes.add(
          new KernelRequest(
              node,
              node.inputs().stream().map(name -> Optional.ofNullable(types.get(name))).toList(),
              node.outputs().stream().map(types::get).toList(),
              node.inputs().stream()
                  .map(name -> name.isEmpty() ? Optional.<Tensor>empty() : graph.constant(name))
                  .toList(),
              Layout.ROW_MAJOR,
              owner));
    }
    return new Chain(
        nodes,
        graph.inputs().stream().map(Value::name).toList(),
        graph.outputs().stream().map(Value::name).toList());
  }

  /** Why the graph cannot be one chain; empty if it can. */
  static Optional<String> refusal(Graph graph) {
    try (PackedWeights owner = new PackedWeights(List.of())) {
      Chain chain = chain(graph, owner);
      for (KernelRequest node : chain.nodes()) {
        Optional<String> refusal = NodeRules.refusal(node);
        if (refusal.isPresent()) {
          return refusal;
        }
      }
      return Lowering.refusal(chain);
    }
  }

  /** The binding's memory with zeros for everything that layers may write. */
  private static byte[] outside(ChainKernel kernel, ChainKernel.Bound bound) {
    byte[] bytes = bound.memory().toArray(ValueLayout.JAVA_BYTE);
    for (Buffer buffer : kernel.plan().buffers()) {
      for (int row = 0; row < buffer.height(); row++) {
        int from = buffer.inside() + row * buffer.rowBytes();
        Arrays.fill(bytes, from, from + buffer.rowInside(), (byte) 0);
      }
    }
    ChainKernel.Stages stages = kernel.plan().stages();
    Arrays.fill(bytes, stages.start(), stages.start() + stages.byteSize(), (byte) 0);
    for (ChainKernel.Input input : kernel.plan().inputs()) {
      if (input.copy() >= 0) {
        Arrays.fill(bytes, input.copy(), input.copy() + 4 * input.size(), (byte) 0);
      }
    }
    return bytes;
  }

  /**
   * Runs a graph both ways, twice, the second time with what the first one left in memory, and
   * requires equal outputs and untouched borders; then shared by some threads, with outputs equal
   * to those of one thread. Memory lies between pages that nobody may touch, and so do the inputs'
   * floats; a read or write outside ends the JVM.
   *
   * @param seed says which buffer comes last, at the guard page, and which side touches it
   */
  static void check(Graph graph, Target target, List<Tensor> inputs, long seed) {
    check(graph, target, inputs, seed, SparseChoice.Policy.FASTER);
  }

  /** As {@link #check}, with products in the form that a policy says. */
  static void check(
      Graph graph, Target target, List<Tensor> inputs, long seed, SparseChoice.Policy policy) {
    check(
        graph,
        target,
        inputs,
        seed,
        policy,
        (where, operator, expected, actual) ->
            assertThat(actual.toDoubleArray()).as(where).isEqualTo(expected.toDoubleArray()));
  }

  /**
   * As {@link #check}, but each float output may be as far from the reference as the operator that
   * gives it allows: what rounding adds up to on the way there has to fit in, too.
   */
  static void checkClose(
      Graph graph, Target target, List<Tensor> inputs, long seed, SparseChoice.Policy policy) {
    check(graph, target, inputs, seed, policy, KernelCheck::assertClose);
  }

  private interface Comparison {
    void require(String where, Operator operator, Tensor expected, Tensor actual);
  }

  private static void check(
      Graph graph,
      Target target,
      List<Tensor> inputs,
      long seed,
      SparseChoice.Policy policy,
      Comparison comparison) {
    assertThat(refusal(graph)).as("%s", GraphText.of(graph)).isEmpty();
    List<Tensor> expected = Interpreter.run(graph, inputs);
    List<Tensor> alone =
        run(
            graph,
            target,
            inputs,
            seed,
            policy,
            1,
            (where, output, actual) ->
                comparison.require(where, producer(graph, output), expected.get(output), actual));
    int parts = 2 + (int) (seed % 3);
    run(
        graph,
        target,
        inputs,
        seed,
        policy,
        parts,
        (where, output, actual) ->
            assertThat(actual.toDoubleArray())
                .as("shared by %d: %s", parts, where)
                .isEqualTo(alone.get(output).toDoubleArray()));
  }

  private interface OutputCheck {
    void require(String where, int output, Tensor actual);
  }

  /** Runs a graph twice, and gives the outputs. */
  private static List<Tensor> run(
      Graph graph,
      Target target,
      List<Tensor> inputs,
      long seed,
      SparseChoice.Policy policy,
      int parts,
      OutputCheck check) {
    GuardedArena.Side side = seed % 2 == 0 ? GuardedArena.Side.END : GuardedArena.Side.START;
    try (PackedWeights owner = new PackedWeights(List.of());
        GuardedArena arena = new GuardedArena(side, 4)) {
      ChainKernel kernel =
          ChainCompilation.compile(
              chain(graph, owner),
              target,
              false,
              _ -> new SharedStages.Sharing(parts, 1, 0),
              buffers -> {
                List<Buffer> rotated = new ArrayList<>(buffers);
                Collections.rotate(rotated, (int) seed);
                return rotated;
              },
              policy);
      MemorySegment memory = arena.allocate(kernel.plan().bytes(), 64);
      ChainKernel.Bound bound =
          kernel.bind(
              new TestWorkers(parts, seed),
              new NativeMemory.Block(memory, NativeMemory.of(() -> {})));
      byte[] before = outside(kernel, bound);
      Tensor[] outputs = new Tensor[graph.outputs().size()];
      Map<String, TensorType> types = TypeInference.infer(graph);
      for (int i = 0; i < outputs.length; i++) {
        TensorType type = types.get(graph.outputs().get(i).name());
        outputs[i] = Tensor.zeros(type.dtype(), type.shape());
      }
      for (int run = 0; run < 2; run++) {
        bound.run(inputs.toArray(Tensor[]::new), outputs, new Scratch(0, 0, 0), 0, 1);
        for (int i = 0; i < outputs.length; i++) {
          check.require(
              "output " + i + " on " + target.isa() + " of " + GraphText.of(graph), i, outputs[i]);
        }
      }
      for (int i = 0; i < inputs.size(); i++) {
        readGuarded(bound, i, inputs.get(i), arena);
      }
      for (int i = 0; i < outputs.length; i++) {
        if (outputs[i].dtype() != DType.FLOAT32) {
          bound.write(i, arena.allocate(outputs[i].size(), 1));
        }
      }
      assertThat(outside(kernel, bound))
          .as("bytes around buffers of %s", GraphText.of(graph))
          .isEqualTo(before);
      return Arrays.asList(outputs);
    }
  }

  private static Operator producer(Graph graph, int output) {
    String value = graph.outputs().get(output).name();
    return graph.nodes().stream()
        .filter(node -> node.outputs().contains(value))
        .findFirst()
        .orElseThrow()
        .operator();
  }

  private static void readGuarded(
      ChainKernel.Bound bound, int index, Tensor input, GuardedArena arena) {
    if (input.dtype() != DType.FLOAT32) {
      MemorySegment bytes = arena.allocate(input.size(), 1);
      MemorySegment.copy(input.byteArray(), 0, bytes, ValueLayout.JAVA_BYTE, 0, input.size());
      bound.read(index, bytes);
    } else {
      MemorySegment floats = arena.allocate(4L * input.size(), 4);
      MemorySegment.copy(input.floatArray(), 0, floats, ValueLayout.JAVA_FLOAT, 0, input.size());
      bound.read(index, floats);
    }
  }
}
