package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Tells the kind of a file or folder, and opens it. */
final class DatasetOpener {
  private static final String KINDS =
      "; known are .npz, .npy, .csv, .tsv, .txt, IDX files (-idx3-ubyte, .gz or not),"
          + " folders of images or WAV files, synthetic:NAME, and SET:FILE for files of "
          + String.join(", ", PublicSets.names());

  private DatasetOpener() {}

  static Dataset open(Path path, DatasetOptions options) {
    if (Dataset.isSynthetic(path)) {
      return Synthetic.open(path.toString(), options);
    }
    Optional<Dataset> set = PublicSets.open(path);
    if (set.isPresent()) {
      return set.get();
    }
    if (Files.isDirectory(path)) {
      return FolderDataset.open(path, options);
    }
    if (!Files.exists(path)) {
      throw new BadDataException("There is no file or folder " + path);
    }
    String name = String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".npz")) {
      return npz(path, options);
    }
    if (name.endsWith(".npy")) {
      return npy(path);
    }
    if (name.endsWith(".csv") || name.endsWith(".tsv")) {
      return CsvDataset.open(path, name.endsWith(".tsv"), options);
    }
    if (name.endsWith(".txt")) {
      return lines(path);
    }
    if (name.matches(".*[-.]idx([0-9]-ubyte)?(\\.gz)?")) {
      return idx(path);
    }
    throw new BadDataException("Cannot tell from its name what " + path + " holds" + KINDS);
  }

  private static Dataset npz(Path file, DatasetOptions options) {
    List<String> names = Npz.names(file);
    String features = npzFeatures(file, options, names);
    Optional<String> labels =
        options.labels().or(() -> names.contains("y") ? Optional.of("y") : Optional.empty());
    Annotations annotations =
        new Annotations(
            labels.map(name -> Npz.read(file, name)),
            List.of(),
            options.groups().map(name -> groups(file, name)));
    return rows(() -> Npz.open(file, features), file + " (" + features + ")", annotations);
  }

  private static String npzFeatures(Path file, DatasetOptions options, List<String> names) {
    if (options.features().size() > 1) {
      throw new BadDataException(
          file + ": one array holds the samples, not " + String.join(", ", options.features()));
    }
    if (!options.features().isEmpty()) {
      return options.features().getFirst();
    }
    if (names.contains("x")) {
      return "x";
    }
    if (names.size() == 1) {
      return names.getFirst();
    }
    throw new BadDataException(
        file + ": say which array holds the samples; there are " + String.join(", ", names));
  }

  private static Tensor groups(Path file, String name) {
    Tensor groups = Npz.read(file, name);
    if (!groups.dtype().isInteger()) {
      throw new BadDataException(
          file + " (" + name + "): groups are integers, not " + groups.dtype());
    }
    return Tensor.of(groups.toLongArray(), groups.shape().toArray());
  }

  private static Dataset npy(Path file) {
    return rows(() -> Npy.open(file), file.toString(), Annotations.NONE);
  }

  /** Rows as they are asked for, or all in memory if they do not follow one another in the file. */
  private static Dataset rows(NpyDataset.Source source, String name, Annotations annotations) {
    try {
      NpyReader reader = source.open();
      if (reader.isRowMajor() && reader.shape().rank() > 0) {
        try {
          return new NpyDataset(reader, source, name, annotations);
        } catch (RuntimeException e) {
          reader.close();
          throw e;
        }
      }
      try (reader) {
        return new TensorDataset(name, reader.readAll(), annotations);
      }
    } catch (IOException e) {
      throw BadDataException.unreadable(name, e);
    }
  }

  private static Dataset lines(Path file) {
    List<String> texts = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(file)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isBlank()) {
          texts.add(line);
        }
      }
    } catch (CharacterCodingException e) {
      throw new BadDataException(file + " is not UTF-8; convert it", e);
    } catch (IOException e) {
      throw BadDataException.unreadable(file.toString(), e);
    }
    Tensor samples = Tensor.of(texts.toArray(String[]::new));
    return new TensorDataset(file.toString(), samples, Annotations.NONE);
  }

  private static Dataset idx(Path file) {
    Tensor samples = Idx.read(file);
    // train-images-idx3-ubyte and train-labels-idx1-ubyte, as MNIST names them.
    String labelsName = String.valueOf(file.getFileName()).replace("images-idx3", "labels-idx1");
    Path labelsFile = file.resolveSibling(labelsName);
    if (labelsFile.equals(file) || !Files.exists(labelsFile)) {
      return new TensorDataset(file.toString(), samples, Annotations.NONE);
    }
    Tensor labels = Idx.read(labelsFile);
    Tensor indices =
        labels.dtype() == DType.UINT8
            ? Tensor.of(labels.toLongArray(), labels.shape().toArray())
            : labels;
    return new TensorDataset(
        file.toString(),
        samples,
        new Annotations(Optional.of(indices), List.of(), Optional.empty()));
  }
}
