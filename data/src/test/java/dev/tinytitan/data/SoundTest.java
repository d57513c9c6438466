package dev.tinytitan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Shape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoundTest {
  @TempDir private Path folder;

  /** A PCM or float WAV file, as the JDK writes it. */
  static byte[] wav(int bits, int channels, int sampleRate, byte[] data) throws IOException {
    Encoding encoding = bits == 8 ? Encoding.PCM_UNSIGNED : Encoding.PCM_SIGNED;
    return wav(encoding, bits, channels, sampleRate, data);
  }

  private static byte[] wav(Encoding encoding, int bits, int channels, int sampleRate, byte[] data)
      throws IOException {
    int frame = bits / 8 * channels;
    AudioFormat format =
        new AudioFormat(encoding, sampleRate, bits, channels, frame, sampleRate, false);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (AudioInputStream in =
        new AudioInputStream(new ByteArrayInputStream(data), format, data.length / frame)) {
      AudioSystem.write(in, AudioFileFormat.Type.WAVE, out);
    }
    return out.toByteArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 16, 24, 32})
  void readsWholeNumbersOfEveryWidth(int bits) throws IOException {
    // Half of full scale up, a quarter down, and the lowest value.
    long full = 1L << (bits - 1);
    long[] values = {full / 2, -full / 4, -full};
    ByteBuffer data = ByteBuffer.allocate(values.length * bits / 8).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      long stored = bits == 8 ? value + 128 : value;
      for (int shift = 0; shift < bits; shift += 8) {
        data.put((byte) (stored >> shift));
      }
    }
    Sound sound = Sound.read(write("pcm.wav", wav(bits, 1, 16000, data.array())));
    assertThat(sound.sampleRate()).isEqualTo(16000);
    assertThat(sound.samples().shape()).isEqualTo(Shape.of(1, 3));
    assertThat(sound.samples().toFloatArray()).containsExactly(0.5f, -0.25f, -1f);
  }

  @Test
  void readsFloats() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    data.putFloat(0.125f).putFloat(-1.5f);
    Sound sound =
        Sound.read(write("float.wav", wav(Encoding.PCM_FLOAT, 32, 1, 44100, data.array())));
    assertThat(sound.samples().toFloatArray()).containsExactly(0.125f, -1.5f);
  }

  @Test
  void keepsChannelsApartAndMixesThem() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : new int[] {16384, 0, 8192, -8192}) {
      data.putShort((short) value);
    }
    Sound sound = Sound.read(write("stereo.wav", wav(16, 2, 8000, data.array())));
    assertThat(sound.samples().toFloatArray()).containsExactly(0.5f, 0.25f, 0f, -0.25f);
    assertThat(sound.mono(3).toFloatArray()).containsExactly(0.25f, 0f, 0f);
    assertThat(sound.mono(1).toFloatArray()[0]).isCloseTo(0.25f, within(0f));
  }

  @Test
  void takesWhatThereIsOfASoundThatWasCutOff() throws IOException {
    byte[] whole = wav(16, 1, 8000, new byte[100]);
    Sound sound = Sound.read(write("cut.wav", Arrays.copyOf(whole, whole.length - 21)));
    assertThat(sound.length()).isEqualTo(39);
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    byte[] valid = wav(16, 1, 8000, new byte[10]);
    byte[] otherCoding = valid.clone();
    otherCoding[20] = 85;
    assertBad("coded.wav", otherCoding, "coding 85");
    byte[] noChannel = valid.clone();
    noChannel[22] = 0;
    assertBad("silent.wav", noChannel, "0 channels");
    assertBad("short.wav", Arrays.copyOf(valid, 30), "cut off");
    assertBad("page.wav", "<html>not a sound</html>".getBytes(StandardCharsets.UTF_8), "RIFF");
    assertThatThrownBy(() -> Sound.read(folder.resolve("none.wav")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("none.wav");
  }

  private void assertBad(String name, byte[] content, String message) throws IOException {
    Path file = write(name, content);
    assertThatThrownBy(() -> Sound.read(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining(name)
        .hasMessageContaining(message);
  }

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }
}
