package dev.tinytitan.compress.distill;

import dev.tinytitan.BadDataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.Optional;

/**
 * What a teacher answered for samples that come back unchanged, within a bound: in memory where all
 * of it fits, else in a file where there is a folder for it, else nothing is kept.
 */
final class TeacherCache implements AutoCloseable {
  private final int each;
  private final BitSet known = new BitSet();
  private final float[] memory;
  private final Optional<FileChannel> file;
  private final ByteBuffer row;

  /**
   * @param samples how many there are
   * @param each numbers for one sample
   * @param mostBytes of memory
   * @param folder for what needs more
   */
  TeacherCache(int samples, int each, long mostBytes, Optional<Path> folder) {
    this.each = each;
    long floats = (long) samples * each;
    boolean fits = 4 * floats <= mostBytes && floats <= Integer.MAX_VALUE - 8;
    this.memory = new float[fits ? (int) floats : 0];
    this.file = fits ? Optional.empty() : folder.map(TeacherCache::open);
    this.row = ByteBuffer.allocate(file.isPresent() ? 4 * each : 0);
  }

  private static FileChannel open(Path folder) {
    try {
      Path path = Files.createTempFile(folder, "teacher", ".cache");
      return FileChannel.open(
          path,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException error) {
      throw new BadDataException(
          "Cannot keep the teacher's answers in " + folder + ": " + error, error);
    }
  }

  /** True if answers for all of these samples are known; then {@link #read} gives them. */
  boolean knows(int[] samples) {
    for (int sample : samples) {
      if (!known.get(sample)) {
        return false;
      }
    }
    return true;
  }

  /** The numbers of one sample, which must be known. */
  void read(int sample, float[] numbers) {
    if (file.isEmpty()) {
      System.arraycopy(memory, sample * each, numbers, 0, each);
      return;
    }
    try {
      row.clear();
      while (row.hasRemaining()) {
        if (file.get().read(row, 4L * each * sample + row.position()) < 0) {
          throw new IOException("the file ends early");
        }
      }
      row.flip().asFloatBuffer().get(numbers, 0, each);
    } catch (IOException error) {
      throw new BadDataException("Cannot read the teacher's answers again: " + error, error);
    }
  }

  /** Keeps the numbers of one sample if there is room. */
  void write(int sample, float[] numbers) {
    if (file.isEmpty() && memory.length == 0) {
      return;
    }
    if (file.isEmpty()) {
      System.arraycopy(numbers, 0, memory, sample * each, each);
    } else {
      try {
        row.clear();
        row.asFloatBuffer().put(numbers, 0, each);
        while (row.hasRemaining()) {
          file.get().write(row, 4L * each * sample + row.position());
        }
      } catch (IOException error) {
        throw new BadDataException("Cannot keep the teacher's answers: " + error, error);
      }
    }
    known.set(sample);
  }

  @Override
  public void close() {
    if (file.isPresent()) {
      try {
        file.get().close();
      } catch (IOException error) {
        throw new BadDataException("Cannot remove the teacher's answers: " + error, error);
      }
    }
  }
}
