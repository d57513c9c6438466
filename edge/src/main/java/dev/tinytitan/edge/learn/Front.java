package dev.tinytitan.edge.learn;

import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The frozen part of a model, from its input to the cut, and how samples are remembered: as bytes
 * at the cut, or at the input where that takes fewer; then the frozen part runs again when a sample
 * is drawn, so that a small buffer holds many. One thread at a time.
 */
final class Front implements AutoCloseable {
  private final Tail tail;
  private final LatentCodec codec;
  private final boolean atInput;
  private final Optional<Session> session;
  private final Optional<Binding> binding;

  /**
   * @param model what the tail was cut from
   * @param codecs of the cut and of the model's input
   */
  Front(Model model, Tail tail, LatentCodec.Pair codecs, SessionOptions options) {
    this.tail = tail;
    this.codec = codecs.smaller();
    this.atInput = codecs.isInputSmaller();
    this.session =
        tail.front().nodes().isEmpty()
            ? Optional.empty()
            : Optional.of(
                Model.of(TailBuilder.withBatch(tail.front(), 1), ModelInfo.of(model.info().opset()))
                    .open(options));
    this.binding = session.map(Session::binding);
  }

  /** Bytes of a remembered sample. */
  int byteSize() {
    return codec.byteSize();
  }

  /**
   * Runs the frozen part.
   *
   * @param bytes gets the sample as it is remembered
   * @return the cut's values, each with a batch of 1; overwritten by the next run
   */
  List<Tensor> encode(Tensor sample, byte[] bytes) {
    if (atInput) {
      codec.write(List.of(sample), bytes, 0);
      return run(sample);
    }
    List<Tensor> values = run(sample);
    codec.write(values, bytes, 0);
    return values;
  }

  private List<Tensor> run(Tensor sample) {
    if (binding.isEmpty()) {
      return List.of(sample);
    }
    Binding own = binding.get();
    if (own.input(0) != sample) {
      own.input(0).copyFrom(sample);
    }
    own.run();
    List<Tensor> values = new ArrayList<>();
    for (String cut : tail.cuts()) {
      values.add(own.output(cut));
    }
    return values;
  }

  /**
   * Reads a remembered sample into one row of a batch.
   *
   * @param batches the cut's values for a batch
   */
  void read(byte[] source, int from, List<Tensor> batches, int row) {
    if (!atInput || binding.isEmpty()) {
      codec.read(source, from, batches, row);
      return;
    }
    Tensor input = binding.get().input(0);
    codec.read(source, from, List.of(input), 0);
    List<Tensor> values = run(input);
    for (int i = 0; i < values.size(); i++) {
      copy(values.get(i), batches.get(i), row);
    }
  }

  /** Copies a value of one sample into a row of a batch. */
  private static void copy(Tensor value, Tensor batch, int row) {
    int size = value.size();
    switch (value.dtype()) {
      case FLOAT32 -> System.arraycopy(value.floatArray(), 0, batch.floatArray(), row * size, size);
      case INT8, UINT8 ->
          System.arraycopy(value.byteArray(), 0, batch.byteArray(), row * size, size);
      default -> {
        for (int i = 0; i < size; i++) {
          batch.copyElement(row * size + i, value, i);
        }
      }
    }
  }

  @Override
  public void close() {
    session.ifPresent(Session::close);
  }
}
