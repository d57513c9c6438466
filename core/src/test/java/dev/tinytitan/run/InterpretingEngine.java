package dev.tinytitan.run;

import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.ChainCompiler;
import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.LayerTime;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Workers;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Chains of at most so many nodes, Softmax left out, that run on the references. */
class InterpretingEngine implements Engine, ChainCompiler {
  private final int most;
  final List<Chain> made = new ArrayList<>();
  int bindings;
  final List<PackedWeights.NativeResource> resources = new ArrayList<>();
  int closed;

  InterpretingEngine(int most) {
    this.most = most;
  }

  @Override
  public String name() {
    return "interpreting";
  }

  @Override
  public int rank() {
    return 1;
  }

  @Override
  public Optional<String> problem() {
    return Optional.empty();
  }

  @Override
  public List<KernelRow> rows() {
    return List.of();
  }

  @Override
  public Optional<ChainCompiler> chainCompiler() {
    return Optional.of(this);
  }

  @Override
  public Optional<String> refuses(KernelRequest node) {
    return node.operator() instanceof Softmax ? Optional.of("a Softmax") : Optional.empty();
  }

  @Override
  public Optional<String> refuses(Chain chain) {
    int nodes = chain.nodes().size();
    return nodes > most || nodes < 2 ? Optional.of(nodes + " nodes") : Optional.empty();
  }

  @Override
  public List<LayerTime> times(Chain chain) {
    return chain.nodes().stream()
        .map(node -> new LayerTime("interpreted", node.node().name(), 1, 0, true))
        .toList();
  }

  @Override
  public String listing(Chain chain, int threads, String node) {
    return chain.nodes().size() + " nodes, interpreted";
  }

  @Override
  public Kernel make(Chain chain, int threads) {
    made.add(chain);
    PackedWeights.NativeResource resource = () -> closed++;
    resources.add(resource);
    chain.nodes().get(0).packed().closeAtEnd(resource);
    return new Kernel() {
      @Override
      public Kernel bind(Workers workers) {
        bindings++;
        return this;
      }

      @Override
      public void run(
          @Nullable Tensor[] in, @Nullable Tensor[] out, Scratch scratch, int part, int parts) {
        evaluate(chain, in, out);
      }
    };
  }

  private static void evaluate(Chain chain, @Nullable Tensor[] in, @Nullable Tensor[] out) {
    Map<String, Tensor> values = new HashMap<>();
    for (int i = 0; i < in.length; i++) {
      values.put(chain.inputs().get(i), Objects.requireNonNull(in[i]));
    }
    for (KernelRequest request : chain.nodes()) {
      Node node = request.node();
      List<@Nullable Tensor> arguments = new ArrayList<>();
      for (int i = 0; i < node.inputs().size(); i++) {
        arguments.add(request.constants().get(i).orElse(values.get(node.input(i))));
      }
      values.put(node.output(), Objects.requireNonNull(Interpreter.eval(node, arguments).get(0)));
    }
    for (int i = 0; i < out.length; i++) {
      Objects.requireNonNull(out[i]).copyFrom(values.get(chain.outputs().get(i)));
    }
  }
}
