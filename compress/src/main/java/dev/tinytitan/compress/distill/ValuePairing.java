package dev.tinytitan.compress.distill;

import dev.tinytitan.BadDataException;
import dev.tinytitan.compress.distill.DistillationLoss.ValuePair;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import dev.tinytitan.ir.Value;
import dev.tinytitan.op.Conv;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds values of a teacher and a student that stand for the same: for each size of feature maps
 * that both have, or each length of sequences, the last value of that size, as what comes later is
 * nearer to the answer.
 */
final class ValuePairing {
  /** A batch that no other dimension is likely to be mistaken for. */
  private static final int BATCH = 7;

  private ValuePairing() {}

  /**
   * The pairs.
   *
   * @throws BadDataException if there are none
   */
  static List<ValuePair> of(Graph teacher, Graph student) {
    Map<List<Integer>, String> theirs = lastOfEachSize(teacher);
    List<ValuePair> pairs = new ArrayList<>();
    lastOfEachSize(student)
        .forEach((places, value) -> {
          String other = theirs.get(places);
          if (other != null) {
            pairs.add(new ValuePair(other, value));
          }
        });
    if (pairs.isEmpty()) {
      throw new BadDataException(
          "Teacher and student have no feature maps of one size, so features cannot be compared;"
              + " name pairs of values, or choose another loss.");
    }
    return pairs;
  }

  /** The last value of each size of places: all dimensions but the batch and the channels. */
  private static Map<List<Integer>, String> lastOfEachSize(Graph graph) {
    Map<String, TensorType> types = TypeInference.infer(withBatch(graph));
    boolean convolves = graph.nodes().stream().anyMatch(n -> n.operator() instanceof Conv);
    Map<List<Integer>, String> last = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      for (String output : node.outputs()) {
        TensorType type = types.get(output);
        if (type != null && isBatched(type)) {
          int[] dims = type.shape().toArray();
          if (convolves && dims.length > 2) {
            // A node that only repeats the places of another is nearer to the answer.
            put(last, Arrays.copyOfRange(dims, 2, dims.length), output);
          } else if (!convolves && dims.length == 3) {
            put(last, Arrays.copyOfRange(dims, 1, 2), output);
          }
        }
      }
    }
    return last;
  }

  private static void put(Map<List<Integer>, String> last, int[] places, String value) {
    if (Arrays.stream(places).anyMatch(size -> size > 1)) {
      last.put(Arrays.stream(places).boxed().toList(), value);
    }
  }

  private static boolean isBatched(TensorType type) {
    return type.isStatic()
        && type.dtype() == DType.FLOAT32
        && type.rank() > 0
        && type.shape().dim(0) == BATCH;
  }

  private static Graph withBatch(Graph graph) {
    List<Value> inputs = new ArrayList<>();
    for (Value input : graph.inputs()) {
      TensorType type = input.tensorType();
      List<Dim> dims = new ArrayList<>(type.knownDims());
      if (!dims.isEmpty()) {
        dims.set(0, Dim.of(BATCH));
      }
      inputs.add(Value.of(input.name(), type.withDims(dims)));
    }
    // Types that were noted for another batch would contradict.
    return graph.toBuilder().inputs(inputs).annotations(List.of()).build();
  }

  /**
   * Where the channels of a sample of two values that are paired lie, and whether they can be
   * paired at all.
   *
   * @param teacher the shape of the teacher's value, without the batch
   * @param student the shape of the student's
   * @return 0 for feature maps and vectors, 1 for sequences of features
   */
  static int channelAxis(ValuePair pair, Shape teacher, Shape student, boolean convolves) {
    int axis = teacher.rank() == 2 && !convolves ? 1 : 0;
    boolean same = teacher.rank() == student.rank() && teacher.rank() > 0;
    for (int i = 0; same && i < teacher.rank(); i++) {
      same = i == axis || teacher.dim(i) == student.dim(i);
    }
    if (!same) {
      throw new BadDataException(
          "The teacher's '"
              + pair.teacher()
              + "' is "
              + teacher
              + " for each sample and the student's '"
              + pair.student()
              + "' "
              + student
              + ": only their channels may differ. Pair other values.");
    }
    return axis;
  }
}
