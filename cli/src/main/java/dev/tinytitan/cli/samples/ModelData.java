package dev.tinytitan.cli.samples;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.SampleCheck;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.data.Dataset;
import dev.tinytitan.data.DatasetOptions;
import dev.tinytitan.data.ImageLayout;
import dev.tinytitan.data.Npz;
import dev.tinytitan.data.text.Encoding;
import dev.tinytitan.data.text.WordPieceTokenizer;
import dev.tinytitan.ir.Dim;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A data set in the form that a model takes: shaped, of its element types, tokenized; each sample a
 * batch of one.
 *
 * @param samples the inputs of each sample, with its class where there are classes
 * @param targets what is right for each sample, shape [size, ...], if the data say so: class
 *     indices, or values
 * @param classNames the names of classes, where they have any
 */
public record ModelData(Samples samples, Optional<Tensor> targets, List<String> classNames) {
  /** Data up to this size are held in memory, for random access. */
  private static final long MOST_IN_MEMORY = 512L << 20;

  /** Copies the list. */
  public ModelData {
    classNames = List.copyOf(classNames);
  }

  /**
   * Opens data for a model.
   *
   * @param options which part of the data is what; sizes of images and sounds are taken from the
   *     model
   * @param white what white becomes in images, such as 255 or 1
   * @param tokenizer asked for only if the data are texts
   * @throws BadDataException if the data cannot be read, or do not fit the model
   */
  public static ModelData open(
      Path path,
      DatasetOptions options,
      float white,
      Model model,
      Supplier<WordPieceTokenizer> tokenizer) {
    Optional<ModelData> named = arrays(path, options, model);
    if (named.isPresent()) {
      return named.get();
    }
    boolean classifies = SampleCheck.classifies(model);
    Dataset data = Dataset.open(path, fitted(path, options, white, model));
    if (data.size() == 0) {
      throw new BadDataException("'" + path + "' holds no samples.");
    }
    if (data.dtype() == DType.STRING) {
      return texts(path, data, model, tokenizer);
    }
    if (model.inputs().size() != 1) {
      throw new BadDataException(
          "The model has "
              + model.inputs().size()
              + " inputs: give a .npz with an array for each of "
              + names(model)
              + ".");
    }
    Value input = model.inputs().get(0);
    Shape shape = shape(path, data, input);
    boolean channelsLast = isFitted(path) && isChannelsLast(input.tensorType());
    Dataset held =
        data.dtype().bits() / 8L * data.sampleShape().size() * data.size() <= MOST_IN_MEMORY
            ? data.inMemory()
            : data;
    Samples samples =
        Samples.of(
            held.size(),
            index -> {
              Tensor sample = held.samples(index, index + 1);
              Tensor placed = channelsLast ? channelsLast(sample) : sample;
              Tensor cast = Elements.cast(placed, input.tensorType().dtype());
              return sample(
                  Map.of(input.name(), cast.reshape(shape)), held.labels(), index, classifies);
            });
    return new ModelData(grouped(samples, held.groups()), held.labels(), held.classNames());
  }

  /** The same samples, with the groups that the data know. */
  private static Samples grouped(Samples samples, Optional<Tensor> known) {
    if (known.isEmpty()) {
      return samples;
    }
    Tensor groups = known.get();
    return new Samples() {
      @Override
      public int size() {
        return samples.size();
      }

      @Override
      public Sample get(int index) {
        return samples.get(index);
      }

      @Override
      public long group(int index) {
        return groups.getLong(index);
      }
    };
  }

  /** A file with an array for every input of the model, by name. */
  private static Optional<ModelData> arrays(Path path, DatasetOptions options, Model model) {
    boolean npz = path.toString().toLowerCase(Locale.ROOT).endsWith(".npz");
    if (!npz || !options.features().isEmpty() || !Files.isRegularFile(path)) {
      return Optional.empty();
    }
    Set<String> stored = new HashSet<>(Npz.names(path));
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Value input : model.inputs()) {
      if (!stored.contains(input.name())) {
        return Optional.empty();
      }
      inputs.put(input.name(), Npz.read(path, input.name()));
    }
    if (inputs.isEmpty() || inputs.values().stream().anyMatch(t -> t.shape().rank() == 0)) {
      return Optional.empty();
    }
    String y = options.labels().orElse("y");
    Optional<Tensor> labels =
        stored.contains(y) ? Optional.of(Npz.read(path, y)) : Optional.empty();
    int size = inputs.values().iterator().next().shape().dim(0);
    if (size == 0) {
      throw new BadDataException("'" + path + "' holds no samples.");
    }
    boolean classifies = SampleCheck.classifies(model);
    inputs.forEach((name, tensor) -> requireSize(path, name, tensor, size));
    labels.ifPresent(tensor -> requireSize(path, y, tensor, size));
    Map<String, Dataset> sets = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> sets.put(name, Dataset.of(tensor)));
    Samples samples =
        Samples.of(
            size,
            index -> {
              Map<String, Tensor> sample = new HashMap<>();
              for (Value input : model.inputs()) {
                Dataset set = sets.get(input.name());
                if (set != null) {
                  Tensor row = set.samples(index, index + 1);
                  Tensor cast = Elements.cast(row, input.tensorType().dtype());
                  sample.put(input.name(), cast.reshape(shape(path, set, input)));
                }
              }
              return sample(sample, labels, index, classifies);
            });
    Optional<Tensor> groups = options.groups().map(name -> groups(path, name, size));
    return Optional.of(new ModelData(grouped(samples, groups), labels, List.of()));
  }

  private static Tensor groups(Path path, String name, int size) {
    Tensor groups = Npz.read(path, name);
    requireSize(path, name, groups, size);
    if (!groups.dtype().isInteger()) {
      throw new BadDataException(
          path + " (" + name + "): groups are integers, not " + groups.dtype() + ".");
    }
    return groups;
  }

  private static void requireSize(Path path, String name, Tensor tensor, int size) {
    if (tensor.shape().rank() == 0 || tensor.shape().dim(0) != size) {
      throw new BadDataException(
          path
              + ": array '"
              + name
              + "' has the shape "
              + tensor.shape()
              + ", but there are "
              + size
              + " samples.");
    }
  }

  private static ModelData texts(
      Path path, Dataset data, Model model, Supplier<WordPieceTokenizer> tokenizer) {
    Map<String, DType> inputs = new LinkedHashMap<>();
    for (Value input : model.inputs()) {
      if (!Encoding.NAMES.contains(input.name())) {
        throw new BadDataException(
            "'" + path + "' holds texts, but the model takes " + names(model) + ".");
      }
      inputs.put(input.name(), input.tensorType().dtype());
    }
    List<String> texts = List.of(data.samples(0, data.size()).stringArray());
    Optional<Tensor> labels = data.labels();
    return new ModelData(
        new TextSamples(texts, tokenizer.get(), inputs, index -> label(labels, index, true)),
        labels,
        data.classNames());
  }

  private static Sample sample(
      Map<String, Tensor> inputs, Optional<Tensor> labels, int index, boolean classifies) {
    OptionalInt label = label(labels, index, classifies);
    Optional<Tensor> target =
        label.isPresent()
            ? Optional.empty()
            : labels
                .filter(tensor -> tensor.dtype() != DType.STRING)
                .map(tensor -> Dataset.of(tensor).samples(index, index + 1));
    return new Sample(inputs, label, target);
  }

  /** Integers are classes, unless the model tells none apart: then they are numbers to predict. */
  private static OptionalInt label(Optional<Tensor> labels, int index, boolean classifies) {
    return labels
        .filter(tensor -> classifies && tensor.dtype().isInteger() && tensor.shape().rank() == 1)
        .map(tensor -> OptionalInt.of(tensor.getInt(index)))
        .orElse(OptionalInt.empty());
  }

  // Shapes.

  /** Whether images and sounds take the size that the model wants. */
  private static boolean isFitted(Path path) {
    return Files.isDirectory(path) || Dataset.isSynthetic(path);
  }

  private static boolean isChannelsLast(TensorType type) {
    return type.hasRank()
        && type.rank() == 4
        && isChannels(type.dim(3))
        && !isChannels(type.dim(1));
  }

  private static boolean isChannels(Dim dim) {
    return dim.isFixed() && (dim.size() == 1 || dim.size() == 3);
  }

  /** Takes the sizes of images and the length of sounds from the model, where it says them. */
  private static DatasetOptions fitted(
      Path path, DatasetOptions options, float white, Model model) {
    if (!isFitted(path) || model.inputs().size() != 1) {
      return options;
    }
    TensorType type = model.inputs().get(0).tensorType();
    if (!type.hasRank()) {
      return options;
    }
    if (type.rank() == 4) {
      boolean last = isChannelsLast(type);
      Dim channels = type.dim(last ? 3 : 1);
      Dim height = type.dim(last ? 1 : 2);
      Dim width = type.dim(last ? 2 : 3);
      return isChannels(channels) && height.isFixed() && width.isFixed()
          ? options.withImage(new ImageLayout(channels.size(), height.size(), width.size(), white))
          : options;
    }
    Dim length = type.rank() == 0 ? Dim.of(1) : type.dim(type.rank() - 1);
    return length.isFixed() ? options.withSoundLength(length.size()) : options;
  }

  /** The shape of one sample as a batch of one. */
  private static Shape shape(Path path, Dataset data, Value input) {
    TensorType type = input.tensorType();
    Shape sample = data.sampleShape();
    if (!type.hasRank() || type.rank() == sample.rank() + 1) {
      int[] sizes = new int[sample.rank() + 1];
      sizes[0] = 1;
      System.arraycopy(sample.toArray(), 0, sizes, 1, sample.rank());
      boolean fits = true;
      for (int i = 0; type.hasRank() && i < sizes.length; i++) {
        fits &= !type.dim(i).isFixed() || type.dim(i).size() == sizes[i];
      }
      if (fits) {
        return Shape.of(sizes);
      }
    }
    // Of another shape, but as many elements: a flat row for an image, say.
    int[] sizes = new int[type.hasRank() ? type.rank() : 0];
    for (int i = 0; i < sizes.length; i++) {
      boolean batch = i == 0 && !type.dim(0).isFixed();
      if (!batch && !type.dim(i).isFixed()) {
        throw misfit(path, sample, input);
      }
      sizes[i] = batch ? 1 : type.dim(i).size();
    }
    Shape shape = Shape.of(sizes);
    if (shape.size() != sample.size()) {
      throw misfit(path, sample, input);
    }
    return shape;
  }

  private static BadDataException misfit(Path path, Shape sample, Value input) {
    return new BadDataException(
        "The samples of '"
            + path
            + "' have the shape "
            + sample
            + ", which does not fit the model's input '"
            + input.name()
            + "', "
            + input.type()
            + ": name the right array or columns with --x, or convert the data.");
  }

  /** [1, C, H, W] to [1, H, W, C]. */
  private static Tensor channelsLast(Tensor image) {
    int channels = image.shape().dim(1);
    int height = image.shape().dim(2);
    int width = image.shape().dim(3);
    Tensor result = Tensor.zeros(image.dtype(), Shape.of(1, height, width, channels));
    int pixels = height * width;
    for (int pixel = 0; pixel < pixels; pixel++) {
      for (int channel = 0; channel < channels; channel++) {
        result.copyElement(pixel * channels + channel, image, channel * pixels + pixel);
      }
    }
    return result;
  }

  private static String names(Model model) {
    return model.inputs().stream()
        .map(value -> "'" + value.name() + "'")
        .collect(Collectors.joining(", "));
  }
}
