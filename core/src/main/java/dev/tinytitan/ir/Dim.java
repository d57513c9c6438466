package dev.tinytitan.ir;

/** One dimension of a value's type: a number, a name that stands for one, or nothing known. */
public sealed interface Dim {

  /** A known size, at least 0. */
  record Fixed(int size) implements Dim {
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
