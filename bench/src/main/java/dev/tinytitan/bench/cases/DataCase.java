package dev.tinytitan.bench.cases;

import dev.tinytitan.data.Dataset;
import dev.tinytitan.train.Layer;
import dev.tinytitan.train.TrainingOptions;
import java.nio.file.Path;
import java.util.List;

/** A use of small models, with real data: how they are read, split and learnt. Stateless. */
interface DataCase {
  /** The name, by which it is asked for. */
  String name();

  /** The folder of the data set, beside those of the others. */
  String folder();

  /** The name of the set in {@code SET:FILE}, which says how its files are read. */
  String set();

  /** What is judged. */
  Measure measure();

  /** What the measure is to be at least, or, for errors, at most. */
  double target();

  /** Reads a file of this data set. */
  default Recordings read(Path file) {
    return Recordings.of(Dataset.open(Path.of(set() + ":" + file)));
  }

  /**
   * What the network is judged on.
   *
   * @param seed of all chance
   */
  List<Fold> folds(Recordings recordings, long seed);

  /** The network, from the input to one number for each output. */
  Layer network(Layer input, int outputs);

  /** How it is trained. */
  TrainingOptions training(Recordings recordings, int[] train);

  /** What targets are divided by to be learned, and the network's answers multiplied by. */
  default double unit() {
    return 1;
  }
}
