package dev.tinytitan.data;

import java.nio.file.Path;

/**
 * A public data set whose files need more than reading before a network can learn from them: the
 * same is done with training and test files. Stateless.
 */
interface PublicSet {
  /**
   * Reads a file of the set.
   *
   * @return samples as a network takes them, channels first, with labels and groups
   * @throws dev.tinytitan.BadDataException if it is not of the set's form
   */
  Dataset read(Path file);
}
