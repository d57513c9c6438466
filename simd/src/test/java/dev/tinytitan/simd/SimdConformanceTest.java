package dev.tinytitan.simd;

import dev.tinytitan.SessionOptions;
import dev.tinytitan.conformance.ConformanceSuite;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** ONNX's backend suite on the Vector API. */
class SimdConformanceTest {
  @TestFactory
  Stream<DynamicTest> cases() {
    return new ConformanceSuite()
        .tests(SessionOptions.defaults().withThreads(1).withEngine("simd"));
  }
}
