package dev.tinytitan.pass;

import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.op.Cast;
import dev.tinytitan.tensor.DType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RemoveCastsTest {
  private static Graph casts(DType from, DType first, DType then) {
    return Graph.builder("g")
        .input("x", TensorType.of(from, 5))
        .node(new Cast(first, true, "up"), List.of("x"), "a")
        .node(new Cast(then, true, "up"), List.of("a"), "y")
        .output("y", TensorType.of(then, 5))
        .build();
  }

  @Test
  void aWiderTypeInBetweenIsSkipped() {
    PassTester.assertBecomes(
        new RemoveCasts(),
        casts(DType.INT32, DType.INT64, DType.FLOAT32),
        """
        graph g(x: int32[5]) -> (y: float32[5])
          y = Cast{to=1}(x)
        """);
  }

  @ParameterizedTest
  @CsvSource({
    "FLOAT32, FLOAT16, FLOAT32",
    "FLOAT32, INT32, FLOAT32",
    "INT64, INT32, INT64",
    "UINT8, INT8, INT32",
    // 300 is 44 as uint8, but 255 by way of a float that saturates.
    "INT32, FLOAT32, UINT8"
  })
  void aNarrowerOrOtherTypeInBetweenStays(DType from, DType first, DType then) {
    PassTester.assertUnchanged(new RemoveCasts(), casts(from, first, then));
  }
}
