package dev.tinytitan.io;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Experimental;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * Writes files so that whoever looks finds the old content or the new, never a part: under a
 * temporary name in the same folder, flushed to the disk, then moved. A mapped old file stays
 * readable to those who have it open.
 */
@Experimental
public final class AtomicFile {
  private static final int BUFFER = 1 << 16;
  private static final int MOST_SECONDS_AT_END = 10;

  private AtomicFile() {}

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes everything; the stream is buffered, and closed by the caller.
     *
     * @throws IOException if the stream does
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Makes a file, or replaces one, by what {@code content} writes. If that fails in any way, the
   * old file is as it was and nothing else is left behind.
   *
   * @throws BadDataException if the file cannot be written: a full disk, a missing folder, no
   *     permission
   */
  public static void write(Path file, Content content) {
    try {
      Path target = target(file);
      Path folder = folder(file, target);
      if (Files.exists(target) && !Files.isRegularFile(target)) {
        // A device or a pipe is written to: moving a file over it would take it away.
        writeInto(target, content);
      } else {
        replace(target, folder, content);
      }
    } catch (IOException error) {
      throw new BadDataException(
          isDiskFull(error)
              ? "'" + file + "' cannot be written: the disk is full. What was there is unchanged."
              : "'" + file + "' cannot be written: " + error + ". What was there is unchanged.",
          error);
    }
  }

  /**
   * Checks before long work that there is a place for its result; a disk may still be full later.
   *
   * @throws BadDataException if the file is a folder, or its folder does not exist or may not be
   *     written
   */
  public static void requireWritable(Path file) {
    try {
      Path target = target(file);
      Path folder = folder(file, target);
      if (!Files.isWritable(
          Files.exists(target) && !Files.isRegularFile(target) ? target : folder)) {
        throw new BadDataException(
            "'" + file + "' cannot be written: '" + folder + "' may not be written to.");
      }
    } catch (IOException error) {
      throw new BadDataException("'" + file + "' cannot be written: " + error + ".", error);
    }
  }

  /** A link stays a link: what it leads to is replaced. */
  private static Path target(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new BadDataException("'" + file + "' cannot be written: it is a folder.");
    }
    return Files.isSymbolicLink(file) ? file.toRealPath() : file.toAbsolutePath();
  }

  private static Path folder(Path file, Path target) {
    Path folder = target.getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new BadDataException(
          "'" + file + "' cannot be written: there is no folder '" + folder + "'.");
    }
    return folder;
  }

  private static void writeInto(Path device, Content content) throws IOException {
    try (OutputStream out =
        new BufferedOutputStream(Files.newOutputStream(device, StandardOpenOption.WRITE), BUFFER)) {
      content.writeTo(out);
    }
  }

  private static void replace(Path target, Path folder, Content content) throws IOException {
    // Not Files.createTempFile, whose files only their owner may read.
    Path temporary =
        folder.resolve(
            "."
                + target.getFileName()
                + "."
                + Long.toHexString(ThreadLocalRandom.current().nextLong())
                + ".part");
    // Ctrl-C ends the JVM without running the finally below, unless somebody waits for it.
    CountDownLatch done = new CountDownLatch(1);
    Thread cleaner = new Thread(() -> finish(done, temporary), "tinytitan-cleaner");
    addShutdownHook(cleaner);
    try {
      try (FileChannel channel =
              FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER)) {
        content.writeTo(out);
        out.flush();
        channel.force(true);
      }
      move(temporary, target);
    } finally {
      Files.deleteIfExists(temporary);
      done.countDown();
      removeShutdownHook(cleaner);
    }
  }

  private static void addShutdownHook(Thread cleaner) {
    try {
      Runtime.getRuntime().addShutdownHook(cleaner);
    } catch (IllegalStateException alreadyEnding) {
      // The JVM is about to end; who writes now is itself a shutdown hook, which runs to its end.
    }
  }

  private static void removeShutdownHook(Thread cleaner) {
    try {
      Runtime.getRuntime().removeShutdownHook(cleaner);
    } catch (IllegalStateException alreadyEnding) {
      // The hook runs or has run.
    }
  }

  /** Lets a file that is being written become whole; one that takes too long goes. */
  private static void finish(CountDownLatch done, Path file) {
    try {
      if (!done.await(MOST_SECONDS_AT_END, TimeUnit.SECONDS)) {
        Files.deleteIfExists(file);
      }
    } catch (IOException error) {
      // There is nobody left to tell.
    } catch (InterruptedException error) {
      Thread.currentThread().interrupt();
    }
  }

  private static void move(Path temporary, Path target) throws IOException {
    try {
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException error) {
      Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** The Java library has no exception of its own for this; systems word it alike. */
  private static boolean isDiskFull(IOException error) {
    String message = String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT);
    return message.contains("no space left")
        || message.contains("not enough space")
        || message.contains("disk quota exceeded");
  }
}
