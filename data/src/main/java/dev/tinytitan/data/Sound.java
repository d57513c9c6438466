package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Sound, as a WAV file holds it.
 *
 * @param samples float32 [channels, length]; integer formats become −1 to 1
 * @param sampleRate samples a second
 */
public record Sound(Tensor samples, int sampleRate) {
  private static final int PCM = 1;
  private static final int IEEE_FLOAT = 3;
  private static final int EXTENSIBLE = 0xFFFE;
  private static final int MAX_CHANNELS = 64;

  /** How the samples are coded. */
  private record Format(int code, int channels, int sampleRate, int bits) {
    int frameBytes() {
      return channels * bits / 8;
    }
  }

  /**
   * Reads a WAV file: PCM of 8, 16, 24 or 32 bits, or float of 32 or 64 bits.
   *
   * @throws BadDataException if the file cannot be read, is damaged, or is coded in another way
   * @throws dev.tinytitan.OverBudgetException if it does not fit the heap
   */
  public static Sound read(Path file) {
    String source = file.toString();
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      return read(in, Files.size(file), source);
    } catch (IOException e) {
      throw new BadDataException("Cannot read " + file + ": " + e, e);
    }
  }

  /** Samples of each channel. */
  public int length() {
    return samples.shape().dim(1);
  }

  /**
   * The mean of all channels, brought to a length.
   *
   * @param length samples; a longer sound is cut off, a shorter one filled up with zeros
   * @return float32 [length]
   */
  public Tensor mono(int length) {
    int channels = samples.shape().dim(0);
    int filled = Math.min(length, length());
    float[] mean = new float[length];
    for (int channel = 0; channel < channels; channel++) {
      for (int i = 0; i < filled; i++) {
        mean[i] += samples.getFloat(channel * length() + i) / channels;
      }
    }
    return Tensor.of(mean, length);
  }

  static Sound read(InputStream in, long fileSize, String source) throws IOException {
    ByteBuffer riff = header(in, 12, source);
    if (!tag(riff, 0).equals("RIFF") || !tag(riff, 8).equals("WAVE")) {
      throw new BadDataException(source + " is not a WAV file: it does not start with RIFF, WAVE");
    }
    Format format = null;
    while (true) {
      ByteBuffer chunk = header(in, 8, source);
      long size = chunk.getInt(4) & 0xFFFFFFFFL;
      String tag = tag(chunk, 0);
      if (tag.equals("fmt ")) {
        if (size < 16 || size > 4096) {
          throw new BadDataException(source + ": the fmt chunk has " + size + " bytes");
        }
        format = format(header(in, (int) (size + (size & 1)), source), source);
      } else if (tag.equals("data")) {
        if (format == null) {
          throw new BadDataException(source + ": the samples come before their format");
        }
        // Recorders that were cut off, or write to a pipe, promise more than there is.
        return samples(in, Math.min(size, fileSize), format, source);
      } else {
        in.skipNBytes(Math.min(size + (size & 1), fileSize));
      }
    }
  }

  private static Format format(ByteBuffer chunk, String source) {
    int code = chunk.getShort(0) & 0xFFFF;
    if (code == EXTENSIBLE && chunk.capacity() >= 26) {
      code = chunk.getShort(24) & 0xFFFF;
    }
    Format format =
        new Format(code, chunk.getShort(2) & 0xFFFF, chunk.getInt(4), chunk.getShort(14) & 0xFFFF);
    boolean known =
        switch (format.bits()) {
          case 8, 16, 24 -> code == PCM;
          case 32 -> code == PCM || code == IEEE_FLOAT;
          case 64 -> code == IEEE_FLOAT;
          default -> false;
        };
    if (!known) {
      throw new BadDataException(
          source
              + ": coding "
              + code
              + " with "
              + format.bits()
              + " bits is not supported; convert to PCM of 16 bits");
    }
    if (format.channels() < 1 || format.channels() > MAX_CHANNELS || format.sampleRate() < 1) {
      throw new BadDataException(
          source
              + ": "
              + format.channels()
              + " channels at "
              + Integer.toUnsignedString(format.sampleRate())
              + " samples a second");
    }
    return format;
  }

  private static Sound samples(InputStream in, long bytes, Format format, String source)
      throws IOException {
    int frameBytes = format.frameBytes();
    long promised = bytes / frameBytes;
    if (promised > Integer.MAX_VALUE / 8 / format.channels()) {
      throw new BadDataException(source + ": " + promised + " samples are too many; cut it up");
    }
    byte[] data = in.readNBytes((int) promised * frameBytes);
    int length = data.length / frameBytes;
    Shape shape = Shape.of(format.channels(), length);
    Tensor samples = RawElements.allocate(DType.FLOAT32, shape, source);
    ByteBuffer buffer = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    int sampleBytes = format.bits() / 8;
    for (int i = 0; i < length; i++) {
      for (int channel = 0; channel < format.channels(); channel++) {
        int at = i * frameBytes + channel * sampleBytes;
        samples.setFloat(channel * length + i, sample(buffer, at, format));
      }
    }
    return new Sound(samples, format.sampleRate());
  }

  private static float sample(ByteBuffer data, int at, Format format) {
    return switch (format.bits()) {
      case 8 -> ((data.get(at) & 0xFF) - 128) / 0x1p7f;
      case 16 -> data.getShort(at) / 0x1p15f;
      case 24 -> (data.getShort(at + 1) << 8 | (data.get(at) & 0xFF)) / 0x1p23f;
      case 32 -> format.code() == PCM ? data.getInt(at) / 0x1p31f : data.getFloat(at);
      default -> (float) data.getDouble(at);
    };
  }

  private static ByteBuffer header(InputStream in, int bytes, String source) throws IOException {
    byte[] header = in.readNBytes(bytes);
    if (header.length < bytes) {
      throw new BadDataException(source + " ends before its samples; it is cut off");
    }
    return ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String tag(ByteBuffer header, int at) {
    byte[] tag = new byte[4];
    header.get(at, tag);
    return new String(tag, StandardCharsets.ISO_8859_1);
  }
}
