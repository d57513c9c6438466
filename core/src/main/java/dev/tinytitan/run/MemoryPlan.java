package dev.tinytitan.run;

import dev.tinytitan.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Which values share an array. Values that are not alive at the same time may; an array of one kind
 * never holds values of another.
 *
 * <p>Greedy by size (Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference,
 * 2020), with whole arrays in place of offsets into one: the JVM's compiler vectorizes loops over
 * distinct arrays.
 *
 * @param slots the arrays, by number
 * @param slotOf for each requested buffer, the number of its array
 */
record MemoryPlan(List<Slot> slots, List<Integer> slotOf) {

  /** The kind of Java array that a dtype lies in. */
  enum Kind {
    BYTES(1),
    SHORTS(2),
    INTS(4),
    LONGS(8),
    FLOATS(4),
    DOUBLES(8),
    /** Counted as references; the strings themselves are the heap's. */
    STRINGS(8);

    final int elementBytes;

    Kind(int elementBytes) {
      this.elementBytes = elementBytes;
    }

    static Kind of(DType dtype) {
      return switch (dtype) {
        case FLOAT32, COMPLEX64 -> FLOATS;
        case FLOAT64, COMPLEX128 -> DOUBLES;
        case INT64, UINT64 -> LONGS;
        case INT32, UINT32 -> INTS;
        case INT16, UINT16, FLOAT16, BFLOAT16 -> SHORTS;
        case STRING -> STRINGS;
        default -> BYTES;
      };
    }

    Object allocate(int length) {
      return switch (this) {
        case BYTES -> new byte[length];
        case SHORTS -> new short[length];
        case INTS -> new int[length];
        case LONGS -> new long[length];
        case FLOATS -> new float[length];
        case DOUBLES -> new double[length];
        case STRINGS -> {
          String[] strings = new String[length];
          Arrays.fill(strings, "");
          yield strings;
        }
      };
    }
  }

  /** One array. */
  record Slot(Kind kind, int length) {
    long byteSize() {
      return (long) length * kind.elementBytes;
    }
  }

  /**
   * A buffer to place.
   *
   * @param first the step that first writes it; -1 if it is there before the first
   * @param last the last step that reads it; {@link Integer#MAX_VALUE} if it must outlive the run
   * @param exclusive whether it shares its array with nobody
   */
  record Buffer(Kind kind, int length, int first, int last, boolean exclusive) {}

  /** Places buffers. */
  static MemoryPlan of(List<Buffer> buffers) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < buffers.size(); i++) {
      order.add(i);
    }
    order.sort(new LargestFirst(buffers));
    List<List<Buffer>> tenants = new ArrayList<>();
    List<Slot> slots = new ArrayList<>();
    int[] slotOf = new int[buffers.size()];
    for (int index : order) {
      Buffer buffer = buffers.get(index);
      int chosen = -1;
      for (int slot = 0; slot < slots.size() && chosen < 0 && !buffer.exclusive(); slot++) {
        if (slots.get(slot).kind() == buffer.kind() && !collides(buffer, tenants.get(slot))) {
          chosen = slot;
        }
      }
      if (chosen < 0) {
        chosen = slots.size();
        slots.add(new Slot(buffer.kind(), buffer.length()));
        tenants.add(new ArrayList<>());
      }
      tenants.get(chosen).add(buffer);
      slotOf[index] = chosen;
    }
    List<Integer> numbers = new ArrayList<>(slotOf.length);
    for (int slot : slotOf) {
      numbers.add(slot);
    }
    return new MemoryPlan(List.copyOf(slots), List.copyOf(numbers));
  }

  /** Numbers of buffers, the longest buffer first, then in order. */
  private record LargestFirst(List<Buffer> buffers) implements Comparator<Integer> {
    @Override
    public int compare(Integer one, Integer other) {
      int byLength = Integer.compare(buffers.get(other).length(), buffers.get(one).length());
      return byLength != 0 ? byLength : Integer.compare(one, other);
    }
  }

  private static boolean collides(Buffer buffer, List<Buffer> others) {
    for (Buffer other : others) {
      if (collide(buffer, other)) {
        return true;
      }
    }
    return false;
  }

  private static boolean collide(Buffer one, Buffer other) {
    return other.exclusive() || (one.first() <= other.last() && other.first() <= one.last());
  }

  /** Bytes of all arrays together. */
  long byteSize() {
    return slots.stream().mapToLong(Slot::byteSize).sum();
  }
}
