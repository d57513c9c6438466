package dev.tinytitan.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.Interpreter;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares every kernel that an engine has for a node with the operator's reference: in each
 * layout, whole and in parts, on arrays longer than the tensors, whose ends must stay untouched.
 */
public final class KernelCheck {
  private static final int CANARIES = 37;
  private static final int MOST_PARTS = 3;

  private final List<KernelRow> rows;
  private final Set<String> used = new HashSet<>();

  public KernelCheck(Engine engine) {
    this.rows = engine.rows();
  }

  /** The names of the rows that computed something so far. */
  public Set<String> used() {
    return used;
  }

  /** The rows of the engine. */
  public List<KernelRow> rows() {
    return rows;
  }

  /**
   * Runs every row that takes the node.
   *
   * @param constants how many of the inputs, counted from the end, are constants
   * @return how many rows took it
   */
  public int check(Operator operator, int constants, @Nullable Tensor... inputs) {
    boolean[] constant = new boolean[inputs.length];
    Arrays.fill(constant, inputs.length - constants, inputs.length, true);
    return check(operator, constant, 1, inputs);
  }

  /** {@link #check(Operator, int, Tensor...)} with the constants named one by one. */
  public int check(Operator operator, boolean[] constant, int outputs, @Nullable Tensor... inputs) {
    List<String> names = new ArrayList<>();
    List<Optional<TensorType>> types = new ArrayList<>();
    List<Optional<Tensor>> constants = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      Tensor input = inputs[i];
      names.add(input == null ? "" : "x" + i);
      types.add(
          Optional.ofNullable(input).map(tensor -> TensorType.of(tensor.dtype(), tensor.shape())));
      constants.add(constant[i] ? Optional.ofNullable(input) : Optional.empty());
    }
    List<String> outputNames = new ArrayList<>();
    for (int i = 0; i < outputs; i++) {
      outputNames.add("y" + i);
    }
    Node node = Node.of("node", operator, names, outputNames);
    List<@Nullable Tensor> expected = Interpreter.eval(node, Arrays.asList(inputs));
    List<TensorType> outputTypes = new ArrayList<>();
    for (Tensor tensor : expected) {
      outputTypes.add(TensorType.of(Objects.requireNonNull(tensor).dtype(), tensor.shape()));
    }
    int taken = 0;
    for (KernelRow row : rows) {
      if (!row.operator().isInstance(operator)) {
        continue;
      }
      for (Layout layout : row.layouts()) {
        KernelRequest request =
            new KernelRequest(
                node, types, outputTypes, constants, layout, new PackedWeights(List.of()));
        if (row.refuses(request).isEmpty()) {
          assertThat(row.cost(request)).isPositive().isFinite();
          run(row, request, inputs, expected);
          used.add(row.name());
          taken++;
        }
      }
    }
    return taken;
  }

  /** A request for a node on variables of the types of these tensors, row-major. */
  static KernelRequest request(Operator operator, Tensor... inputs) {
    List<String> names = new ArrayList<>();
    List<Optional<TensorType>> types = new ArrayList<>();
    List<Optional<Tensor>> constants = new ArrayList<>();
    for (Tensor input : inputs) {
      names.add("x" + names.size());
      types.add(Optional.of(TensorType.of(input.dtype(), input.shape())));
      constants.add(Optional.empty());
    }
    Node node = Node.of("node", operator, names, List.of("y"));
    Tensor result = Objects.requireNonNull(Interpreter.eval(node, Arrays.asList(inputs)).get(0));
    return new KernelRequest(
        node,
        types,
        List.of(TensorType.of(result.dtype(), result.shape())),
        constants,
        Layout.ROW_MAJOR,
        new PackedWeights(List.of()));
  }

  private void run(
      KernelRow row,
      KernelRequest request,
      @Nullable Tensor[] inputs,
      List<@Nullable Tensor> expected) {
    Kernel kernel = row.make(request);
    int most = kernel.parts(MOST_PARTS);
    for (int parts : most > 1 ? new int[] {1, most} : new int[] {1}) {
      @Nullable Tensor[] given = new Tensor[inputs.length];
      for (int i = 0; i < inputs.length; i++) {
        Tensor input = inputs[i];
        boolean constant = request.isConstant(i);
        given[i] =
            input == null || (constant && !kernel.reads(i))
                ? null
                : constant ? input : longer(inLayout(input, request.layout()), true);
      }
      runParts(row, kernel, request, given, expected, parts, -1);
      for (int i = 0; i < inputs.length; i++) {
        Tensor input = given[i];
        if (row.canRunInPlace(i)
            && input != null
            && !request.isConstant(i)
            && input.dtype() == request.layout().stored(request.outputDType(0))
            && input.shape().equals(request.outputShape(0))) {
          @Nullable Tensor[] copy = given.clone();
          copy[i] = longer(inLayout(Objects.requireNonNull(inputs[i]), request.layout()), true);
          runParts(row, kernel, request, copy, expected, parts, i);
        }
      }
    }
  }

  private void runParts(
      KernelRow row,
      Kernel kernel,
      KernelRequest request,
      @Nullable Tensor[] given,
      List<@Nullable Tensor> expected,
      int parts,
      int inPlaceOf) {
    @Nullable Tensor[] outputs = new Tensor[expected.size()];
    for (int i = 0; i < outputs.length; i++) {
      Tensor blank =
          Tensor.zeros(request.layout().stored(request.outputDType(i)), request.outputShape(i));
      outputs[i] = longer(blank, false);
    }
    if (inPlaceOf >= 0) {
      outputs[0] = given[inPlaceOf];
    }
    for (int part = 0; part < parts; part++) {
      Scratch scratch =
          new Scratch(kernel.scratchFloats(), kernel.scratchInts(), kernel.scratchBytes());
      Arrays.fill(scratch.floats(), Float.NaN);
      kernel.run(given, outputs, scratch, part, parts);
    }
    String what =
        row.name()
            + " "
            + request.operator()
            + " "
            + request.inputs()
            + " "
            + request.layout()
            + ", part count "
            + parts
            + (inPlaceOf >= 0 ? ", in place" : "");
    for (int i = 0; i < outputs.length; i++) {
      Tensor output = Objects.requireNonNull(outputs[i]);
      Tensor wanted = Objects.requireNonNull(expected.get(i));
      assertClose(what, request.operator(), inLayout(wanted, request.layout()), output);
      assertCanaries(what, output);
    }
  }

  private static Tensor inLayout(Tensor tensor, Layout layout) {
    Layout to = layout.canonical(tensor.dtype(), tensor.shape());
    if (to == Layout.ROW_MAJOR) {
      return tensor;
    }
    Tensor result = Tensor.zeros(to.stored(tensor.dtype()), tensor.shape());
    new LayoutConversion(tensor.dtype(), tensor.shape(), Layout.ROW_MAJOR, to)
        .run(new Tensor[] {tensor}, new Tensor[] {result}, new Scratch(0, 0, 0), 0, 1);
    return result;
  }

  /** The tensor over a longer array, with canaries behind the end. */
  private static Tensor longer(Tensor tensor, boolean copy) {
    int size = tensor.size() + CANARIES;
    Object array =
        switch (tensor.dtype()) {
          case FLOAT32 -> filled(new float[size]);
          case INT64 -> filled(new long[size]);
          case INT32 -> filled(new int[size]);
          case FLOAT64 -> filled(new double[size]);
          case FLOAT16 -> new short[size];
          default -> filled(new byte[size]);
        };
    Tensor result = Tensor.over(tensor.dtype(), tensor.shape(), array);
    if (copy) {
      result.copyFrom(tensor);
    }
    return result;
  }

  private static float[] filled(float[] array) {
    Arrays.fill(array, -77.5f);
    return array;
  }

  private static double[] filled(double[] array) {
    Arrays.fill(array, -77.5);
    return array;
  }

  private static long[] filled(long[] array) {
    Arrays.fill(array, -77);
    return array;
  }

  private static int[] filled(int[] array) {
    Arrays.fill(array, -77);
    return array;
  }

  private static byte[] filled(byte[] array) {
    Arrays.fill(array, (byte) -77);
    return array;
  }

  private static void assertCanaries(String what, Tensor tensor) {
    Shape rest = Shape.of(tensor.size() + CANARIES);
    if (tensor.dtype() == DType.FLOAT16 || tensor.dtype().bits() < 8) {
      return;
    }
    Tensor all = Tensor.over(tensor.dtype(), rest, Objects.requireNonNull(tensor.array()));
    for (int i = tensor.size(); i < rest.size(); i++) {
      double canary = tensor.dtype().isFloat() ? -77.5 : tensor.dtype().isUnsigned() ? 179 : -77;
      if (tensor.dtype() == DType.BOOL) {
        assertThat(all.byteArray()[i]).as(what).isEqualTo((byte) -77);
      } else {
        assertThat(all.getDouble(i)).as("behind the end of %s", what).isEqualTo(canary);
      }
    }
  }

  /**
   * Requires floats within the operator's tolerance, and anything else to be equal.
   *
   * @param what is compared, for the message
   */
  public static void assertClose(String what, Operator operator, Tensor expected, Tensor actual) {
    double greatest = 0;
    for (int i = 0; i < expected.size(); i++) {
      double x = Math.abs(expected.getDouble(i));
      greatest = Double.isFinite(x) ? Math.max(greatest, x) : greatest;
    }
    double tolerance =
        expected.dtype().isFloat()
            ? operator.spec().relativeTolerance() * greatest + operator.spec().absoluteTolerance()
            : 0;
    for (int i = 0; i < expected.size(); i++) {
      double want = expected.getDouble(i);
      double got = actual.getDouble(i);
      boolean close =
          want == got
              || (Double.isNaN(want) && Double.isNaN(got))
              || Math.abs(want - got) <= tolerance;
      if (!close) {
        assertThat(got).as("element %d of %s", i, what).isEqualTo(want);
      }
    }
  }
}
