package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Host;
import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.code.Code;
import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.memory.CodeMemoryException;
import dev.tinytitan.codegen.memory.ExecutableMemory;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.X86Assembler;
import dev.tinytitan.kernel.Chain;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.UnaryOperator;

/**
 * Puts the code of a chain together: a function for each layer; one that calls all of them in
 * order; and for each layer one that calls it alone, for the inputs' sake and for profiles.
 *
 * <p>Functions of layers keep only {@link Layer#MEMORY}, {@link Layer#OUTSIDE} and the stack; the
 * functions around them follow the System V ABI.
 */
final class ChainCompilation {

  /** Multiply-adds in a nanosecond, and bytes through element-wise code: for estimates. */
  private static final double PRODUCTS_PER_NANO = 150;

  private static final double BYTES_PER_NANO = 30;

  /** Of buffers and functions: a cache line. */
  private static final int ALIGNMENT = 64;

  /** Rounds of a trial, at most; fewer if they take longer than this. */
  private static final int TRIAL_ROUNDS = 30;

  private static final int LEAST_TRIAL_ROUNDS = 4;
  private static final long MOST_TRIAL_NANOS = 2_000_000;

  /** How names of functions begin that run one layer alone. */
  private static final String ALONE = "only_";

  private static final List<Gpr> KEPT =
      List.of(Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15);

  private final X86Assembler assembler;
  private final VectorCode code;
  private final List<String> names = new ArrayList<>();

  private ChainCompilation(Target target, boolean listed) {
    this.assembler = new X86Assembler(target, listed);
    this.code = new VectorCode(assembler);
  }

  /**
   * Compiles a chain.
   *
   * @param threads between how many its work may be split
   * @param listed whether to keep a listing
   */
  static ChainKernel compile(Chain chain, Target target, int threads, boolean listed) {
    return compile(
        chain,
        target,
        listed,
        nanos -> SharedStages.Sharing.of(threads, nanos),
        UnaryOperator.identity(),
        SparseChoice.Policy.FASTER);
  }

  /**
   * Compiles a chain with its buffers in a certain order in memory.
   *
   * @param sharingOf how the work is shared, by its estimated nanoseconds
   * @param order gives all buffers in another order
   * @param policy who decides whether products run in their sparse form
   */
  static ChainKernel compile(
      Chain chain,
      Target target,
      boolean listed,
      DoubleFunction<SharedStages.Sharing> sharingOf,
      UnaryOperator<List<Buffer>> order,
      SparseChoice.Policy policy) {
    Lowering.Result lowered = Lowering.lower(chain);
    int bytes = Buffer.SLACK;
    for (Buffer buffer : order.apply(lowered.buffers())) {
      buffer.place(bytes);
      bytes = Math.addExact(bytes, buffer.byteSize() + Buffer.SLACK);
      bytes = Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
    }
    ChainCompilation compilation = new ChainCompilation(target, listed);
    List<ChainKernel.Input> inputs = new ArrayList<>();
    double nanos = 0;
    ChosenLayers chosen = ChosenLayers.of(lowered, target, policy, bytes);
    List<Buffer> buffers = new ArrayList<>(lowered.buffers());
    for (Buffer memory : chosen.memory()) {
      buffers.add(memory);
      bytes = memory.start() + memory.byteSize();
    }
    for (Lowering.Input input : lowered.inputs()) {
      List<Layer> readers = new ArrayList<>(input.readers());
      Buffer buffer = input.buffer();
      if (buffer != null && isQuick(buffer, target)) {
        readers.add(new ByteArrayLayer(buffer, true));
      }
      List<String> symbols = new ArrayList<>();
      double reading = 0;
      for (Layer reader : readers) {
        symbols.add(compilation.addAlone(compilation.add(reader)));
        reading = Math.max(reading, nanos(reader));
      }
      int copy = -1;
      if (reading > NativeFunction.CRITICAL_NANOS) {
        copy = bytes;
        bytes = Math.addExact(bytes, Math.ceilDiv(4 * input.size(), ALIGNMENT) * ALIGNMENT);
      }
      inputs.add(new ChainKernel.Input(buffer, symbols, input.size(), copy));
    }
    List<ChainKernel.Output> outputs = new ArrayList<>();
    for (Buffer output : lowered.outputs()) {
      boolean quick = isQuick(output, target);
      String symbol =
          quick ? compilation.addAlone(compilation.add(new ByteArrayLayer(output, false))) : null;
      outputs.add(new ChainKernel.Output(output, symbol));
    }
    List<ChainKernel.Part> layers = new ArrayList<>();
    for (ChosenLayers.Step step : chosen.layers()) {
      nanos += nanos(step.layer());
    }
    SharedStages.Sharing sharing = sharingOf.apply(nanos);
    boolean sparse =
        chosen.layers().stream().anyMatch(step -> step.layer() instanceof SparseProductLayer);
    int parts = sparse && nanos < sharing.leastSparseNanos() ? 1 : sharing.parts();
    int stagesStart = bytes;
    int stagesBytes = 0;
    if (parts > 1) {
      SharedStages stages = new SharedStages(compilation.assembler, sharing, stagesStart);
      for (ChosenLayers.Step step : chosen.layers()) {
        stages.add(step.layer(), nanos(step.layer()), compilation::addWithAlone);
      }
      for (int part = 0; part < parts; part++) {
        compilation.beginFunction(body(part));
        stages.emit(part);
        compilation.endFunction();
      }
      stagesBytes = stages.byteSize();
      bytes = Math.addExact(bytes, stagesBytes);
    } else {
      List<Label> labels = new ArrayList<>();
      for (ChosenLayers.Step step : chosen.layers()) {
        Layer layer = step.layer();
        Label label = compilation.add(layer);
        labels.add(label);
        layers.add(
            new ChainKernel.Part(
                compilation.addAlone(label),
                layer.name(),
                step.node(),
                layer.products(),
                step.floats()));
      }
      compilation.addFunction(body(0), labels);
    }
    ChainKernel.Plan plan =
        new ChainKernel.Plan(
            lowered.images(),
            bytes,
            buffers,
            inputs,
            outputs,
            nanos,
            parts,
            new ChainKernel.Stages(stagesStart, stagesBytes),
            chosen.rejected(),
            layers);
    return new ChainKernel(plan, compilation.mapped(), chain.nodes().get(0).packed());
  }

  /**
   * The finished code, where it can be called. Only here the trial of the host is waited for, which
   * takes as long as generating code when it is the first of a process.
   */
  private ExecutableMemory mapped() {
    Code code = assembler.finish();
    String problem = Host.trial().orElse(null);
    if (problem != null) {
      throw new CodeMemoryException(problem);
    }
    return ExecutableMemory.of(code);
  }

  /** Whether code moves a buffer's bytes from or to a Java array, without standing on it long. */
  private static boolean isQuick(Buffer buffer, Target target) {
    return ByteArrayLayer.takes(buffer, target.isa())
        && nanos(new ByteArrayLayer(buffer, true)) <= NativeFunction.CRITICAL_NANOS;
  }

  /** The functions that compute one node of a chain, on one thread; all if none is its own. */
  static String listing(Chain chain, Target target, String node) {
    ChainKernel kernel = compile(chain, target, 1, true);
    Code code = kernel.code().code();
    List<String> functions =
        kernel.plan().layers().stream()
            .filter(layer -> layer.node().equals(node))
            .map(layer -> layer.symbol().substring(ALONE.length()))
            .toList();
    return functions.isEmpty() ? code.dump() : code.dump(functions::contains);
  }

  private Label addWithAlone(Layer layer) {
    Label label = add(layer);
    addAlone(label);
    return label;
  }

  /**
   * Runs two forms of a layer in turn, on memory of zeros, and takes the shortest time of each.
   *
   * @param first the layers of one form, in order
   * @param second the layers of the other
   * @param memoryBytes that the layers' chain needs
   */
  static SparseChoice.Trial time(
      List<Layer> first, List<Layer> second, Target target, int memoryBytes) {
    ChainCompilation compilation = new ChainCompilation(target, false);
    List<String> symbols = new ArrayList<>();
    for (List<Layer> layers : List.of(first, second)) {
      List<Label> labels = new ArrayList<>();
      for (Layer layer : layers) {
        labels.add(compilation.add(layer));
      }
      String name = "form" + symbols.size();
      compilation.addFunction(name, labels);
      symbols.add(name);
    }
    try (ExecutableMemory code = compilation.mapped();
        Arena arena = Arena.ofConfined()) {
      long memory = arena.allocate(memoryBytes, ALIGNMENT).address();
      List<NativeFunction> functions =
          List.of(code.function(symbols.get(0)), code.function(symbols.get(1)));
      double[] nanos = {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY};
      long start = System.nanoTime();
      for (int round = 0; round < TRIAL_ROUNDS; round++) {
        for (int i = 0; i < nanos.length; i++) {
          long before = System.nanoTime();
          functions.get(i).call(memory);
          nanos[i] = Math.min(nanos[i], (double) (System.nanoTime() - before));
        }
        if (round >= LEAST_TRIAL_ROUNDS && System.nanoTime() - start > MOST_TRIAL_NANOS) {
          break;
        }
      }
      return new SparseChoice.Trial(nanos[0], nanos[1]);
    }
  }

  private static double nanos(Layer layer) {
    return layer.products() / PRODUCTS_PER_NANO + layer.bytes() / BYTES_PER_NANO;
  }

  /** The function of one of the threads that run all layers that read no Java array. */
  static String body(int part) {
    return "chain" + part;
  }

  private Label add(Layer layer) {
    assembler.align(ALIGNMENT);
    String name = names.size() + "_" + layer.name();
    names.add(name);
    assembler.symbol(name);
    Label label = assembler.bind(assembler.label(name));
    code.startFunction();
    layer.emit(code);
    assembler.ret();
    return label;
  }

  private String addAlone(Label label) {
    String name = ALONE + label.name();
    addFunction(name, List.of(label));
    return name;
  }

  private void addFunction(String name, List<Label> labels) {
    beginFunction(name);
    for (Label label : labels) {
      assembler.call(label);
    }
    endFunction();
  }

  /** What the ABI asks of a function before its body. */
  private void beginFunction(String name) {
    assembler.align(16);
    assembler.symbol(name);
    for (Gpr register : KEPT) {
      assembler.push(register);
    }
    assembler.mov(Layer.MEMORY, Gpr.RDI);
    assembler.mov(Layer.OUTSIDE, Gpr.RSI);
  }

  private void endFunction() {
    assembler.vzeroupper();
    for (int i = KEPT.size() - 1; i >= 0; i--) {
      assembler.pop(KEPT.get(i));
    }
    assembler.ret();
  }
}
