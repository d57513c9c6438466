package dev.tinytitan.train;

import dev.tinytitan.BadDataException;
import dev.tinytitan.io.AtomicFile;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The state of a training run after an epoch, in one file that is written whole or not at all.
 *
 * @param fingerprint of the model and the options: a run goes on only from its own checkpoint
 * @param epoch epochs that are done
 * @param stale epochs since the last that was better
 * @param firstLoss the mean loss of the first steps
 * @param history one report for each epoch done
 * @param arrays parameters, statistics, the optimizer's state, averages, the best parameters: in
 *     the trainer's order
 */
record Checkpoint(
    long fingerprint,
    int epoch,
    int stale,
    double firstLoss,
    List<EpochReport> history,
    List<float[]> arrays) {
  private static final int MAGIC = 0x54544350;

  void write(Path file) {
    AtomicFile.write(
        file,
        out -> {
          DataOutputStream data = new DataOutputStream(out);
          data.writeInt(MAGIC);
          data.writeLong(fingerprint);
          data.writeInt(epoch);
          data.writeInt(stale);
          data.writeDouble(firstLoss);
          data.writeInt(history.size());
          for (EpochReport report : history) {
            data.writeInt(report.epoch());
            data.writeDouble(report.loss());
            data.writeDouble(report.score());
            data.writeBoolean(report.best());
            data.writeDouble(report.learningRate());
            data.writeDouble(report.seconds());
            data.writeDouble(report.samplesPerSecond());
          }
          data.writeInt(arrays.size());
          for (float[] array : arrays) {
            data.writeInt(array.length);
            ByteBuffer buffer = ByteBuffer.allocate(4 * array.length);
            buffer.asFloatBuffer().put(array);
            data.write(buffer.array());
          }
          data.flush();
        });
  }

  /**
   * Reads a checkpoint.
   *
   * @param sizes the lengths that its arrays must have
   * @throws BadDataException if it is damaged, or of another run
   */
  static Checkpoint read(Path file, long fingerprint, List<Integer> sizes) {
    try (InputStream stream = new BufferedInputStream(Files.newInputStream(file));
        DataInputStream data = new DataInputStream(stream)) {
      if (data.readInt() != MAGIC) {
        throw new BadDataException(file + " is no checkpoint of a training run.");
      }
      if (data.readLong() != fingerprint) {
        throw new BadDataException(
            file
                + " is the checkpoint of another run: its model, data or options differ. Remove it to"
                + " begin anew.");
      }
      int epoch = data.readInt();
      int stale = data.readInt();
      double firstLoss = data.readDouble();
      int reports = data.readInt();
      List<EpochReport> history = new ArrayList<>();
      for (int i = 0; i < reports; i++) {
        history.add(
            new EpochReport(
                data.readInt(),
                data.readDouble(),
                data.readDouble(),
                data.readBoolean(),
                data.readDouble(),
                data.readDouble(),
                data.readDouble()));
      }
      if (data.readInt() != sizes.size()) {
        throw new BadDataException(file + " holds other arrays than the run has.");
      }
      List<float[]> arrays = new ArrayList<>();
      for (int size : sizes) {
        if (data.readInt() != size) {
          throw new BadDataException(file + " holds arrays of other sizes than the run has.");
        }
        float[] array = new float[size];
        ByteBuffer.wrap(data.readNBytes(4 * size)).asFloatBuffer().get(array);
        arrays.add(array);
      }
      return new Checkpoint(fingerprint, epoch, stale, firstLoss, history, arrays);
    } catch (IOException | BufferUnderflowException error) {
      throw new BadDataException("Cannot read the checkpoint " + file + ": " + error, error);
    }
  }
}
