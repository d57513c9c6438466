package dev.tinytitan.bench.cases;

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

  /** What is judged. */
  Measure measure();

  /** What the measure is to be at least, or, for errors, at most. */
  double target();

  /** Reads a file of this data set. */
  Recordings read(Path file);

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

  /** What a number that the measure gives is multiplied by, to be in the data's unit. */
  default double unit() {
    return 1;
  }
}
