package dev.tinytitan.cli.command;

import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.compress.prune.Criterion;
import dev.tinytitan.compress.prune.SparseMethod;
import dev.tinytitan.compress.prune.SparsePattern;
import dev.tinytitan.compress.quantize.Calibrator;
import dev.tinytitan.compress.quantize.Rounding;
import dev.tinytitan.compress.quantize.Scheme;
import dev.tinytitan.compress.search.Objective;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Options whose values have names with hyphens. */
final class Converters {
  private Converters() {}

  /** The value of a label; what is wrong with one that is unknown is said by its factory. */
  private static <T> T convert(String label, Function<String, T> factory) {
    try {
      return factory.apply(label);
    } catch (IllegalArgumentException error) {
      throw new TypeConversionException(String.valueOf(error.getMessage()));
    }
  }

  /** {@code int8-dynamic} and the like. */
  static final class SchemeConverter implements ITypeConverter<Scheme> {
    @Override
    public Scheme convert(String value) {
      return Converters.convert(value, Scheme::of);
    }
  }

  /** {@code minmax} and the like. */
  static final class CalibratorConverter implements ITypeConverter<Calibrator> {
    @Override
    public Calibrator convert(String value) {
      return Converters.convert(value, Calibrator::of);
    }
  }

  /** {@code gptq} and the like. */
  static final class RoundingConverter implements ITypeConverter<Rounding> {
    @Override
    public Rounding convert(String value) {
      return Converters.convert(value, Rounding::of);
    }
  }

  /** A share: {@code 0.5} or {@code 50%}. */
  static final class ShareConverter implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      try {
        double share =
            value.endsWith("%")
                ? Double.parseDouble(value.substring(0, value.length() - 1)) / 100
                : Double.parseDouble(value);
        if (share > 0 && share < 1) {
          return share;
        }
      } catch (NumberFormatException error) {
        // Said below.
      }
      throw new TypeConversionException(
          "'" + value + "' is no share: over 0 and below 1, such as 0.5 or 50%");
    }
  }

  /** {@code 2:4}, {@code 1x4} and the like. */
  static final class PatternConverter implements ITypeConverter<SparsePattern> {
    @Override
    public SparsePattern convert(String value) {
      return Converters.convert(value, SparsePattern::of);
    }
  }

  /** {@code sparsegpt} and the like. */
  static final class MethodConverter implements ITypeConverter<SparseMethod> {
    @Override
    public SparseMethod convert(String value) {
      return Converters.convert(value, SparseMethod::of);
    }
  }

  /** {@code size} and the like. */
  static final class ObjectiveConverter implements ITypeConverter<Objective> {
    @Override
    public Objective convert(String value) {
      return Converters.convert(value, Objective::of);
    }
  }

  /** {@code accuracy} and the like. */
  static final class MetricConverter implements ITypeConverter<Metric> {
    @Override
    public Metric convert(String value) {
      return Converters.convert(value, Metric::named);
    }
  }

  /** {@code bn-scale} and the like. */
  static final class CriterionConverter implements ITypeConverter<Criterion> {
    @Override
    public Criterion convert(String value) {
      return Converters.convert(value, Criterion::of);
    }
  }
}
