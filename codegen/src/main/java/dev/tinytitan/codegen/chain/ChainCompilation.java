package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Target;
import dev.tinytitan.codegen.code.Label;
import dev.tinytitan.codegen.emit.VectorCode;
import dev.tinytitan.codegen.memory.ExecutableMemory;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.codegen.x86.Gpr;
import dev.tinytitan.codegen.x86.X86Assembler;
import dev.tinytitan.kernel.Chain;
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
        UnaryOperator.identity());
  }

  /**
   * Compiles a chain with its buffers in a certain order in memory.
   *
   * @param sharingOf how the work is shared, by its estimated nanoseconds
   * @param order gives all buffers in another order
   */
  static ChainKernel compile(
      Chain chain,
      Target target,
      boolean listed,
      DoubleFunction<SharedStages.Sharing> sharingOf,
      UnaryOperator<List<Buffer>> order) {
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
    for (Lowering.Input input : lowered.inputs()) {
      List<String> symbols = new ArrayList<>();
      double reading = 0;
      for (Layer reader : input.readers()) {
        symbols.add(compilation.addAlone(compilation.add(reader)));
        reading = Math.max(reading, nanos(reader));
      }
      int copy = -1;
      if (reading > NativeFunction.CRITICAL_NANOS) {
        copy = bytes;
        bytes = Math.addExact(bytes, Math.ceilDiv(4 * input.size(), ALIGNMENT) * ALIGNMENT);
      }
      inputs.add(new ChainKernel.Input(input.buffer(), symbols, input.size(), copy));
    }
    for (Layer layer : lowered.layers()) {
      nanos += nanos(layer);
    }
    SharedStages.Sharing sharing = sharingOf.apply(nanos);
    int parts = sharing.parts();
    int stagesStart = bytes;
    int stagesBytes = 0;
    if (parts > 1) {
      SharedStages stages = new SharedStages(compilation.assembler, sharing, stagesStart);
      for (Layer layer : lowered.layers()) {
        stages.add(layer, nanos(layer), compilation::addWithAlone);
      }
      for (int part = 0; part < parts; part++) {
        int number = part;
        compilation.addFunction(body(part), () -> stages.emit(number));
      }
      stagesBytes = stages.byteSize();
      bytes = Math.addExact(bytes, stagesBytes);
    } else {
      compilation.addFunction(
          body(0), lowered.layers().stream().map(compilation::addWithAlone).toList());
    }
    ChainKernel.Plan plan =
        new ChainKernel.Plan(
            lowered.images(),
            bytes,
            lowered.buffers(),
            inputs,
            lowered.outputs(),
            nanos,
            parts,
            new ChainKernel.Stages(stagesStart, stagesBytes));
    return new ChainKernel(
        plan, ExecutableMemory.of(compilation.assembler.finish()), chain.nodes().get(0).packed());
  }

  private Label addWithAlone(Layer layer) {
    Label label = add(layer);
    addAlone(label);
    return label;
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
    String name = "only_" + label.name();
    addFunction(name, List.of(label));
    return name;
  }

  private void addFunction(String name, List<Label> labels) {
    addFunction(name, () -> labels.forEach(assembler::call));
  }

  private void addFunction(String name, Runnable body) {
    assembler.align(16);
    assembler.symbol(name);
    KEPT.forEach(assembler::push);
    assembler.mov(Layer.MEMORY, Gpr.RDI);
    assembler.mov(Layer.OUTSIDE, Gpr.RSI);
    body.run();
    assembler.vzeroupper();
    KEPT.reversed().forEach(assembler::pop);
    assembler.ret();
  }
}
