package dev.tinytitan.edge.learn;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.io.AtomicFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A learner's folder: the last good versions as deltas to the base, and the journal. Whatever kills
 * the process, the folder holds the last good version: a delta is written whole before {@code
 * current} names it, and that file is replaced whole, too. A last line of the journal that was cut
 * is left out.
 *
 * <ul>
 *   <li>{@code lock}: held while a learner uses the folder
 *   <li>{@code version-N.delta}: the last versions
 *   <li>{@code current}: the number of the last good version; missing before the first
 *   <li>{@code journal.jsonl}: one JSON object in a line for each {@link JournalEntry}
 * </ul>
 *
 * <p>One thread at a time.
 */
final class LearnerStore implements AutoCloseable {
  /** How many versions are kept to go back to. */
  private static final int KEPT = 3;

  private final Path folder;
  private final Model base;
  private final FileChannel lock;
  private final InstantSource clock;
  private final FileChannel journal;
  private final List<JournalEntry> entries;
  private long version;

  private LearnerStore(
      Path folder,
      Model base,
      FileChannel lock,
      InstantSource clock,
      List<JournalEntry> entries,
      FileChannel journal) {
    this.folder = folder;
    this.base = base;
    this.lock = lock;
    this.clock = clock;
    this.entries = entries;
    this.journal = journal;
  }

  /**
   * Opens a folder, or makes it.
   *
   * @param clock gives the times in the journal
   * @throws BadDataException if another learner uses it, it belongs to another base model, or it
   *     cannot be written
   */
  static LearnerStore open(Path folder, Model base, InstantSource clock) {
    @Nullable FileChannel lock = null;
    try {
      Files.createDirectories(folder);
      lock =
          FileChannel.open(
              folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (!isLocked(lock)) {
        throw new BadDataException(
            "Another learner uses '"
                + folder
                + "'; one at a time may. Close it, or take another folder.");
      }
      Path file = folder.resolve("journal.jsonl");
      List<JournalEntry> entries = readJournal(file);
      FileChannel journal =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      LearnerStore store = new LearnerStore(folder, base, lock, clock, entries, journal);
      store.requireBase();
      return store;
    } catch (IOException | BadDataException error) {
      closeQuietly(lock);
      throw error instanceof BadDataException bad
          ? bad
          : new BadDataException("The folder '" + folder + "' cannot be used: " + error, error);
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException error) {
      return false;
    }
  }

  private static void closeQuietly(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException error) {
        // What went wrong before is told.
      }
    }
  }

  /** Reads whole lines, and cuts off a last one that was not finished. */
  static List<JournalEntry> readJournal(Path file) throws IOException {
    List<JournalEntry> entries = new ArrayList<>();
    if (!Files.exists(file)) {
      return entries;
    }
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    if (end < bytes.length) {
      try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
        cut.setLength(end);
      }
    }
    new String(bytes, 0, end, StandardCharsets.UTF_8)
        .lines()
        .map(JournalEntry::of)
        .forEach(entries::add);
    return entries;
  }

  private void requireBase() {
    String own = baseHash();
    for (JournalEntry entry : entries) {
      if (entry.event() == JournalEntry.Event.OPENED && !entry.note().equals(own)) {
        throw new BadDataException(
            "The folder '" + folder + "' belongs to another base model; take another folder.");
      }
    }
  }

  private String baseHash() {
    return HexFormat.of().formatHex(ModelHash.of(base));
  }

  /** What was written before. */
  List<JournalEntry> entries() {
    return List.copyOf(entries);
  }

  /** The number of the last good version, after {@link #lastGood}. */
  long version() {
    return version;
  }

  /** The last version that can be read; the base if there is none. */
  Model lastGood() {
    Path pointer = folder.resolve("current");
    try {
      version = Files.exists(pointer) ? Long.parseLong(Files.readString(pointer).strip()) : 0;
    } catch (IOException | NumberFormatException error) {
      version = newest();
    }
    for (; version > 0; version--) {
      Optional<Model> model = read(version);
      if (model.isPresent()) {
        return model.get();
      }
    }
    return base;
  }

  private long newest() {
    long newest = 0;
    for (JournalEntry entry : entries) {
      newest = Math.max(newest, entry.version());
    }
    return newest;
  }

  private Optional<Model> read(long number) {
    Path file = delta(number);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(ModelDelta.read(file).apply(base));
    } catch (BadDataException error) {
      // A damaged disk: an older version will do.
      return Optional.empty();
    }
  }

  private Path delta(long number) {
    return folder.resolve("version-" + number + ".delta");
  }

  /** Makes a model the last good version. */
  void save(Model model, long number) {
    ModelDelta.between(base, model).save(delta(number));
    point(number);
    try {
      Files.deleteIfExists(delta(number - KEPT));
    } catch (IOException error) {
      throw new BadDataException("'" + delta(number - KEPT) + "' cannot be removed.", error);
    }
  }

  /**
   * Makes the version before the last good one the last good one.
   *
   * @return the base if there is none before
   */
  Model revert() {
    for (version--; version > 0; version--) {
      Optional<Model> model = read(version);
      if (model.isPresent()) {
        point(version);
        return model.get();
      }
    }
    version = 0;
    point(0);
    return base;
  }

  private void point(long number) {
    byte[] text = (number + "\n").getBytes(StandardCharsets.UTF_8);
    AtomicFile.write(folder.resolve("current"), out -> out.write(text));
    version = number;
  }

  /** Writes that a learner began. */
  void appendOpened() {
    append(JournalEntry.Event.OPENED, -1, 0, "", "", baseHash());
  }

  /** Writes a line; what the gate decided reaches the disk before this returns. */
  void append(
      JournalEntry.Event event, int label, double weight, String sample, String data, String note) {
    long sequence = entries.isEmpty() ? 1 : entries.getLast().sequence() + 1;
    JournalEntry entry =
        new JournalEntry(
            sequence,
            clock.instant().toString(),
            event,
            label,
            weight,
            sample,
            data,
            version,
            note);
    try {
      byte[] line = (entry.toLine() + "\n").getBytes(StandardCharsets.UTF_8);
      ByteBuffer buffer = ByteBuffer.wrap(line);
      while (buffer.hasRemaining()) {
        journal.write(buffer);
      }
      if (sample.isEmpty()) {
        journal.force(false);
      }
    } catch (IOException error) {
      throw new BadDataException("The journal in '" + folder + "' cannot be written.", error);
    }
    entries.add(entry);
  }

  @Override
  public void close() {
    closeQuietly(journal);
    closeQuietly(lock);
  }
}
