package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.memory.ExecutableMemory;
import dev.tinytitan.codegen.memory.NativeFunction;
import dev.tinytitan.codegen.memory.NativeMemory;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.PackedWeights;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.kernel.Workers;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A compiled chain. Its code and constants are shared; each binding has memory of its own, of which
 * the borders are written when the binding is made.
 *
 * <p>A run quantizes or copies the inputs into that memory, calls the one function of the chain,
 * and copies the outputs. Large chains are shared by several threads ({@link SharedStages}). Code
 * that reads Java arrays is called critically, which keeps the garbage collector waiting for some
 * microseconds; so is the chain itself if it is short. A longer one is called plainly.
 */
final class ChainKernel implements Kernel {
  private final Plan plan;
  private final ExecutableMemory code;
  private final NativeMemory codeEnd;
  private final PackedWeights owner;
  private final boolean critical;

  /**
   * What a run does.
   *
   * @param images how often everything is done, for the next image of a batch each time
   * @param bytes of memory for each binding
   * @param buffers all of them, to write borders
   * @param inputs by position
   * @param outputs by position
   * @param nanos estimated
   * @param parts between how many threads the work is split
   * @param stages what is zeroed before each run
   * @param rejected other forms of layers, and why they were not taken
   * @param layers in order, without those that read Java arrays
   */
  record Plan(
      int images,
      int bytes,
      List<Buffer> buffers,
      List<Input> inputs,
      List<Output> outputs,
      double nanos,
      int parts,
      Stages stages,
      List<String> rejected,
      List<Part> layers) {}

  /**
   * A layer.
   *
   * @param symbol the function that runs it alone
   * @param node the name of the node that it computes
   * @param products that it carries out
   * @param floats whether these are of floats
   */
  record Part(String symbol, String layer, String node, long products, boolean floats) {}

  /** Where the threads that share the work say what is taken and done, in a binding's memory. */
  record Stages(int start, int byteSize) {}

  /**
   * An input.
   *
   * @param target where its elements go, one by one, if no code reads them
   * @param symbols functions that read the Java array
   * @param size elements of one image
   * @param copy where floats are copied to first, in the binding's memory, so that no long call
   *     stands on the Java array; -1 if code reads the array itself
   */
  record Input(@Nullable Buffer target, List<String> symbols, int size, int copy) {
    /** Bytes of one image, where code reads the array. */
    long imageBytes() {
      return (long) size * (target == null ? Float.BYTES : 1);
    }
  }

  /**
   * An output.
   *
   * @param source where its elements are
   * @param symbol the function that writes them to the Java array; null if there is none
   */
  record Output(Buffer source, @Nullable String symbol) {
    /** Bytes of one image, where code writes the array: 8-bit integers. */
    long imageBytes() {
      return (long) source.height() * source.width() * source.channels();
    }
  }

  ChainKernel(Plan plan, ExecutableMemory code, PackedWeights owner) {
    this.plan = plan;
    this.code = code;
    this.codeEnd = NativeMemory.of(code::close);
    this.owner = owner;
    this.critical = plan.parts() == 1 && plan.nanos() <= NativeFunction.CRITICAL_NANOS;
    owner.closeAtEnd(codeEnd);
  }

  /** The code, with a listing if one was asked for. */
  ExecutableMemory code() {
    return code;
  }

  /** What a run does. */
  Plan plan() {
    return plan;
  }

  @Override
  public List<String> rejected() {
    return plan.rejected();
  }

  @Override
  public Bound bind(Workers workers) {
    return bind(workers, NativeMemory.allocate(plan.bytes()));
  }

  /** A binding with this memory, which is zeroed. */
  Bound bind(Workers workers, NativeMemory.Block memory) {
    return new Bound(workers, memory);
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    bind(Workers.NONE).run(inputs, outputs, scratch, part, parts);
  }

  /** With the memory of one binding. */
  final class Bound implements Kernel {
    private final MemorySegment memory;
    private final NativeMemory memoryEnd;
    private final NativeFunction[] bodies;
    private final Workers workers;
    private final Workers.Task share = new Share();
    private final MemorySegment stages;
    private final NativeFunction[][] readers;
    private final ImageSegments[] read;
    private final @Nullable NativeFunction[] writers;
    private final ImageSegments[] written;

    private Bound(Workers workers, NativeMemory.Block block) {
      this.workers = workers;
      memory = block.segment();
      memoryEnd = block.end();
      owner.closeAtEnd(memoryEnd);
      for (Buffer buffer : plan.buffers()) {
        memory.asSlice(buffer.start(), buffer.byteSize()).fill((byte) buffer.fill());
      }
      stages = memory.asSlice(plan.stages().start(), plan.stages().byteSize());
      bodies = new NativeFunction[plan.parts()];
      for (int part = 0; part < bodies.length; part++) {
        bodies[part] = code.function(ChainCompilation.body(part));
      }
      readers = new NativeFunction[plan.inputs().size()][];
      read = new ImageSegments[readers.length];
      for (int i = 0; i < readers.length; i++) {
        Input input = plan.inputs().get(i);
        readers[i] = new NativeFunction[input.symbols().size()];
        for (int j = 0; j < readers[i].length; j++) {
          readers[i][j] = code.function(input.symbols().get(j));
        }
        read[i] = new ImageSegments(plan.images(), input.imageBytes());
      }
      writers = new NativeFunction[plan.outputs().size()];
      written = new ImageSegments[writers.length];
      for (int i = 0; i < writers.length; i++) {
        Output output = plan.outputs().get(i);
        String symbol = output.symbol();
        writers[i] = symbol == null ? null : code.function(symbol);
        written[i] = new ImageSegments(plan.images(), output.imageBytes());
      }
    }

    /** A thread's part of the work. */
    private final class Share implements Workers.Task {
      @Override
      public void run(int part, int parts) {
        Bound.this.run(part);
      }
    }

    /** The binding's memory. */
    MemorySegment memory() {
      return memory;
    }

    @Override
    public long boundBytes() {
      return memory.byteSize();
    }

    @Override
    public void run(
        @Nullable Tensor[] inputs,
        @Nullable Tensor[] outputs,
        Scratch scratch,
        int part,
        int parts) {
      try {
        for (int image = 0; image < plan.images(); image++) {
          for (int i = 0; i < readers.length; i++) {
            read(i, inputs[i], image);
          }
          if (plan.parts() == 1) {
            run(0);
          } else {
            stages.fill((byte) 0);
            workers.run(share, plan.parts(), plan.nanos());
          }
          for (int i = 0; i < outputs.length; i++) {
            write(i, outputs[i], image);
          }
        }
      } finally {
        Reference.reachabilityFence(memoryEnd);
        Reference.reachabilityFence(codeEnd);
      }
    }

    private void run(int part) {
      if (critical) {
        bodies[part].callCritical(memory.address());
      } else {
        bodies[part].call(memory.address());
      }
    }

    private void read(int index, @Nullable Tensor tensor, int image) {
      if (tensor == null) {
        throw new IllegalStateException("input " + index + " of a chain is missing");
      }
      Input input = plan.inputs().get(index);
      if (readers[index].length == 0 && input.target() != null) {
        Transfers.read(tensor, image, memory, input.target());
        return;
      }
      if (input.copy() >= 0) {
        MemorySegment.copy(
            tensor.floatArray(),
            image * input.size(),
            memory,
            ValueLayout.JAVA_FLOAT,
            input.copy(),
            input.size());
        for (NativeFunction reader : readers[index]) {
          reader.call(memory.address(), memory.address() + input.copy(), 0, 0);
        }
        return;
      }
      read(index, read[index].of(tensor, image));
    }

    /** Runs the layers that read an input's elements from there. */
    void read(int index, MemorySegment elements) {
      for (NativeFunction reader : readers[index]) {
        reader.callCritical(memory, elements, MemorySegment.NULL, MemorySegment.NULL);
      }
    }

    /** Runs the layer that writes an output's elements there, if there is one. */
    void write(int index, MemorySegment elements) {
      NativeFunction writer = writers[index];
      if (writer != null) {
        writer.callCritical(memory, elements, MemorySegment.NULL, MemorySegment.NULL);
      }
    }

    private void write(int index, @Nullable Tensor output, int image) {
      if (output == null) {
        return;
      }
      Buffer from = plan.outputs().get(index).source();
      if (writers[index] != null) {
        write(index, written[index].of(output, image));
      } else if (from.dtype() == DType.FLOAT32 && from.height() * from.width() == 1) {
        MemorySegment.copy(
            memory,
            ValueLayout.JAVA_FLOAT,
            from.inside(),
            output.floatArray(),
            image * from.channels(),
            from.channels());
      } else {
        Transfers.write(memory, from, output, image);
      }
    }
  }
}
