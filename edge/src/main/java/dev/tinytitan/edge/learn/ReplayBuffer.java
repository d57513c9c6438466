package dev.tinytitan.edge.learn;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Samples that were seen, as bytes at the cut, with their targets: a reservoir that stays balanced
 * between classes (Chrysakis and Moens 2020). While there is room everything is kept. Then a sample
 * of any but the largest class takes the place of one of the largest class; one of the largest
 * class takes the place of another with the probability that makes each of them equally likely to
 * be there. One thread at a time.
 */
final class ReplayBuffer {
  /** Class and weight. */
  private static final int HEAD_BYTES = 4;

  private static final int STEPS = 255;

  private final int entryBytes;
  private final int classRoom;
  private final byte[] entries;
  private final byte[] opinions;
  private final short[] labels;
  private final short[] weights;
  private final SplittableRandom random;
  private final int[] seen;
  private int size;

  /**
   * @param bytes the most that the buffer may take
   * @param entryBytes of a sample at the cut
   * @param classRoom the most classes there can be; 0 where targets are values
   */
  ReplayBuffer(long bytes, int entryBytes, int classRoom, long seed) {
    this.entryBytes = entryBytes;
    this.classRoom = classRoom;
    int capacity = (int) (bytes / (entryBytes + classRoom + HEAD_BYTES));
    this.entries = new byte[Math.multiplyExact(capacity, entryBytes)];
    this.opinions = new byte[capacity * classRoom];
    this.labels = new short[capacity];
    this.weights = new short[capacity];
    this.random = new SplittableRandom(seed);
    this.seen = new int[classRoom];
  }

  /** The same samples in a buffer of as many bytes for more classes; balanced, if some must go. */
  ReplayBuffer grown(int classes) {
    long bytes = (long) capacity() * (entryBytes + classRoom + HEAD_BYTES);
    ReplayBuffer wider = new ReplayBuffer(bytes, entryBytes, classes, random.nextLong());
    for (int i = 0; i < size; i++) {
      float[] opinion = new float[classRoom];
      for (int c = 0; c < classRoom; c++) {
        opinion[c] = opinion(i, c);
      }
      byte[] latent = Arrays.copyOfRange(entries, i * entryBytes, (i + 1) * entryBytes);
      wider.offer(latent, label(i), opinion, weight(i));
    }
    System.arraycopy(seen, 0, wider.seen, 0, seen.length);
    return wider;
  }

  int size() {
    return size;
  }

  int capacity() {
    return labels.length;
  }

  long byteSize() {
    return (long) entries.length + opinions.length + 4L * labels.length;
  }

  /** The samples of each class that are there. */
  int[] counts() {
    int[] counts = new int[classRoom];
    for (int i = 0; i < size; i++) {
      counts[labels[i]]++;
    }
    return counts;
  }

  /**
   * Offers a sample.
   *
   * @param opinion what the base model said of it: a probability for each of its classes
   * @param weight from 0 to 1
   */
  void offer(byte[] latent, int label, float[] opinion, double weight) {
    seen[label]++;
    int place = place(label);
    if (place < 0) {
      return;
    }
    System.arraycopy(latent, 0, entries, place * entryBytes, entryBytes);
    Arrays.fill(opinions, place * classRoom, (place + 1) * classRoom, (byte) 0);
    for (int i = 0; i < opinion.length; i++) {
      opinions[place * classRoom + i] = (byte) Math.round(opinion[i] * STEPS);
    }
    labels[place] = (short) label;
    weights[place] = (short) Math.round(weight * STEPS);
  }

  private int place(int label) {
    if (size < capacity()) {
      return size++;
    }
    if (capacity() == 0) {
      return -1;
    }
    int[] counts = counts();
    int largest = 0;
    for (int i = 1; i < counts.length; i++) {
      largest = counts[i] > counts[largest] ? i : largest;
    }
    if (counts[label] < counts[largest]) {
      return ofClass(largest, random.nextInt(counts[largest]));
    }
    return random.nextInt(seen[label]) < counts[label]
        ? ofClass(label, random.nextInt(counts[label]))
        : -1;
  }

  private int ofClass(int label, int number) {
    int left = number;
    for (int i = 0; i < size; i++) {
      if (labels[i] == label && left-- == 0) {
        return i;
      }
    }
    throw new IllegalStateException("the buffer has fewer samples of class " + label);
  }

  /** A sample's number, each class equally likely. */
  int draw() {
    int[] counts = counts();
    int present = 0;
    for (int count : counts) {
      present += count > 0 ? 1 : 0;
    }
    int wanted = random.nextInt(present);
    for (int label = 0; label < counts.length; label++) {
      if (counts[label] > 0 && wanted-- == 0) {
        return ofClass(label, random.nextInt(counts[label]));
      }
    }
    throw new IllegalStateException("the buffer is empty");
  }

  byte[] entries() {
    return entries;
  }

  int offset(int number) {
    return number * entryBytes;
  }

  int label(int number) {
    return labels[number];
  }

  double weight(int number) {
    return (weights[number] & 0xFFFF) / (double) STEPS;
  }

  /** What the base model said of a sample. */
  float opinion(int number, int label) {
    return (opinions[number * classRoom + label] & 0xFF) / (float) STEPS;
  }
}
