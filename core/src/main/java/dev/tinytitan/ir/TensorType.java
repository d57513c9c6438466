package dev.tinytitan.ir;

import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
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
    if (dims == null) {
      return false;
    }
    for (Dim dim : dims) {
      if (!dim.isFixed()) {
        return false;
      }
    }
    return true;
  }

  /**
   * The concrete shape.
   *
   * @throws IllegalStateException if a dimension is not known
   */
  public Shape shape() {
    List<Dim> known = knownDims();
    int[] sizes = new int[known.size()];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = known.get(i).size();
    }
    return Shape.of(sizes);
  }

  /** The same dimensions with another element type. */
  public TensorType withDType(DType other) {
    return new TensorType(other, dims);
  }

  /** The same element type with other dimensions. */
  public TensorType withDims(@Nullable List<Dim> other) {
    return new TensorType(dtype, other);
  }

  // Written out: what the JVM makes for a record takes it milliseconds when first used.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TensorType type
        && type.dtype == dtype
        && Objects.equals(type.dims, dims);
  }

  @Override
  public int hashCode() {
    return dtype.hashCode() * 31 + Objects.hashCode(dims);
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
