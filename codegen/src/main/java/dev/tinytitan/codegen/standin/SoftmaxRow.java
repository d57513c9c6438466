package dev.tinytitan.codegen.standin;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.Approximations;
import dev.tinytitan.kernel.Kernel;
import dev.tinytitan.kernel.KernelRequest;
import dev.tinytitan.kernel.Scratch;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Softmax over short rows of a matrix, operation by operation as the generated code of chains has
 * it: the same polynomial with the same fused multiply-adds, the same order of additions, and so
 * the same bits. That order depends on how wide the code's vectors are.
 */
public final class SoftmaxRow extends StandInRow {
  /** Elements of a row at most: generated code for each vector of a row is written out. */
  public static final int MOST = 512;

  /** The least argument of the exponential: below, results would be denormal. */
  public static final float LEAST = -87;

  private final int lanes;

  /**
   * A row for code with vectors of this many floats.
   *
   * @param lanes a power of two
   */
  public SoftmaxRow(int lanes) {
    this.lanes = lanes;
  }

  /** Why neither this nor a chain computes a node; empty if both do. */
  public static Optional<String> refusal(KernelRequest request) {
    Shape shape = request.inputShape(0);
    int axis = request.operator(Softmax.class).axis();
    boolean last = axis == -1 || axis == 1;
    return shape.rank() == 2 && last && shape.dim(1) <= MOST
        ? Optional.empty()
        : Optional.of("it is not along short rows of a matrix");
  }

  @Override
  public String name() {
    return "softmax-float32-rows";
  }

  @Override
  public Class<? extends Operator> operator() {
    return Softmax.class;
  }

  @Override
  public Optional<String> refuses(KernelRequest request) {
    return request.inputDType(0) == DType.FLOAT32
        ? refusal(request)
        : Optional.of("the input is not float32");
  }

  @Override
  public double cost(KernelRequest request) {
    return 3.0 * request.inputShape(0).size();
  }

  @Override
  public Kernel make(KernelRequest request) {
    Shape shape = request.inputShape(0);
    return new Rows(shape.dim(0), shape.dim(1), lanes);
  }

  /** The kernel. */
  private static final class Rows implements Kernel {
    private final int rows;
    private final int length;
    private final int lanes;
    private final float[] coefficients = Approximations.expCoefficients();

    Rows(int rows, int length, int lanes) {
      this.rows = rows;
      this.length = length;
      this.lanes = lanes;
    }

    @Override
    public int scratchFloats() {
      return 2 * lanes;
    }

    @Override
    public void run(
        @Nullable Tensor[] inputs,
        @Nullable Tensor[] outputs,
        Scratch scratch,
        int part,
        int parts) {
      float[] x = Objects.requireNonNull(inputs[0]).floatArray();
      float[] y = Objects.requireNonNull(outputs[0]).floatArray();
      for (int row = 0; row < rows; row++) {
        softmax(x, y, row * length, scratch.floats());
      }
    }

    private void softmax(float[] x, float[] y, int from, float[] sums) {
      float greatest = -Float.MAX_VALUE;
      for (int i = 0; i < length; i++) {
        greatest = Math.max(greatest, x[from + i]);
      }
      for (int lane = 0; lane < lanes; lane++) {
        sums[lane] = 0;
      }
      for (int i = 0; i < length; i++) {
        float power = exponential(x[from + i] - greatest);
        y[from + i] = power;
        sums[i % lanes] += power;
      }
      // As vectors are added up: halves exchanged, each place with its partner.
      for (int distance = lanes / 2; distance > 0; distance /= 2) {
        for (int lane = 0; lane < distance; lane++) {
          sums[lane] += sums[lane + distance];
        }
      }
      for (int i = 0; i < length; i++) {
        y[from + i] /= sums[0];
      }
    }

    /** {@code e^x} for x of at most 0, as the generated exponential has it. */
    private float exponential(float argument) {
      float x = Math.max(LEAST, argument);
      int steps = (int) Math.rint(x * Approximations.LOG2_E);
      x = Math.fma(-(float) steps, Approximations.LN2_HIGH, x);
      x = Math.fma(-(float) steps, Approximations.LN2_LOW, x);
      float polynomial = coefficients[0];
      for (int i = 1; i < coefficients.length; i++) {
        polynomial = Math.fma(polynomial, x, coefficients[i]);
      }
      polynomial = Math.fma(polynomial, x, 1);
      polynomial = Math.fma(polynomial, x, 1);
      return Float.intBitsToFloat(Float.floatToRawIntBits(polynomial) + (steps << 23));
    }
  }
}
