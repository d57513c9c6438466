package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** A folder of images or sounds, one sample a file; folders in it are classes. */
final class FolderDataset implements Dataset {
  private static final Set<String> IMAGES = Set.of("png", "jpg", "jpeg", "gif", "bmp");
  private static final Set<String> SOUNDS = Set.of("wav");

  private final String source;
  private final List<Path> files;
  private final Function<Path, Tensor> reader;
  private final Shape sampleShape;
  private final Annotations annotations;

  private FolderDataset(
      String source,
      List<Path> files,
      Function<Path, Tensor> reader,
      Shape sampleShape,
      Annotations annotations) {
    this.source = source;
    this.files = files;
    this.reader = reader;
    this.sampleShape = sampleShape;
    this.annotations = annotations;
  }

  /** Opens a folder; see {@link Dataset#open}. */
  static Dataset open(Path folder, DatasetOptions options) {
    List<Path> classFolders = list(folder).stream().filter(Files::isDirectory).toList();
    List<Path> files = new ArrayList<>();
    List<Long> classes = new ArrayList<>();
    if (classFolders.isEmpty()) {
      files.addAll(samplesIn(folder));
    }
    for (int i = 0; i < classFolders.size(); i++) {
      for (Path file : samplesIn(classFolders.get(i))) {
        files.add(file);
        classes.add((long) i);
      }
    }
    if (files.isEmpty()) {
      throw new BadDataException(
          folder
              + " has no images ("
              + String.join(", ", IMAGES.stream().sorted().toList())
              + ") and no WAV files, nor have the folders in it");
    }
    Annotations annotations =
        classFolders.isEmpty()
            ? Annotations.NONE
            : new Annotations(
                Optional.of(Tensor.of(classes.stream().mapToLong(Long::longValue).toArray())),
                classFolders.stream().map(path -> path.getFileName().toString()).toList(),
                Optional.empty());
    boolean sounds = SOUNDS.contains(extension(files.getFirst()));
    for (Path file : files) {
      if (SOUNDS.contains(extension(file)) != sounds) {
        throw new BadDataException(
            folder + " has images and sounds: " + files.getFirst() + " and " + file);
      }
    }
    String source = folder.toString();
    return sounds
        ? sounds(source, files, annotations, options)
        : images(source, files, annotations, options);
  }

  private static Dataset images(
      String source, List<Path> files, Annotations annotations, DatasetOptions options) {
    ImageLayout layout = options.image().orElseGet(() -> Images.layoutOf(files.getFirst()));
    boolean resize = options.image().isPresent();
    Function<Path, Tensor> reader =
        file -> {
          if (!resize) {
            ImageLayout own = Images.layoutOf(file);
            if (own.height() != layout.height() || own.width() != layout.width()) {
              throw new BadDataException(
                  file
                      + " has "
                      + own.width()
                      + " by "
                      + own.height()
                      + " pixels, but "
                      + files.getFirst()
                      + " has "
                      + layout.width()
                      + " by "
                      + layout.height()
                      + "; say to what size images are to be brought");
            }
          }
          return Images.read(file, layout);
        };
    Shape shape = Shape.of(layout.channels(), layout.height(), layout.width());
    return new FolderDataset(source, files, reader, shape, annotations);
  }

  private static Dataset sounds(
      String source, List<Path> files, Annotations annotations, DatasetOptions options) {
    Sound first = Sound.read(files.getFirst());
    int length = options.soundLength() > 0 ? options.soundLength() : first.length();
    Function<Path, Tensor> reader =
        file -> {
          Sound sound = Sound.read(file);
          if (sound.sampleRate() != first.sampleRate()) {
            throw new BadDataException(
                file
                    + " has "
                    + sound.sampleRate()
                    + " samples a second, but "
                    + files.getFirst()
                    + " has "
                    + first.sampleRate()
                    + "; convert one of them");
          }
          return sound.mono(length);
        };
    return new FolderDataset(source, files, reader, Shape.of(length), annotations);
  }

  private static List<Path> samplesIn(Path folder) {
    return list(folder).stream()
        .filter(file -> IMAGES.contains(extension(file)) || SOUNDS.contains(extension(file)))
        .filter(Files::isRegularFile)
        .toList();
  }

  /**
   * What lies in a folder, sorted by name, so that the order does not depend on the file system.
   */
  private static List<Path> list(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> !entry.getFileName().toString().startsWith("."))
          .sorted((a, b) -> a.getFileName().toString().compareTo(b.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw new BadDataException("Cannot read the folder " + folder + ": " + e, e);
    }
  }

  private static String extension(Path file) {
    String name = file.getFileName().toString();
    return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
  }

  @Override
  public int size() {
    return files.size();
  }

  @Override
  public DType dtype() {
    return DType.FLOAT32;
  }

  @Override
  public Shape sampleShape() {
    return sampleShape;
  }

  @Override
  public Tensor samples(int from, int to) {
    Objects.checkFromToIndex(from, to, size());
    Tensor samples =
        RawElements.allocate(DType.FLOAT32, Rows.withRows(to - from, sampleShape), source);
    for (int i = from; i < to; i++) {
      Tensor sample = reader.apply(files.get(i));
      Rows.copy(sample, 0, samples, (i - from) * sample.size(), sample.size());
    }
    return samples;
  }

  @Override
  public Optional<Tensor> labels() {
    return annotations.labels();
  }

  @Override
  public List<String> classNames() {
    return annotations.classNames();
  }

  @Override
  public Optional<Tensor> groups() {
    return annotations.groups();
  }

  @Override
  public void close() {
    // Files are opened one at a time, and closed when read.
  }
}
