package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.io.AtomicFile;
import dev.tinytitan.tensor.Tensor;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Reads and writes npz files: named NumPy arrays in a zip archive, stored or deflated. Element
 * types as in {@link Npy}.
 */
public final class Npz {
  private static final String SUFFIX = ".npy";

  /** Deflate cannot make more than this many bytes out of one. */
  private static final int MAX_INFLATION = 1032;

  private Npz() {}

  /**
   * The names of the arrays, in the file's order.
   *
   * @throws BadDataException if the file cannot be read
   */
  public static List<String> names(Path file) {
    try (ZipFile zip = openZip(file)) {
      return names(zip);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * Reads all arrays into memory, row-major, in the file's order.
   *
   * @throws BadDataException if the file cannot be read, is damaged, or holds other element types
   * @throws dev.tinytitan.OverBudgetException if an array does not fit the heap
   */
  public static Map<String, Tensor> read(Path file) {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    for (String name : names(file)) {
      arrays.put(name, read(file, name));
    }
    return arrays;
  }

  /**
   * Reads one array into memory, row-major.
   *
   * @throws BadDataException if there is no such array, or as in {@link #read(Path)}
   * @throws dev.tinytitan.OverBudgetException if the array does not fit the heap
   */
  public static Tensor read(Path file, String name) {
    try (NpyReader reader = open(file, name)) {
      return reader.readAll();
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /**
   * Writes arrays in the map's order, deflated; equal arrays give equal bytes. Writes to a
   * temporary name and moves.
   *
   * @throws BadDataException if the file cannot be written, or NumPy has no such element type
   */
  public static void write(Path file, Map<String, Tensor> arrays) {
    AtomicFile.write(file, out -> write(out, arrays));
  }

  private static void write(OutputStream out, Map<String, Tensor> arrays) throws IOException {
    // Not closed: the stream belongs to the caller.
    ZipOutputStream zip = new ZipOutputStream(out);
    zip.setLevel(Deflater.BEST_SPEED);
    for (Map.Entry<String, Tensor> array : arrays.entrySet()) {
      ZipEntry entry = new ZipEntry(array.getKey() + SUFFIX);
      entry.setTimeLocal(LocalDateTime.of(1980, 1, 1, 0, 0));
      zip.putNextEntry(entry);
      Npy.write(zip, array.getValue());
      zip.closeEntry();
    }
    zip.finish();
  }

  /** Opens one array to be read row by row; closing the reader closes the archive. */
  static NpyReader open(Path file, String name) throws IOException {
    ZipFile zip = openZip(file);
    try {
      ZipEntry entry = zip.getEntry(name + SUFFIX);
      if (entry == null) {
        throw new BadDataException(
            file + " has no array '" + name + "'; it has " + String.join(", ", names(zip)));
      }
      String source = file + " (" + name + ")";
      InputStream in = new CheckedEntry(zip, zip.getInputStream(entry), entry.getCrc(), source);
      return new NpyReader(in, plausibleSize(entry), source);
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private static ZipFile openZip(Path file) throws IOException {
    try {
      return new ZipFile(file.toFile());
    } catch (IllegalArgumentException e) {
      throw new IOException("bad names in the archive", e);
    }
  }

  private static List<String> names(ZipFile zip) {
    List<String> names = new ArrayList<>();
    zip.entries()
        .asIterator()
        .forEachRemaining(entry -> {
          if (entry.getName().endsWith(SUFFIX)) {
            names.add(entry.getName().substring(0, entry.getName().length() - SUFFIX.length()));
          }
        });
    return names;
  }

  /** The size that the archive claims, where that is possible at all for the compressed bytes. */
  private static long plausibleSize(ZipEntry entry) {
    long most = (entry.getCompressedSize() + 64) * MAX_INFLATION;
    return Math.min(entry.getSize(), most);
  }

  private static BadDataException unreadable(Path file, IOException e) {
    return BadDataException.unreadable(file.toString(), e);
  }

  /** Checks the checksum when an entry was read to its end, which {@link ZipFile} does not. */
  private static final class CheckedEntry extends FilterInputStream {
    private final ZipFile zip;
    private final CheckedInputStream checked;
    private final long checksum;
    private final String source;

    CheckedEntry(ZipFile zip, InputStream in, long checksum, String source) {
      super(new CheckedInputStream(in, new CRC32()));
      this.zip = zip;
      this.checked = (CheckedInputStream) super.in;
      this.checksum = checksum;
      this.source = source;
    }

    @Override
    public int read() throws IOException {
      int value = checked.read();
      if (value < 0) {
        check();
      }
      return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = checked.read(bytes, offset, length);
      if (count < 0) {
        check();
      }
      return count;
    }

    private void check() {
      if (checked.getChecksum().getValue() != checksum) {
        throw new BadDataException(source + " is damaged: its checksum is wrong");
      }
    }

    @Override
    public void close() throws IOException {
      try (zip) {
        super.close();
      }
    }
  }
}
