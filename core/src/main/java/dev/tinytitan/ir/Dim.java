package dev.tinytitan.ir;

import org.jspecify.annotations.Nullable;

/** One dimension of a value's type: a number, a name that stands for one, or nothing known. */
public sealed interface Dim {

  /** A known size, at least 0. */
  record Fixed(int size) implements Dim {
    // Written out: what the JVM makes for a record takes it milliseconds when first used.
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Fixed fixed && fixed.size == size;
    }

    @Override
    public int hashCode() {
      return size;
    }

    @Override
    public boolean isFixed() {
      return true;
    }

    @Override
    public String toString() {
      return Integer.toString(size);
    }
  }

  /** A size that is the same wherever the name appears in a model, such as {@code batch}. */
  record Symbol(String name) implements Dim {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Symbol symbol && symbol.name.equals(name);
    }

    @Override
    public int hashCode() {
      return name.hashCode();
    }

    @Override
    public boolean isFixed() {
      return false;
    }

    @Override
    public int size() {
      throw new IllegalStateException("dimension " + name + " has no known size");
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** A size of which nothing is known. */
  record Unknown() implements Dim {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Unknown;
    }

    @Override
    public int hashCode() {
      return 0;
    }

    @Override
    public boolean isFixed() {
      return false;
    }

    @Override
    public int size() {
      throw new IllegalStateException("the dimension has no known size");
    }

    @Override
    public String toString() {
      return "?";
    }
  }

  /** The one unknown dimension. */
  Dim UNKNOWN = new Unknown();

  /** A known size. */
  static Dim of(int size) {
    return new Fixed(size);
  }

  /** True if the size is known. */
  boolean isFixed();

  /**
   * The known size.
   *
   * @throws IllegalStateException if it is not known
   */
  int size();
}
