package dev.tinytitan.surroundings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.Model;
import dev.tinytitan.examples.Embed;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A binding's run allocates nothing, in any model whose steps all have kernels. */
class AllocationTest {
  private static final List<String> MODELS = List.of("kws", "resnet8", "vww", "ad", "strww");

  @TempDir private Path folder;

  private List<String> models(String engine) throws Exception {
    List<String> files = new ArrayList<>();
    for (Model model : List.of(TestModels.empty(), TestModels.floats(), TestModels.integers())) {
      Path file = folder.resolve(model.graph().name() + ".onnx");
      model.save(file);
      files.add(file.toString());
    }
    for (String model : MODELS) {
      for (String kind : List.of("_fp32", "_int8")) {
        TestModels.shared(model + kind).ifPresent(file -> files.add(file.toString()));
      }
    }
    Path miniLm = folder.resolve("minilm.onnx");
    try (InputStream in = Embed.class.getResourceAsStream("/all-minilm-l6-v2.onnx")) {
      Files.copy(in, miniLm);
    }
    // On vectors, whether attention allocates still depends on what the compiler inlines.
    if (engine.equals("portable")) {
      files.add(miniLm.toString());
    }
    return files;
  }

  @ParameterizedTest
  @ValueSource(strings = {"portable", "simd"})
  void runsAllocateNothing(String engine) throws Exception {
    List<String> models = models(engine);
    List<String> arguments = new ArrayList<>(ForkedJava.VECTOR_MODULE);
    arguments.addAll(
        List.of(
            // Compiles before it goes on, so that the outcome does not depend on the machine's
            // load.
            "-Xbatch",
            "-Xmx1g",
            "-Dtinytitan.engine=" + engine,
            "-cp",
            ForkedJava.classPath(
                ForkedJava.home(Model.class),
                ForkedJava.simd(),
                ForkedJava.home(AllocationLoop.class)),
            AllocationLoop.class.getName()));
    arguments.addAll(models);
    List<String> lines = ForkedJava.run(folder, arguments).output();
    assertThat(lines).hasSameSizeAs(models);
    assertThat(lines)
        .as("model, bytes of 20 runs, operators without a kernel")
        .allSatisfy(line -> assertThat(line.split(" ", -1)[1]).as(line).isEqualTo("0"));
  }
}
