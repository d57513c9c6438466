package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.io.AtomicFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Takes the steps of recipes. What comes out of a step is written and read back before the next one
 * takes it, so that a result is the same whether or not the steps before it were kept from another
 * recipe.
 */
final class RecipeRunner {
  private final StepContext context;
  private final Optional<Path> kept;

  /**
   * @param kept a folder in which models are kept that training gave; empty to keep none
   */
  RecipeRunner(StepContext context, Optional<Path> kept) {
    this.context = context;
    this.kept = kept;
  }

  /** Takes all steps, but for those whose result is kept from before. */
  Model run(List<Step> steps) {
    Model model = Model.load(context.original().toBytes());
    int from = 0;
    for (int taken = steps.size(); taken > 0; taken--) {
      Optional<Path> file = file(steps.subList(0, taken));
      if (file.isPresent() && Files.exists(file.get())) {
        model = Model.load(file.get());
        from = taken;
        break;
      }
    }
    for (int i = from; i < steps.size(); i++) {
      if (context.stop().getAsBoolean()) {
        throw new InterruptedSearchException();
      }
      byte[] bytes = steps.get(i).apply(model, context).toBytes();
      file(steps.subList(0, i + 1))
          .ifPresent(file -> AtomicFile.write(file, out -> out.write(bytes)));
      model = Model.load(bytes);
    }
    return model;
  }

  /** Where the result of these steps is kept, if it is worth it. */
  private Optional<Path> file(List<Step> steps) {
    return kept.filter(folder -> steps.getLast().training().isPresent())
        .map(folder -> folder.resolve(name(steps) + ".onnx"));
  }

  private static String name(List<Step> steps) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(RecipeJson.line(steps).getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 12);
    } catch (NoSuchAlgorithmException error) {
      throw new IllegalStateException("every Java platform has SHA-256", error);
    }
  }
}
