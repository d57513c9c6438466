package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Samples in an npy array that is read as it is asked for; going back starts the file again. */
final class NpyDataset implements Dataset {
  private static final int SKIPPED_AT_ONCE = 1 << 20;

  /** Opens the array of samples at its start. */
  interface Source {
    NpyReader open() throws IOException;
  }

  private final Source source;
  private final String name;
  private final DType dtype;
  private final Shape shape;
  private final Annotations annotations;
  private NpyReader reader;
  private boolean closed;

  /** Takes over an open reader, whose array is row-major and has rows. */
  NpyDataset(NpyReader reader, Source source, String name, Annotations annotations) {
    this.reader = reader;
    this.source = source;
    this.name = name;
    this.dtype = reader.dtype();
    this.shape = reader.shape();
    this.annotations = annotations.checked(shape.dim(0), name);
  }

  @Override
  public int size() {
    return shape.dim(0);
  }

  @Override
  public DType dtype() {
    return dtype;
  }

  @Override
  public Shape sampleShape() {
    return Rows.rowShape(shape);
  }

  @Override
  public synchronized Tensor samples(int from, int to) {
    Objects.checkFromToIndex(from, to, size());
    if (closed) {
      throw new IllegalStateException(name + " is closed");
    }
    try {
      if (from < reader.rowsRead()) {
        reader.close();
        reader = source.open();
        if (!reader.shape().equals(shape) || reader.dtype() != dtype || !reader.isRowMajor()) {
          throw new BadDataException(name + " was changed while it was read");
        }
      }
      int rowsAtOnce = Math.max(1, SKIPPED_AT_ONCE / Math.max(1, sampleShape().size()));
      while (reader.rowsRead() < from) {
        reader.readRows(Math.min(rowsAtOnce, from - reader.rowsRead()));
      }
      return reader.readRows(to - from);
    } catch (IOException e) {
      throw BadDataException.unreadable(name, e);
    }
  }

  @Override
  public Optional<Tensor> labels() {
    return annotations.labels();
  }

  @Override
  public List<String> classNames() {
    return annotations.classNames();
  }

  @Override
  public Optional<Tensor> groups() {
    return annotations.groups();
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      reader.close();
    } catch (IOException e) {
      throw new BadDataException("Cannot close " + name + ": " + e.getMessage(), e);
    }
  }
}
