package dev.tinytitan.cli.command;

import dev.tinytitan.compress.quantize.Calibrator;
import dev.tinytitan.compress.quantize.Rounding;
import dev.tinytitan.compress.quantize.Scheme;
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
}
