package dev.tinytitan.cli.command;

import dev.tinytitan.compress.quantize.Calibrator;
import dev.tinytitan.compress.quantize.Scheme;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Options whose values have names with hyphens. */
final class Converters {
  private Converters() {}

  /** {@code int8-dynamic} and the like. */
  static final class SchemeConverter implements ITypeConverter<Scheme> {
    @Override
    public Scheme convert(String value) {
      try {
        return Scheme.of(value);
      } catch (IllegalArgumentException error) {
        throw new TypeConversionException(String.valueOf(error.getMessage()));
      }
    }
  }

  /** {@code minmax} and the like. */
  static final class CalibratorConverter implements ITypeConverter<Calibrator> {
    @Override
    public Calibrator convert(String value) {
      try {
        return Calibrator.of(value);
      } catch (IllegalArgumentException error) {
        throw new TypeConversionException(String.valueOf(error.getMessage()));
      }
    }
  }
}
