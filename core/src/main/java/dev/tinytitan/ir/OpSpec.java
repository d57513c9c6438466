package dev.tinytitan.ir;

import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is fixed about an operator: its ONNX name and opsets, how many inputs and outputs it has,
 * how a node is decoded, and how tests should treat it. Immutable.
 *
 * @param domain {@code ""} for ONNX's own; {@link #INTERNAL} for fused operators that are never
 *     exported
 * @param name the operator's name in its domain
 * @param since the opset of the form that {@link Operator#attributes} has
 * @param compatibleSince the oldest opset at which that form means the same
 * @param minInputs the fewest inputs
 * @param maxInputs the most inputs; {@link Integer#MAX_VALUE} if any number
 * @param minOutputs the fewest outputs
 * @param maxOutputs the most outputs
 * @param decoder makes the operator from a node of a model file, whatever its opset
 * @param relativeTolerance how far a float kernel may be from {@code eval}, relative to the largest
 *     magnitude of the output
 * @param absoluteTolerance how far a float kernel may be from {@code eval} beside that
 * @param domainLow the least input value that tests draw
 * @param domainHigh the greatest input value that tests draw
 */
public record OpSpec(
    String domain,
    String name,
    int since,
    int compatibleSince,
    int minInputs,
    int maxInputs,
    int minOutputs,
    int maxOutputs,
    Function<ImportContext, Operator> decoder,
    double relativeTolerance,
    double absoluteTolerance,
    double domainLow,
    double domainHigh) {

  /** The domain of operators that passes make and files never hold. */
  public static final String INTERNAL = "dev.tinytitan";

  /** The newest opset of the default domain that is read and written. */
  public static final int NEWEST_OPSET = 25;

  /**
   * The oldest opset of the default domain that is read; older models are, too, where all their
   * operators mean the same since.
   */
  public static final int OLDEST_OPSET = 7;

  /** Starts the specification of an operator of ONNX's own domain, one input, one output. */
  public static Builder onnx(String name, int since) {
    return new Builder("", name, since);
  }

  /** Starts the specification of an internal operator, one input, one output. */
  public static Builder internal(String name) {
    return new Builder(INTERNAL, name, 1).decoder(new NeverDecoder());
  }

  /** A class, and no lambda, for fast starts. */
  private static final class NeverDecoder implements Function<ImportContext, Operator> {
    @Override
    public Operator apply(ImportContext context) {
      throw context.unsupported("internal operators do not stand in files");
    }
  }

  /** True for operators that passes make and files never hold. */
  public boolean isInternal() {
    return domain.equals(INTERNAL);
  }

  /** Name and opset, such as {@code Softmax-13}. */
  @Override
  public String toString() {
    return (domain.isEmpty() ? "" : domain + "::") + name + "-" + since;
  }

  /** Collects a specification. */
  public static final class Builder {
    private final String domain;
    private final String name;
    private final int since;
    private int compatibleSince;
    private int minInputs = 1;
    private int maxInputs = 1;
    private int minOutputs = 1;
    private int maxOutputs = 1;
    private @Nullable Function<ImportContext, Operator> decoder;
    private double relativeTolerance = 1e-5;
    private double absoluteTolerance = 1e-6;
    private double domainLow = -3;
    private double domainHigh = 3;

    private Builder(String domain, String name, int since) {
      this.domain = domain;
      this.name = name;
      this.since = since;
      this.compatibleSince = since;
    }

    /** The oldest opset at which the newest form means the same. */
    public Builder compatibleSince(int opset) {
      this.compatibleSince = opset;
      return this;
    }

    /** Exactly this many inputs. */
    public Builder inputs(int count) {
      return inputs(count, count);
    }

    /** From {@code min} to {@code max} inputs. */
    public Builder inputs(int min, int max) {
      this.minInputs = min;
      this.maxInputs = max;
      return this;
    }

    /** From {@code min} to {@code max} outputs. */
    public Builder outputs(int min, int max) {
      this.minOutputs = min;
      this.maxOutputs = max;
      return this;
    }

    /** How a node of a model file becomes the operator. */
    public Builder decoder(Function<ImportContext, Operator> function) {
      this.decoder = function;
      return this;
    }

    /** How far float kernels may be from the reference. */
    public Builder tolerance(double relative, double absolute) {
      this.relativeTolerance = relative;
      this.absoluteTolerance = absolute;
      return this;
    }

    /** Between what values tests draw inputs. */
    public Builder valueDomain(double low, double high) {
      this.domainLow = low;
      this.domainHigh = high;
      return this;
    }

    /** The specification. */
    public OpSpec build() {
      return new OpSpec(
          domain,
          name,
          since,
          compatibleSince,
          minInputs,
          maxInputs,
          minOutputs,
          maxOutputs,
          Objects.requireNonNull(decoder, "decoder"),
          relativeTolerance,
          absoluteTolerance,
          domainLow,
          domainHigh);
    }
  }
}
