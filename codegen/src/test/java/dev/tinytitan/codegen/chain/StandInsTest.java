package dev.tinytitan.codegen.chain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.SharedData;
import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Isa;
import dev.tinytitan.codegen.RowsEngine;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.standin.StandIns;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.ChainCompiler;
import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.KernelTable;
import dev.tinytitan.kernel.LayerTime;
import dev.tinytitan.op.DequantizeLinear;
import dev.tinytitan.op.IntegerMatMul;
import dev.tinytitan.op.QuantizedOutput;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.pass.Pipelines;
import dev.tinytitan.run.BoundPlan;
import dev.tinytitan.run.GraphRunner;
import dev.tinytitan.run.WorkerPool;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Kernels that stand in give the bits of the references and of generated code. */
class StandInsTest {
  private static final int CASES = 400;
  private static final long PATIENCE_SECONDS = 60;

  /** An engine of chains whose first code waits to be let go. */
  private static final class Held implements Engine, ChainCompiler {
    private final CodegenChainCompiler compiler;
    private final CountDownLatch letGo = new CountDownLatch(1);

    Held(Target target) {
      this.compiler = new CodegenChainCompiler(target);
    }

    @Override
    public String name() {
      return compiler.name();
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
      return compiler.refuses(node);
    }

    @Override
    public Optional<String> refuses(Chain chain) {
      return compiler.refuses(chain);
    }

    @Override
    public Kernel make(Chain chain, int threads) {
      try {
        assertThat(letGo.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).as("an answer").isTrue();
      } catch (InterruptedException interrupted) {
        throw new AssertionError(interrupted);
      }
      return compiler.make(chain, threads);
    }

    @Override
    public List<LayerTime> times(Chain chain) {
      return compiler.times(chain);
    }

    @Override
    public String listing(Chain chain, int threads, String node) {
      return compiler.listing(chain, threads, node);
    }

    @Override
    public boolean isWarm() {
      return compiler.isWarm();
    }

    @Override
    public boolean isExact(KernelRequest node) {
      return compiler.isExact(node);
    }

    @Override
    public List<KernelRow> standIns() {
      return compiler.standIns();
    }
  }

  private static List<Tensor> runPlainly(Graph graph, List<Tensor> inputs, int lanes) {
    try (WorkerPool pool = new WorkerPool(1);
        GraphRunner runner =
            new GraphRunner(
                graph, new KernelTable(List.of(new RowsEngine(StandIns.rows(lanes)))), pool)) {
      return runner.run(inputs);
    }
  }

  @Test
  void integerLayersEqualTheirReferences() {
    for (int seed = 0; seed < CASES; seed++) {
      RandomChains random = new RandomChains(seed);
      RandomChains.Case each =
          switch (seed % 4) {
            case 0 -> random.convolution();
            case 1 -> random.depthwise();
            case 2 -> random.pooling();
            default -> random.network();
          };
      assertThat(runPlainly(each.graph(), each.inputs(), 16))
          .as("seed %d: %s", seed, each.graph())
          .isEqualTo(Interpreter.run(each.graph(), each.inputs()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void softmaxEqualsItsCode(Isa isa) {
    RowsEngine.assumeHas(isa);
    Random random = new Random(7);
    for (int length : new int[] {1, 2, 3, 7, 8, 9, 12, 16, 17, 31, 33, 100, 511, 512}) {
      TensorType type = TensorType.of(DType.INT8, 3, 4);
      byte[] weights = new byte[4 * length];
      random.nextBytes(weights);
      Graph graph =
          Graph.builder("softmax")
              .input("x", type)
              .initializer("w", Tensor.of(weights, 4, length))
              .initializer("multiplier", Tensor.scalar(0.01f))
              .initializer("scale", Tensor.scalar(length % 2 == 0 ? 0.7f : 0.05f))
              .node(
                  new IntegerMatMul(false, 0, QuantizedOutput.of(DType.INT8, 0)),
                  List.of("x", "w", "multiplier"),
                  "sums")
              .node(new DequantizeLinear(1), List.of("sums", "scale"), "f")
              .node(new Softmax(-1), List.of("f"), "y")
              .output("y", TensorType.of(DType.FLOAT32, 3, length))
              .build();
      byte[] x = new byte[3 * 4];
      random.nextBytes(x);
      List<Tensor> inputs = List.of(Tensor.of(x, 3, 4));
      List<Tensor> plain = runPlainly(graph, inputs, isa.vectorBits() / Float.SIZE);
      Held engine = new Held(Target.of(isa));
      engine.letGo.countDown();
      try (WorkerPool pool = new WorkerPool(1);
          GraphRunner runner = new GraphRunner(graph, new KernelTable(List.of(engine)), pool)) {
        assertThat(run(runner.bind(List.of(type)), inputs)).as("%d", length).isEqualTo(plain);
        assertThat(engine.isWarm()).as("a chain was made").isTrue();
      }
    }
  }

  private static List<Tensor> run(BoundPlan binding, List<Tensor> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      binding.input(i).copyFrom(inputs.get(i));
    }
    binding.run();
    return List.of(binding.output(0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"kws_int8", "kws_int8_u8act", "ad_int8", "strww_int8", "vww_int8", "resnet8_int8"})
  void modelsAnswerBeforeTheirCodeIsThereAndEqualAfterwards(String name) {
    RowsEngine.assumeHas(Isa.AVX2);
    Graph graph = Model.load(SharedData.require("models/" + name + ".onnx")).graph();
    graph = Pipelines.run(graph, Pipelines.semantics()).graph();
    graph = Pipelines.run(graph, Pipelines.inference()).graph();
    Random random = new Random(3);
    List<TensorType> types = new ArrayList<>();
    List<Tensor> inputs = new ArrayList<>();
    graph
        .inputs()
        .forEach(input -> {
          TensorType type = input.tensorType();
          float[] values = new float[type.shape().size()];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * 20);
          }
          types.add(type);
          inputs.add(Tensor.of(values, type.shape().toArray()));
        });
    Held engine = new Held(Host.target());
    try (WorkerPool pool = new WorkerPool(1);
        GraphRunner runner = new GraphRunner(graph, new KernelTable(List.of(engine)), pool)) {
      List<Tensor> first = runner.run(inputs);
      engine.letGo.countDown();
      assertThat(run(runner.bind(types), inputs)).isEqualTo(first);
      assertThat(runner.run(inputs)).isEqualTo(first);
    }
  }
}
