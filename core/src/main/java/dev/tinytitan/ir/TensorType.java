package dev.tinytitan.ir;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The type of a tensor value: element type and, as far as known, its dimensions.
 *
 * @param dims the dimensions, outermost first; null if not even their number is known
 */
public record TensorType(DType dtype, @Nullable List<Dim> dims) implements ValueType {

  public TensorType {
    dims = dims == null ? null : List.copyOf(dims);
  }

  /** A fully known type. */
  public static TensorType of(DType dtype, Shape shape) {
    return of(dtype, shape.toArray());
  }

  /** A fully known type. */
  public static TensorType of(DType dtype, int... dims) {
    List<Dim> list = new ArrayList<>(dims.length);
    for (int dim : dims) {
      list.add(Dim.of(dim));
    }
    return new TensorType(dtype, list);
  }

  /** A type of known dtype and nothing more. */
  public static TensorType unknown(DType dtype) {
    return new TensorType(dtype, null);
  }

  /** A type of known dtype and rank; every dimension unknown. */
  public static TensorType ofRank(DType dtype, int rank) {
    return new TensorType(dtype, Collections.nCopies(rank, Dim.UNKNOWN));
  }

  /** True if the number of dimensions is known. */
  public boolean hasRank() {
    return dims != null;
  }

  /**
   * The number of dimensions.
   *
   * @throws IllegalStateException if it is not known
   */
  public int rank() {
    return knownDims().size();
  }

  /**
   * The dimensions, where the rank is known.
   *
   * @throws IllegalStateException if the rank is not known
   */
  public List<Dim> knownDims() {
    if (dims == null) {
      throw new IllegalStateException("the rank is not known");
    }
    return dims;
  }

  /** Dimension {@code index}, a negative one counted from the end. */
  public Dim dim(int index) {
    List<Dim> known = knownDims();
    return known.get(index < 0 ? index + known.size() : index);
  }

  /** True if every dimension is a known number. */
  public boolean isStatic() {
    return dims != null && dims.stream().allMatch(Dim::isFixed);
  }

  /**
   * The concrete shape.
   *
   * @throws IllegalStateException if a dimension is not known
   */
  public Shape shape() {
    return Shape.of(knownDims().stream().mapToInt(Dim::size).toArray());
  }

  /** The same dimensions with another element type. */
  public TensorType withDType(DType other) {
    return new TensorType(other, dims);
  }

  /** The same element type with other dimensions. */
  public TensorType withDims(@Nullable List<Dim> other) {
    return new TensorType(dtype, other);
  }

  /** For example {@code float32[batch, 3, 32, 32]}; {@code float32[…]} without a known rank. */
  @Override
  public String toString() {
    return dtype.label()
        + (dims == null
            ? "[…]"
            : dims.stream().map(Object::toString).collect(Collectors.joining(", ", "[", "]")));
  }
}
