package dev.tinytitan.op;

import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.ir.Attributes;
import dev.tinytitan.ir.Cost;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.EvalContext;
import dev.tinytitan.ir.ExportContext;
import dev.tinytitan.ir.GradientContext;
import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.InferenceContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * General matrix product of BLAS: {@code alpha * A' * B' + beta * C}, where ' is an optional
 * transposition and C, optional too, is broadcast to the product. Float types, and 32- and 64-bit
 * integers (exact below 2⁵³). ONNX: Gemm-13.
 *
 * @param transA whether A is given as {@code [K, M]}
 * @param transB whether B is given as {@code [N, K]}
 */
public record Gemm(float alpha, float beta, boolean transA, boolean transB) implements Operator {
  static final OpSpec SPEC =
      OpSpec.onnx("Gemm", 13)
          .compatibleSince(11)
          .inputs(2, 3)
          .decoder(new FrequentDecoder("Gemm"))
          .build();

  static Operator decode(ImportContext context) {
    return new Gemm(
        context.attributes().getFloat("alpha", 1),
        context.attributes().getFloat("beta", 1),
        context.attributes().getBoolean("transA", false),
        context.attributes().getBoolean("transB", false));
  }

  @Override
  public OpSpec spec() {
    return SPEC;
  }

  @Override
  public Attributes attributes() {
    return Attributes.builder()
        .putUnless(1f, "alpha", alpha)
        .putUnless(1f, "beta", beta)
        .putUnless(false, "transA", transA)
        .putUnless(false, "transB", transB)
        .build();
  }

  @Override
  public void export(ExportContext context) {
    context.attributes(attributes());
    context.requireOpset(context.node().hasInput(2) ? 7 : 11);
  }

  @Override
  public List<TensorType> infer(InferenceContext context) {
    TensorType a = context.input(0);
    TensorType b = context.input(1);
    Shapes.requireSameDType(a, b);
    requireMatrix(a);
    requireMatrix(b);
    Dim rows = a.hasRank() ? a.dim(transA ? 1 : 0) : Dim.UNKNOWN;
    Dim columns = b.hasRank() ? b.dim(transB ? 0 : 1) : Dim.UNKNOWN;
    if (a.hasRank() && b.hasRank()) {
      MatrixProduct.infer(
          transA ? MatrixProduct.transpose(a) : a,
          transB ? MatrixProduct.transpose(b) : b,
          a.dtype());
    }
    return List.of(a.withDims(List.of(rows, columns)));
  }

  private static void requireMatrix(TensorType type) {
    if (type.hasRank() && type.rank() != 2) {
      throw new ShapeMismatchException("Gemm multiplies matrices, but an input is " + type + ".");
    }
  }

  @Override
  public void eval(EvalContext context) {
    Tensor a = context.input(0);
    Tensor b = context.input(1);
    requireMatrix(TensorType.of(a.dtype(), a.shape()));
    requireMatrix(TensorType.of(b.dtype(), b.shape()));
    MatrixProduct product =
        new MatrixProduct(
            transA ? MatrixProduct.transpose(a.shape()) : a.shape(),
            transB ? MatrixProduct.transpose(b.shape()) : b.shape());
    Shape shape = product.outputShape();
    double[] left = a.toDoubleArray();
    double[] right = b.toDoubleArray();
    double[] y =
        product.multiply(
            transA ? MatrixProduct.transpose(left, a.shape()) : left,
            transB ? MatrixProduct.transpose(right, b.shape()) : right);
    for (int i = 0; i < y.length; i++) {
      y[i] *= alpha;
    }
    if (context.hasInput(2) && beta != 0) {
      addBroadcast(y, shape, context.input(2));
    }
    Elements.store(y, context.output(0, a.dtype(), shape));
  }

  private void addBroadcast(double[] y, Shape shape, Tensor c) {
    if (!Shapes.broadcast(shape, c.shape()).equals(shape)) {
      throw new ShapeMismatchException(
          "C of shape " + c.shape() + " does not broadcast to the product's " + shape + ".");
    }
    double[] values = c.toDoubleArray();
    Broadcast walk = new Broadcast(shape, c.shape());
    for (int i = 0; i < y.length; i++, walk.next()) {
      y[i] += beta * values[walk.index(0)];
    }
  }

  @Override
  public Cost cost(List<@Nullable TensorType> inputs, List<TensorType> outputs) {
    TensorType a = inputs.get(0);
    Dim inner = a == null || !a.hasRank() ? null : a.dim(transA ? 0 : 1);
    return MatrixProduct.cost(inputs, outputs, inner);
  }

  @Override
  public void gradient(GradientContext context) {
    String a = context.input(0);
    String b = context.input(1);
    String dy = context.gradient(0);
    if (context.wants(0)) {
      context.give(
          0,
          transA
              ? context.add(new Gemm(alpha, 1, transB, true), b, dy)
              : context.add(new Gemm(alpha, 1, false, !transB), dy, b));
    }
    if (context.wants(1)) {
      context.give(
          1,
          transB
              ? context.add(new Gemm(alpha, 1, true, transA), dy, a)
              : context.add(new Gemm(alpha, 1, !transA, false), a, dy));
    }
    if (context.wants(2)) {
      context.give(2, beta == 1 ? dy : Gradients.scaled(context, dy, beta));
    }
  }
}
