package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Products of elements, summed, as an equation of Einstein's convention says. ONNX: Einsum-12.
 *
 * @param equation such as {@code bij,bjk->bik}
 */
public record Einsum(String equation) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Einsum", 12)
          .inputs(1, Integer.MAX_VALUE)
          .decoder(context -> new Einsum(context.attributes().getText("equation", "")))
          .build();

  /** Checks the equation. */
  public Einsum {
    EinsumEquation.parse(equation);
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder().put("equation", equation).build();
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType first = context.input(0);
    List<TensorType> inputs = new ArrayList<>();
    for (int i = 0; i < context.inputCount(); i++) {
      inputs.add(context.input(i));
    }
    if (!inputs.stream().allMatch(TensorType::hasRank)) {
      return List.of(TensorType.unknown(first.dtype()));
    }
    List<String> labels =
        EinsumEquation.parse(equation).labels(inputs.stream().map(TensorType::rank).toList());
    Map<Character, Dim> dims = new HashMap<>();
    for (int i = 0; i < inputs.size(); i++) {
      for (int axis = 0; axis < labels.get(i).length(); axis++) {
        List<Dim> known =
            Shapes.broadcast(
                List.of(dims.getOrDefault(labels.get(i).charAt(axis), Dim.of(1))),
                List.of(inputs.get(i).dim(axis)));
        dims.put(labels.get(i).charAt(axis), known == null ? Dim.UNKNOWN : known.get(0));
      }
    }
    List<Dim> result = new ArrayList<>();
    for (char label : labels.get(inputs.size()).toCharArray()) {
      result.add(dims.getOrDefault(label, Dim.UNKNOWN));
    }
    return List.of(first.withDims(result));
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    List<Shape> shapes = new ArrayList<>();
    for (TensorType type : inputs) {
      if (type == null || !type.isStatic()) {
        return new Cost(0, Operator.bytesMoved(inputs, outputs));
      }
      shapes.add(type.shape());
    }
    Loops loops = Loops.of(equation, shapes);
    long products = 1;
    for (int size : loops.sizes) {
      products *= size;
    }
    return new Cost(
        products * Math.max(1, inputs.size() - 1), Operator.bytesMoved(inputs, outputs));
  }

  /**
   * The gradient of an operand is the product of the result's with all other operands, summed over
   * what the operand has not; along what only the operand has it is the same everywhere.
   */
  @Override
  public void gradient(GradientContext context) {
    int operands = context.node().inputs().size();
    List<Integer> ranks = new ArrayList<>();
    for (int i = 0; i < operands; i++) {
      ranks.add(context.shape(context.input(i)).rank());
    }
    List<String> labels = EinsumEquation.lettered(EinsumEquation.parse(equation).labels(ranks));
    for (int i = 0; i < operands; i++) {
      String own = labels.get(i);
      if (own.chars().distinct().count() != own.length()) {
        context.refuse("operand " + i + " of '" + equation + "' is read along a diagonal");
        return;
      }
      if (context.wants(i)) {
        context.give(i, gradientOf(context, labels, i));
      }
    }
  }

  private static String gradientOf(GradientContext context, List<String> labels, int operand) {
    int operands = labels.size() - 1;
    List<String> terms = new ArrayList<>(List.of(labels.get(operands)));
    List<String> inputs = new ArrayList<>(List.of(context.gradient(0)));
    for (int i = 0; i < operands; i++) {
      if (i != operand) {
        terms.add(labels.get(i));
        inputs.add(context.input(i));
      }
    }
    String known = String.join("", terms);
    StringBuilder result = new StringBuilder();
    Shape shape = context.shape(context.input(operand));
    Shape narrow = shape;
    String own = labels.get(operand);
    boolean missing = false;
    for (int axis = 0; axis < own.length(); axis++) {
      if (known.indexOf(own.charAt(axis)) >= 0) {
        result.append(own.charAt(axis));
      } else {
        narrow = narrow.withDim(axis, 1);
        missing = true;
      }
    }
    String gradient =
        context.add(
            new Einsum(String.join(",", terms) + "->" + result), inputs.toArray(String[]::new));
    return missing
        ? Gradients.expanded(context, Gradients.reshaped(context, gradient, narrow), shape)
        : gradient;
  }

  @Override
  public void eval(EvalContext context) {
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < context.inputCount(); i++) {
      inputs.add(context.input(i));
    }
    Loops loops = Loops.of(equation, inputs.stream().map(Tensor::shape).toList());
    Tensor y = context.output(0, inputs.get(0).dtype(), loops.resultShape());
    int terms = loops.summedSize();
    boolean floating = y.dtype().isFloat();
    for (int i = 0; i < y.size(); i++) {
      double sum = 0;
      long wholeSum = 0;
      for (int term = 0; term < terms; term++, loops.next()) {
        double product = 1;
        long wholeProduct = 1;
        for (int k = 0; k < inputs.size(); k++) {
          if (floating) {
            product *= inputs.get(k).getDouble(loops.position[k]);
          } else {
            wholeProduct *= inputs.get(k).getLong(loops.position[k]);
          }
        }
        sum += product;
        wholeSum += wholeProduct;
      }
      if (floating) {
        y.setDouble(i, sum);
      } else {
        y.setLong(i, wholeSum);
      }
    }
  }

  /** Nested loops over all labels, the result's outside, with each operand's current position. */
  private static final class Loops {
    private final int[] sizes;
    private final int resultRank;
    private final int[][] strides;
    private final int[] counter;
    private final int[] position;

    private Loops(int[] sizes, int resultRank, int[][] strides) {
      this.sizes = sizes;
      this.resultRank = resultRank;
      this.strides = strides;
      this.counter = new int[sizes.length];
      this.position = new int[strides.length];
    }

    static Loops of(String equation, List<Shape> shapes) {
      List<String> labels =
          EinsumEquation.parse(equation).labels(shapes.stream().map(Shape::rank).toList());
      String order = EinsumEquation.loopOrder(labels);
      int[] sizes = sizes(order, labels, shapes);
      int[][] strides = new int[shapes.size()][order.length()];
      for (int k = 0; k < shapes.size(); k++) {
        int[] own = shapes.get(k).strides();
        for (int axis = 0; axis < own.length; axis++) {
          if (shapes.get(k).dim(axis) != 1) {
            strides[k][order.indexOf(labels.get(k).charAt(axis))] += own[axis];
          }
        }
      }
      return new Loops(sizes, labels.get(shapes.size()).length(), strides);
    }

    private static int[] sizes(String order, List<String> labels, List<Shape> shapes) {
      List<Integer> sizes = new ArrayList<>(Collections.nCopies(order.length(), 1));
      for (int k = 0; k < shapes.size(); k++) {
        for (int axis = 0; axis < shapes.get(k).rank(); axis++) {
          int label = order.indexOf(labels.get(k).charAt(axis));
          int dim = shapes.get(k).dim(axis);
          if (dim != 1 && sizes.get(label) != 1 && sizes.get(label) != dim) {
            throw new ShapeMismatchException(
                "Inputs of shapes " + shapes + " do not fit the labels of the equation.");
          }
          if (dim != 1) {
            sizes.set(label, dim);
          }
        }
      }
      return Ints.array(sizes);
    }

    Shape resultShape() {
      return Shape.of(Arrays.copyOf(sizes, resultRank));
    }

    int summedSize() {
      int size = 1;
      for (int i = resultRank; i < sizes.length; i++) {
        size = Math.multiplyExact(size, sizes[i]);
      }
      return size;
    }

    void next() {
      for (int axis = sizes.length - 1; axis >= 0; axis--) {
        boolean wraps = ++counter[axis] == sizes[axis];
        for (int k = 0; k < position.length; k++) {
          position[k] += wraps ? -strides[k][axis] * (sizes[axis] - 1) : strides[k][axis];
        }
        if (!wraps) {
          return;
        }
        counter[axis] = 0;
      }
    }
  }
}
