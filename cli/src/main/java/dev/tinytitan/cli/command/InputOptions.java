package dev.tinytitan.cli.command;

import dev.tinytitan.Model;
import dev.tinytitan.cli.CommandFailure;
import dev.tinytitan.data.Npy;
import dev.tinytitan.data.Npz;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.Value;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a model's inputs come from: files, or seeded random values. */
final class InputOptions {
  @Option(
      names = {"-i", "--input"},
      paramLabel = "[NAME=]FILE",
      description = {
        "A .npy file for one input (its name may be left out if there is only one), or a .npz with"
            + " an array for each. Inputs that are not given are drawn at random."
      })
  private List<String> files = List.of();

  @Mixin private OpenDimensions dimensions = new OpenDimensions();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of random inputs (default: ${DEFAULT-VALUE}).")
  private long seed = 1;

  /** A tensor for each input of the model. */
  Map<String, Tensor> inputs(Model model) {
    return inputs(model, 0);
  }

  /** A tensor for each input of the model; random ones differ from run to run. */
  Map<String, Tensor> inputs(Model model, int run) {
    dimensions.check(model.inputs());
    Map<String, Tensor> given = read(model);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    Random random = new Random(seed + run);
    for (Value input : model.inputs()) {
      Tensor tensor = given.remove(input.name());
      inputs.put(input.name(), tensor != null ? tensor : random(input, random));
    }
    if (!given.isEmpty()) {
      throw new CommandFailure(
          "The model has no input "
              + given.keySet()
              + "; it takes "
              + model.inputs().stream().map(Value::name).toList()
              + ".");
    }
    return inputs;
  }

  /** True if every input comes from a file. */
  boolean isGiven() {
    return !files.isEmpty();
  }

  private Map<String, Tensor> read(Model model) {
    Map<String, Tensor> given = new HashMap<>();
    for (String argument : files) {
      int equals = argument.indexOf('=');
      String name = equals < 0 ? "" : argument.substring(0, equals);
      Path file = Path.of(argument.substring(equals + 1));
      if (file.toString().endsWith(".npz")) {
        given.putAll(Npz.read(file));
      } else if (!name.isEmpty()) {
        given.put(name, Npy.read(file));
      } else if (model.inputs().size() == 1) {
        given.put(model.inputs().get(0).name(), Npy.read(file));
      } else {
        throw new CommandFailure(
            "The model has "
                + model.inputs().size()
                + " inputs: say which one '"
                + file
                + "' is for, as NAME=FILE; they are "
                + model.inputs().stream().map(Value::name).toList()
                + ".");
      }
    }
    return given;
  }

  private Tensor random(Value input, Random random) {
    if (!(input.type() instanceof TensorType type) || !type.hasRank()) {
      throw new CommandFailure(
          "Input '"
              + input.name()
              + "' has no declared shape: give it with -i "
              + input.name()
              + "=FILE.npy.");
    }
    return random(type.dtype(), dimensions.fixed(input.name(), type).shape(), random);
  }

  private static Tensor random(DType dtype, Shape shape, Random random) {
    if (dtype == DType.STRING) {
      String[] words = new String[Math.toIntExact(shape.size())];
      Arrays.setAll(words, i -> random.nextBoolean() ? "a" : "b");
      return Tensor.of(words, shape.toArray());
    }
    Tensor tensor = Tensor.zeros(dtype, shape);
    for (int i = 0; i < tensor.size(); i++) {
      if (dtype.isFloat()) {
        tensor.setDouble(i, random.nextGaussian());
      } else if (dtype.bits() == 8) {
        tensor.setLong(i, random.nextInt(256));
      } else {
        // Wide integers are mostly indices, masks and sizes: small ones are always legal.
        tensor.setLong(i, dtype == DType.INT64 || dtype == DType.INT32 ? 1 : random.nextInt(2));
      }
    }
    return tensor;
  }
}
