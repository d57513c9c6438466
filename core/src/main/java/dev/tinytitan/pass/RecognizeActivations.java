package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Erf;
import dev.tinytitan.op.Gelu;
import dev.tinytitan.op.HardSigmoid;
import dev.tinytitan.op.HardSwish;
import dev.tinytitan.op.Mish;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Pow;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Softplus;
import dev.tinytitan.op.Swish;
import dev.tinytitan.op.Tanh;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Recognizes activation functions that were exported in pieces: hard sigmoid and hard swish from
 * Clip, swish (SiLU) from Sigmoid, mish from Softplus and Tanh, GELU from Erf (Hendrycks and
 * Gimpel, arXiv:1606.08415) or from its Tanh approximation, each in whatever order the factors
 * stand.
 */
public record RecognizeActivations() implements Pass.OfNodes {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double CUBIC = 0.044715;

  /** Products of more factors are no activation functions. */
  private static final int MAX_FACTORS = 4;

  /** {@code coefficient} times all the factors. */
  private record Product(double coefficient, List<String> factors) {
    boolean hasCoefficient(double expected) {
      // Exporters write these constants with as few as six digits.
      return Math.abs(coefficient - expected) <= 2e-6 * Math.abs(expected);
    }
  }

  @Override
  public String name() {
    return "recognize-activations";
  }

  @Override
  public String description() {
    return "Recognizes activation functions that were exported in pieces.";
  }

  @Override
  public Set<String> startsAt() {
    return Set.of("Mul", "Div");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    if (!(node.operator() instanceof Mul) && !(node.operator() instanceof Div)) {
      return Optional.empty();
    }
    Product product = product(scope, node.output());
    String x = null;
    Operator operator = null;
    if (product.factors.size() == 1 && product.hasCoefficient(1 / 6.0)) {
      x = shiftedClip(scope, product.factors.get(0));
      operator = new HardSigmoid(1 / 6f, 0.5f);
    } else if (product.factors.size() == 2) {
      for (int i = 0; i < 2 && operator == null; i++) {
        x = product.factors.get(i);
        operator = gated(scope, product, x, product.factors.get(1 - i));
      }
    }
    // A constant of more dimensions than x would have given the result more dimensions, too.
    return x == null || operator == null || scope.rank(x) != scope.rank(node.output())
        ? Optional.empty()
        : Optional.of(GraphPatch.replace(node, node.withOperator(operator).withInputs(List.of(x))));
  }

  /** The function that {@code coefficient · x · gate} is, if the gate is a known function of x. */
  private static @Nullable Operator gated(Scope scope, Product product, String x, String gate) {
    if (product.hasCoefficient(1 / 6.0) && x.equals(shiftedClip(scope, gate))) {
      return new HardSwish();
    }
    if (product.hasCoefficient(0.5)) {
      String inner = plusOne(scope, gate);
      if (inner != null && isErf(scope, inner, x)) {
        return new Gelu(false);
      }
      if (inner != null && isCubicTanh(scope, inner, x)) {
        return new Gelu(true);
      }
    }
    if (product.hasCoefficient(1)) {
      if (isOf(scope, gate, Sigmoid.class, x)) {
        return new Swish(1);
      }
      if (scope
          .producer(gate, HardSigmoid.class)
          .filter(node -> node.input(0).equals(x))
          .map(node -> (HardSigmoid) node.operator())
          .filter(sigmoid -> sigmoid.alpha() == 1 / 6f && sigmoid.beta() == 0.5f)
          .isPresent()) {
        return new HardSwish();
      }
      Node tanh = scope.producer(gate, Tanh.class).orElse(null);
      if (tanh != null && isOf(scope, tanh.input(0), Softplus.class, x)) {
        return new Mish();
      }
    }
    return null;
  }

  private static boolean isOf(
      Scope scope, String value, Class<? extends Operator> operator, String x) {
    return scope.producer(value, operator).filter(node -> node.input(0).equals(x)).isPresent();
  }

  /** The x of {@code clip(x + 3, 0, 6)}. */
  private static @Nullable String shiftedClip(Scope scope, String value) {
    Node clip = scope.producer(value, Clip.class).orElse(null);
    if (clip == null || !scope.isScalar(clip.input(1), 0) || !scope.isScalar(clip.input(2), 6)) {
      return null;
    }
    return plus(scope, clip.input(0), 3);
  }

  private static @Nullable String plusOne(Scope scope, String value) {
    return plus(scope, value, 1);
  }

  /** The x of {@code x + number}, in either order. */
  private static @Nullable String plus(Scope scope, String value, double number) {
    Node add = scope.producer(value, Add.class).orElse(null);
    if (add == null) {
      return null;
    }
    return scope.isScalar(add.input(1), number)
        ? add.input(0)
        : scope.isScalar(add.input(0), number) ? add.input(1) : null;
  }

  private static boolean isErf(Scope scope, String value, String x) {
    Node erf = scope.producer(value, Erf.class).orElse(null);
    if (erf == null) {
      return false;
    }
    Product inner = product(scope, erf.input(0));
    return inner.hasCoefficient(SQRT_HALF) && inner.factors.equals(List.of(x));
  }

  /** {@code tanh(sqrt(2/π) · (x + 0.044715 · x³))}, or with x taken out of the sum. */
  private static boolean isCubicTanh(Scope scope, String value, String x) {
    Node tanh = scope.producer(value, Tanh.class).orElse(null);
    if (tanh == null) {
      return false;
    }
    Product inner = product(scope, tanh.input(0));
    if (!inner.hasCoefficient(SQRT_2_OVER_PI)) {
      return false;
    }
    if (inner.factors.size() == 1) {
      Node add = scope.producer(inner.factors.get(0), Add.class).orElse(null);
      return add != null
          && ((add.input(0).equals(x) && isCubicTerm(scope, add.input(1), x, 3))
              || (add.input(1).equals(x) && isCubicTerm(scope, add.input(0), x, 3)));
    }
    if (inner.factors.size() == 2 && inner.factors.contains(x)) {
      String other = inner.factors.get(inner.factors.get(0).equals(x) ? 1 : 0);
      String square = plusOne(scope, other);
      return square != null && isCubicTerm(scope, square, x, 2);
    }
    return false;
  }

  private static boolean isCubicTerm(Scope scope, String value, String x, int power) {
    Product term = product(scope, value);
    if (!term.hasCoefficient(CUBIC)) {
      return false;
    }
    int found = 0;
    for (String factor : term.factors) {
      Node pow = scope.producer(factor, Pow.class).orElse(null);
      if (factor.equals(x)) {
        found++;
      } else if (pow != null && pow.input(0).equals(x) && scope.isScalar(pow.input(1), power)) {
        found += power;
      } else {
        return false;
      }
    }
    return found == power;
  }

  /** A value as a product: through Mul and Div by a number, as long as nobody else reads them. */
  private static Product product(Scope scope, String value) {
    List<String> factors = new ArrayList<>();
    double coefficient = 1;
    List<String> open = new ArrayList<>(List.of(value));
    while (!open.isEmpty() && factors.size() <= MAX_FACTORS) {
      String next = open.remove(open.size() - 1);
      Node node = scope.graph().producer(next).orElse(null);
      boolean mayEnter = next.equals(value) || scope.isReadOnce(next);
      if (scope.scalar(next).isPresent()) {
        coefficient *= scope.scalar(next).getAsDouble();
      } else if (node != null && mayEnter && node.operator() instanceof Mul) {
        open.addAll(node.inputs());
      } else if (node != null
          && mayEnter
          && node.operator() instanceof Div
          && scope.scalar(node.input(1)).isPresent()) {
        coefficient /= scope.scalar(node.input(1)).getAsDouble();
        open.add(node.input(0));
      } else {
        factors.add(next);
      }
    }
    return new Product(coefficient, factors);
  }
}
