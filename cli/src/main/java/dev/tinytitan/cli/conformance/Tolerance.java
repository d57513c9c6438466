package dev.tinytitan.cli.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * How near an output must be to the expected one: {@code |actual - expected| <= atol + rtol *
 * |expected|}, as the suite's own runner has it; infinities and NaN must match.
 *
 * @param relative rtol
 * @param absolute atol
 */
record Tolerance(double relative, double absolute) {
  private static final Tolerance STANDARD = new Tolerance(1e-3, 1e-7);

  /** What a case's {@code data.json} says, or the suite's standard where there is none. */
  static Tolerance of(Path dataJson) {
    if (!Files.exists(dataJson)) {
      return STANDARD;
    }
    try {
      JsonNode json = new ObjectMapper().readTree(dataJson.toFile());
      return new Tolerance(
          json.path("rtol").asDouble(STANDARD.relative),
          json.path("atol").asDouble(STANDARD.absolute));
    } catch (IOException error) {
      throw new BadDataException("'" + dataJson + "' is not the JSON it should be.", error);
    }
  }

  /** The first difference, in words; empty if there is none. */
  Optional<String> difference(Tensor expected, Tensor actual) {
    if (expected.dtype() != actual.dtype()) {
      return Optional.of("expected " + expected.dtype() + ", got " + actual.dtype());
    }
    if (!expected.shape().equals(actual.shape())) {
      return Optional.of("expected shape " + expected.shape() + ", got " + actual.shape());
    }
    for (int i = 0; i < expected.size(); i++) {
      if (!agree(expected, actual, i)) {
        return Optional.of(
            "first differs at index "
                + indices(expected.shape(), i)
                + ": expected "
                + text(expected, i)
                + ", got "
                + text(actual, i));
      }
    }
    return Optional.empty();
  }

  private boolean agree(Tensor expected, Tensor actual, int index) {
    if (expected.dtype() == DType.STRING) {
      return expected.getString(index).equals(actual.getString(index));
    }
    if (expected.dtype() == DType.COMPLEX64 || expected.dtype() == DType.COMPLEX128) {
      return near(expected.getComplex(index, 0), actual.getComplex(index, 0))
          && near(expected.getComplex(index, 1), actual.getComplex(index, 1));
    }
    if (!expected.dtype().isFloat() && expected.getLong(index) == actual.getLong(index)) {
      return true;
    }
    return near(expected.getDouble(index), actual.getDouble(index));
  }

  private boolean near(double expected, double actual) {
    if (Double.isNaN(expected) || Double.isNaN(actual)) {
      return Double.isNaN(expected) && Double.isNaN(actual);
    }
    return expected == actual
        || Math.abs(actual - expected) <= absolute + relative * Math.abs(expected);
  }

  private static String indices(Shape shape, int flat) {
    int[] indices = new int[shape.rank()];
    int rest = flat;
    for (int axis = shape.rank() - 1; axis >= 0; axis--) {
      indices[axis] = rest % shape.dim(axis);
      rest /= shape.dim(axis);
    }
    return Arrays.toString(indices);
  }

  private static String text(Tensor tensor, int index) {
    return switch (tensor.dtype()) {
      case STRING -> '"' + tensor.getString(index) + '"';
      case COMPLEX64, COMPLEX128 ->
          tensor.getComplex(index, 0) + "+" + tensor.getComplex(index, 1) + "i";
      default ->
          tensor.dtype().isFloat()
              ? Double.toString(tensor.getDouble(index))
              : Long.toString(tensor.getLong(index));
    };
  }
}
