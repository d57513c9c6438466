package dev.tinytitan.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import dev.tinytitan.kernel.KernelRow;
import dev.tinytitan.kernel.PortableEngine;
import dev.tinytitan.op.Catalog;
import dev.tinytitan.op.ShapeOf;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * docs/operators.md is written from the catalog. {@code -Dtinytitan.update.docs=true} writes it
 * anew; else the test fails where the file is stale.
 */
class OperatorTableTest {
  private static final String FILE = "docs/operators.md";

  private static final List<KernelRow> ROWS = new PortableEngine().rows();

  /** Operators of bits and bools: rows for all element-wise operators refuse them. */
  private static final Pattern WITHOUT_FLOATS = Pattern.compile("And|Or|Xor|Not|Bit.*");

  @Test
  void tableIsThatOfTheCatalog() throws IOException {
    String text = document();
    if (Boolean.getBoolean("tinytitan.update.docs")) {
      Files.writeString(ProjectFiles.path(FILE), text);
    }
    assertThat(ProjectFiles.read(FILE))
        .as("%s is stale; run this test with -Dtinytitan.update.docs=true", FILE)
        .isEqualTo(text);
  }

  private static String document() {
    return """
    # Operators

    This file is written by `OperatorTableTest` from the catalog. After a change of an operator or
    of a kernel, run

    ```sh
    ./build -pl core -Dtest=OperatorTableTest -Dtinytitan.update.docs=true test
    ```

    - **form**: the opset whose form of the operator TinyTitan has. Files of older opsets are brought
      to it when they are read: down to opset %d, and below that where the operator has not changed.
    - **unchanged since**: the oldest opset at which that form means the same. A model is written in
      its own opset where its operators allow it.
    - **kernels**: the kernels that the engines portable and simd have for the operator. They depend
      on dtypes, shapes and constants: `titan kernels MODEL --why` says which one each node gets.
      Kernels whose names end in `-plain` are portable's; simd falls back to them. Without a kernel, a
      node runs on the operator's reference evaluation.

    Constant is read, too: it becomes a constant of the graph. Operators that decode into others
    (such as Upsample into Resize) run on the kernels of those.

    ## ONNX

    %s
    ## Internal

    Made by passes, never in files (docs/numerics.md defines the integer ones).

    %s\
    """
        .formatted(
            OpSpec.OLDEST_OPSET,
            table(spec -> !spec.isInternal(), true),
            table(OpSpec::isInternal, false));
  }

  private static String table(Predicate<OpSpec> kind, boolean opsets) {
    StringBuilder text = new StringBuilder();
    text.append(opsets ? "| operator | form | unchanged since " : "| operator ")
        .append("| inputs | outputs | kernels |\n")
        .append(opsets ? "|---|---:|---:" : "|---")
        .append("|---:|---:|---|\n");
    Catalog.all().stream()
        .filter(kind)
        .sorted(Comparator.comparing(OpSpec::name))
        .forEach(spec -> {
          text.append("| ").append(spec.name());
          if (opsets) {
            text.append(" | ").append(spec.since()).append(" | ").append(spec.compatibleSince());
          }
          text.append(" | ")
              .append(count(spec.minInputs(), spec.maxInputs()))
              .append(" | ")
              .append(count(spec.minOutputs(), spec.maxOutputs()))
              .append(" | ")
              .append(kernels(spec))
              .append(" |\n");
        });
    return text.toString();
  }

  private static String count(int least, int most) {
    if (least == most) {
      return Integer.toString(least);
    }
    return most == Integer.MAX_VALUE ? least + " or more" : least + " to " + most;
  }

  private static String kernels(OpSpec spec) {
    Class<?> operator = operatorClass(spec).orElse(null);
    return operator == null || WITHOUT_FLOATS.matcher(spec.name()).matches()
        ? ""
        : ROWS.stream()
            .filter(row -> row.operator().isAssignableFrom(operator))
            .map(row -> "`" + row.name() + "`")
            .distinct()
            .collect(Collectors.joining(", "));
  }

  /** The operator's record; empty for one that decodes into others. */
  private static Optional<Class<?>> operatorClass(OpSpec spec) {
    if (spec.name().equals("Shape")) {
      return Optional.of(ShapeOf.class);
    }
    try {
      Class<?> found = Class.forName(Catalog.class.getPackageName() + "." + spec.name());
      return Operator.class.isAssignableFrom(found) ? Optional.of(found) : Optional.empty();
    } catch (ClassNotFoundException e) {
      throw new AssertionError(spec + " has no file of its name in package op", e);
    }
  }
}
