package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.LongStream;

/**
 * FSDD, spoken digits at 8 kHz: {@code audio} of all clips end to end, {@code offset} of where each
 * begins, {@code y}. Samples are log-mel bands of the middle 0.8 s, as loud as each other, [1,
 * bands, frames]; each clip is its own group.
 */
final class SpokenDigits implements PublicSet {
  private static final int RATE = 8000;
  private static final int SAMPLES = 6400;
  private static final float FULL_SCALE = 32768;
  private static final List<String> CLASSES =
      List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

  @Override
  public Dataset read(Path file) {
    NpzArrays arrays = NpzArrays.read(file);
    long[] classes = arrays.classes(CLASSES.size());
    int count = classes.length;
    float[] audio = arrays.get("audio").toFloatArray();
    long[] offsets = arrays.longs("offset", count + 1);
    LogMel.Options options = LogMel.Options.of(RATE);
    int frames = options.frames(SAMPLES);
    int size = options.bands() * frames;
    float[] samples = new float[count * size];
    try (LogMel mel = LogMel.of(options)) {
      for (int i = 0; i < count; i++) {
        if (offsets[i] < 0 || offsets[i + 1] < offsets[i] || offsets[i + 1] > audio.length) {
          throw new BadDataException(
              file
                  + ": clip "
                  + i
                  + " is to reach from "
                  + offsets[i]
                  + " to "
                  + offsets[i + 1]
                  + " of "
                  + audio.length
                  + " samples.");
        }
        float[] clip = centred(audio, (int) offsets[i], (int) offsets[i + 1]);
        System.arraycopy(mel.features(clip), 0, samples, i * size, size);
      }
    }
    return Dataset.of(
        Tensor.of(samples, count, 1, options.bands(), frames),
        Tensor.of(classes),
        CLASSES,
        LongStream.range(0, count).toArray());
  }

  /** The middle of a clip, or the clip with silence around it, as loud as the others. */
  private static float[] centred(float[] audio, int from, int to) {
    float[] clip = new float[SAMPLES];
    int length = Math.min(SAMPLES, to - from);
    int start = from + (to - from - length) / 2;
    float loudest = 1;
    for (int i = 0; i < length; i++) {
      loudest = Math.max(loudest, Math.abs(audio[start + i]));
    }
    float factor = 0.5f / Math.max(loudest / FULL_SCALE, 0.01f) / FULL_SCALE;
    for (int i = 0; i < length; i++) {
      clip[(SAMPLES - length) / 2 + i] = audio[start + i] * factor;
    }
    return clip;
  }
}
