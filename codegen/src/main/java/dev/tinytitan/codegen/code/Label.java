package dev.tinytitan.codegen.code;

/**
 * A place in code: where a jump goes or where constants lie. An assembler makes it, and binds it
 * once, before or after it is referred to. Two labels are equal only if they are the same.
 */
public final class Label {
  private static final int UNBOUND = -1;

  private final String name;
  private int offset = UNBOUND;

  /**
   * A label that has no place yet.
   *
   * @param name shown in listings
   */
  public Label(String name) {
    this.name = name;
  }

  /** What listings show. */
  public String name() {
    return name;
  }

  /** Whether it has its place. */
  public boolean isBound() {
    return offset != UNBOUND;
  }

  /** Bytes from the start of the code; the label must be bound. */
  public int offset() {
    if (!isBound()) {
      throw new IllegalStateException("Label " + name + " is referred to, but bound nowhere.");
    }
    return offset;
  }

  /** Gives the label its place; once. */
  public void bind(int place) {
    if (isBound()) {
      throw new IllegalStateException("Label " + name + " is bound twice.");
    }
    offset = place;
  }

  @Override
  public String toString() {
    return name;
  }
}
