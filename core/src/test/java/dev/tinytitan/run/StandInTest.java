package dev.tinytitan.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.kernel.Chain;
import dev.tinytitan.kernel.Engine;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.KernelTable;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Neg;
import dev.tinytitan.op.Relu;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Answers before the plan that lasts is made: when there are some, and how they end. */
class StandInTest {
  private static final TensorType ROW = TensorType.of(DType.FLOAT32, 4);

  /** Long enough for any machine; waited for only by a test that fails. */
  private static final long PATIENCE_SECONDS = 60;

  /** A chain compiler whose first kernel takes until it is let go. */
  private static final class Cold extends InterpretingEngine {
    private final CountDownLatch wanted = new CountDownLatch(1);
    private final CountDownLatch letGo = new CountDownLatch(1);
    private boolean exact = true;
    private boolean fails;

    Cold() {
      super(10);
    }

    @Override
    public boolean isWarm() {
      return false;
    }

    @Override
    public boolean isExact(KernelRequest node) {
      return exact;
    }

    @Override
    public Kernel make(Chain chain, int threads) {
      wanted.countDown();
      await(letGo);
      if (fails) {
        throw new IllegalStateException("this one always fails");
      }
      return super.make(chain, threads);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException interrupted) {
      throw new AssertionError(interrupted);
    }
  }

  private static Graph graph() {
    return Graph.builder("g")
        .input("x", ROW)
        .node(new Neg(), List.of("x"), "n")
        .node(new Relu(), List.of("n"), "y")
        .output("y", ROW)
        .build();
  }

  private static Tensor input() {
    return Tensor.of(new float[] {1, -2, 3, -4});
  }

  private static void requireAnswer(GraphRunner runner) {
    assertThat(runner.run(List.of(input()))).containsExactly(Tensor.of(new float[] {0, 2, 0, 4}));
  }

  private static GraphRunner runner(Graph graph, Engine engine, WorkerPool pool) {
    return new GraphRunner(graph, new KernelTable(List.of(engine)), pool);
  }

  @Test
  void answersWhileTheChainIsMadeAndTakesItWhenItIsThere() {
    Cold engine = new Cold();
    try (WorkerPool pool = new WorkerPool(1);
        GraphRunner runner = runner(graph(), engine, pool)) {
      requireAnswer(runner);
      await(engine.wanted);
      requireAnswer(runner);
      assertThat(engine.made).isEmpty();
      engine.letGo.countDown();
      BoundPlan binding = runner.bind(List.of(ROW));
      assertThat(engine.made).hasSize(1);
      int bindings = engine.bindings;
      requireAnswer(runner);
      assertThat(engine.bindings).isEqualTo(bindings + 1);
      binding.input(0).copyFrom(input());
      binding.run();
      assertThat(binding.output(0)).isEqualTo(Tensor.of(new float[] {0, 2, 0, 4}));
      assertThat(engine.made).hasSize(1);
    }
  }

  @Test
  void closingWaitsForTheChainAndFreesIt() throws InterruptedException {
    Cold engine = new Cold();
    try (WorkerPool pool = new WorkerPool(1)) {
      GraphRunner runner = runner(graph(), engine, pool);
      requireAnswer(runner);
      await(engine.wanted);
      Thread closing = new Thread(runner::close);
      closing.start();
      engine.letGo.countDown();
      closing.join();
      assertThat(engine.made).hasSize(1);
      assertThat(engine.closed).isEqualTo(1);
    }
  }

  @Test
  void anInterruptedCloseStillWaits() throws InterruptedException {
    Cold engine = new Cold();
    try (WorkerPool pool = new WorkerPool(1)) {
      GraphRunner runner = runner(graph(), engine, pool);
      requireAnswer(runner);
      await(engine.wanted);
      boolean[] interrupted = new boolean[1];
      Thread closing =
          new Thread(() -> {
            Thread.currentThread().interrupt();
            runner.close();
            interrupted[0] = Thread.currentThread().isInterrupted();
          });
      closing.start();
      engine.letGo.countDown();
      closing.join();
      assertThat(engine.closed).isEqualTo(1);
      assertThat(interrupted[0]).isTrue();
    }
  }

  @Test
  void whereMakingTheChainFailsTheFirstPlanStays() {
    Cold engine = new Cold();
    engine.fails = true;
    engine.letGo.countDown();
    try (WorkerPool pool = new WorkerPool(1);
        GraphRunner runner = runner(graph(), engine, pool)) {
      for (int i = 0; i < 3; i++) {
        requireAnswer(runner);
      }
      await(engine.wanted);
      requireAnswer(runner);
      assertThat(engine.made).isEmpty();
    }
  }

  @Test
  void aModelWhoseResultsWouldDifferWaits() {
    Cold engine = new Cold();
    engine.exact = false;
    engine.letGo.countDown();
    try (WorkerPool pool = new WorkerPool(1);
        GraphRunner runner = runner(graph(), engine, pool)) {
      requireAnswer(runner);
      assertThat(engine.made).hasSize(1);
      assertThat(engine.bindings).isEqualTo(1);
    }
  }

  @Test
  void aLargeModelWaits() {
    TensorType square = TensorType.of(DType.FLOAT32, 256, 256);
    Graph graph =
        Graph.builder("g")
            .input("x", square)
            .initializer("w", Tensor.zeros(DType.FLOAT32, Shape.of(256, 256)))
            .node(new MatMul(), List.of("x", "w"), "p")
            .node(new Relu(), List.of("p"), "y")
            .output("y", square)
            .build();
    Cold engine = new Cold();
    engine.letGo.countDown();
    try (WorkerPool pool = new WorkerPool(1);
        GraphRunner runner = runner(graph, engine, pool)) {
      runner.run(List.of(Tensor.zeros(DType.FLOAT32, Shape.of(256, 256))));
      assertThat(engine.bindings).isEqualTo(1);
    }
  }

  @Test
  void thePropertyMakesFirstAnswersWait() {
    Cold engine = new Cold();
    engine.letGo.countDown();
    System.setProperty(StandIn.WAIT, "true");
    try (WorkerPool pool = new WorkerPool(1);
        GraphRunner runner = runner(graph(), engine, pool)) {
      requireAnswer(runner);
      assertThat(engine.bindings).isEqualTo(1);
    } finally {
      System.clearProperty(StandIn.WAIT);
    }
  }
}
