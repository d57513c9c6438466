package dev.tinytitan.edge.learn;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.TitanException;
import dev.tinytitan.io.AtomicFile;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * What a model learned, as the difference to the model it began with: a small file for each person,
 * beside one base model for all. Immutable.
 *
 * <pre>{@code
 * ModelDelta.between(base, learner.model()).save(Path.of("anna.delta"));
 * Model annas = ModelDelta.read(Path.of("anna.delta")).apply(base);
 * }</pre>
 *
 * <p>The file, numbers big-endian:
 *
 * <table>
 * <caption>format</caption>
 * <tr><td>4 bytes<td>{@code TTDL}
 * <tr><td>1 byte<td>version of the format, 1
 * <tr><td>32 bytes<td>hash of the base: SHA-256 over {@code "input " + name} of each input, {@code
 *     "output " + name} of each output, then for each constant, sorted by name, {@code name + " " +
 *     dtype + shape}, each text in UTF-8 with a byte 0 behind it, and the constant's bytes,
 *     little-endian
 * <tr><td>32 bytes<td>the same hash of the result
 * <tr><td>4 bytes<td>length of the rest before it was compressed
 * <tr><td>rest<td>zlib (RFC 1950) of: 2 bytes count; for each constant that differs: its name
 *     (2 bytes length, UTF-8 as {@link DataOutputStream#writeUTF}), 1 byte ONNX number of its element
 *     type, 1 byte rank, 4 bytes for each dimension, 1 byte form, 4 bytes length, its bytes
 * </table>
 *
 * <p>Form 0 is the constant as it is; form 1, where the shape is that of the base's, is the
 * exclusive or with the base's bytes, of which unchanged numbers are zeros.
 */
public final class ModelDelta {
  private static final int MAGIC = 0x5454444C;
  private static final int VERSION = 1;
  private static final int WHOLE = 0;
  private static final int XOR = 1;

  /** Larger deltas are no deltas; the limit also bounds what a damaged length can ask for. */
  private static final int MOST_BYTES = 256 << 20;

  private static final int MOST_RANK = 16;

  private final byte[] base;
  private final byte[] result;
  private final Map<String, Change> changes;

  /** A constant that differs. */
  @SuppressWarnings("ArrayRecordComponent") // written once, never compared
  private record Change(DType dtype, Shape shape, int form, byte[] bytes) {}

  private ModelDelta(byte[] base, byte[] result, Map<String, Change> changes) {
    this.base = base;
    this.result = result;
    this.changes = changes;
  }

  /**
   * The difference between a model and one that learned from it.
   *
   * @throws BadDataException if they are not of the same structure
   */
  public static ModelDelta between(Model base, Model learned) {
    if (!base.graph().nodes().equals(learned.graph().nodes())) {
      throw new BadDataException("The two models differ in more than what one can learn.");
    }
    Map<String, Change> changes = new LinkedHashMap<>();
    learned
        .graph()
        .initializers()
        .forEach((name, tensor) -> {
          Optional<Tensor> old = base.graph().constant(name);
          if (!old.equals(Optional.of(tensor))) {
            byte[] bytes = bytes(tensor);
            boolean same = old.isPresent() && isAlike(old.get(), tensor.dtype(), tensor.shape());
            if (same) {
              xor(bytes, bytes(old.get()));
            }
            changes.put(
                name, new Change(tensor.dtype(), tensor.shape(), same ? XOR : WHOLE, bytes));
          }
        });
    return new ModelDelta(ModelHash.of(base), ModelHash.of(learned), changes);
  }

  private static boolean isAlike(Tensor tensor, DType dtype, Shape shape) {
    return tensor.dtype() == dtype && tensor.shape().equals(shape);
  }

  private static byte[] bytes(Tensor tensor) {
    ByteBuffer raw = tensor.rawBytes();
    byte[] bytes = new byte[raw.remaining()];
    raw.get(bytes);
    return bytes;
  }

  private static void xor(byte[] bytes, byte[] with) {
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] ^= with[i];
    }
  }

  /** The names of the constants that differ. */
  public Set<String> changed() {
    return new LinkedHashSet<>(changes.keySet());
  }

  /**
   * The model that learned.
   *
   * @throws BadDataException if this is a delta for another base, or damaged
   */
  public Model apply(Model model) {
    require(base, model, "was made for another base model");
    return checked(model, result);
  }

  /**
   * The base model, from the one that learned.
   *
   * @throws BadDataException if the model is not what this delta gives, or it got new classes: then
   *     the base has to be taken from its file
   */
  public Model undo(Model learned) {
    require(result, learned, "does not give this model, so it cannot be undone here");
    if (changes.values().stream().anyMatch(change -> change.form() != XOR)) {
      throw new BadDataException(
          "The delta changes the sizes of weights and cannot be undone; take the base model.");
    }
    return checked(learned, base);
  }

  private static void require(byte[] hash, Model model, String what) {
    byte[] own = ModelHash.of(model);
    if (!Arrays.equals(hash, own)) {
      throw new BadDataException(
          "The delta "
              + what
              + ": it is for "
              + shortened(hash)
              + ", and this one is "
              + shortened(own)
              + ".");
    }
  }

  private static String shortened(byte[] hash) {
    return HexFormat.of().formatHex(hash, 0, 8);
  }

  private Model checked(Model model, byte[] wanted) {
    Map<String, Tensor> constants = new LinkedHashMap<>();
    changes.forEach((name, change) -> constants.put(name, tensor(model, name, change)));
    Model changed;
    try {
      changed = Model.of(Constants.replace(model.graph(), constants), model.info());
    } catch (TitanException error) {
      throw new BadDataException("The delta does not fit its base: " + error.getMessage(), error);
    }
    if (!Arrays.equals(ModelHash.of(changed), wanted)) {
      throw new BadDataException(
          "The delta is damaged: it does not give the model it was made from.");
    }
    return changed;
  }

  private static Tensor tensor(Model model, String name, Change change) {
    byte[] bytes = change.bytes().clone();
    if (change.form() == XOR) {
      Tensor old =
          model
              .graph()
              .constant(name)
              .filter(tensor -> isAlike(tensor, change.dtype(), change.shape()))
              .orElseThrow(() ->
                  new BadDataException("The base has no constant '" + name + "' of its kind."));
      xor(bytes, bytes(old));
    }
    return Tensor.mapped(change.dtype(), change.shape(), ByteBuffer.wrap(bytes)).copy();
  }

  /**
   * What several learners of one base learned, together: the differences added up. Integers are
   * rounded to their own steps.
   *
   * @param shares how much of each difference is taken, as many as deltas; 1 for all of one that
   *     changes other constants than the others, 1/n for the mean of n
   * @throws BadDataException if one is for another base, or has new classes
   */
  public static ModelDelta merge(Model model, List<ModelDelta> deltas, List<Double> shares) {
    if (deltas.size() != shares.size()) {
      throw new IllegalArgumentException(deltas.size() + " deltas, " + shares.size() + " shares");
    }
    Map<String, double[]> sums = new LinkedHashMap<>();
    for (int i = 0; i < deltas.size(); i++) {
      Model learned = deltas.get(i).apply(model);
      for (String name : deltas.get(i).changed()) {
        Tensor old = model.graph().constant(name).orElse(null);
        Tensor now = learned.graph().constant(name).orElseThrow();
        if (old == null || !isAlike(old, now.dtype(), now.shape())) {
          throw new BadDataException("Deltas with new classes cannot be merged.");
        }
        double[] sum = sums.computeIfAbsent(name, key -> old.toDoubleArray().clone());
        for (int k = 0; k < sum.length; k++) {
          sum[k] += shares.get(i) * (now.getDouble(k) - old.getDouble(k));
        }
      }
    }
    Map<String, Tensor> constants = new LinkedHashMap<>();
    sums.forEach((name, sum) -> {
      Tensor old = model.graph().constant(name).orElseThrow();
      Tensor merged = Tensor.zeros(old.dtype(), old.shape());
      for (int k = 0; k < sum.length; k++) {
        if (old.dtype().isFloat()) {
          merged.setDouble(k, sum[k]);
        } else {
          merged.setLong(
              k,
              (long)
                  Math.clamp(
                      Math.rint(sum[k]),
                      (double) old.dtype().minValue(),
                      (double) old.dtype().maxValue()));
        }
      }
      constants.put(name, merged);
    });
    Model merged = Model.of(Constants.replace(model.graph(), constants), model.info());
    return between(model, merged);
  }

  /** The bytes of the file. */
  public byte[] toBytes() {
    try {
      ByteArrayOutputStream payload = new ByteArrayOutputStream();
      DataOutputStream data = new DataOutputStream(payload);
      data.writeShort(changes.size());
      for (Map.Entry<String, Change> each : changes.entrySet()) {
        Change change = each.getValue();
        data.writeUTF(each.getKey());
        data.writeByte(change.dtype().onnxNumber());
        data.writeByte(change.shape().rank());
        for (int dim : change.shape().toArray()) {
          data.writeInt(dim);
        }
        data.writeByte(change.form());
        data.writeInt(change.bytes().length);
        data.write(change.bytes());
      }
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      DataOutputStream head = new DataOutputStream(file);
      head.writeInt(MAGIC);
      head.writeByte(VERSION);
      head.write(base);
      head.write(result);
      head.writeInt(payload.size());
      try (DeflaterOutputStream packed =
          new DeflaterOutputStream(file, new Deflater(Deflater.BEST_COMPRESSION))) {
        payload.writeTo(packed);
      }
      return file.toByteArray();
    } catch (IOException error) {
      throw new IllegalStateException("writing into memory failed", error);
    }
  }

  /**
   * Writes the file, whole or not at all.
   *
   * @throws BadDataException if it cannot be written
   */
  public void save(Path file) {
    byte[] bytes = toBytes();
    AtomicFile.write(file, out -> out.write(bytes));
  }

  /**
   * Reads a file.
   *
   * @throws BadDataException if it is no delta, or a damaged one
   */
  public static ModelDelta read(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new BadDataException("'" + file + "' is too large for a delta.");
      }
      return of(Files.readAllBytes(file));
    } catch (IOException error) {
      throw new BadDataException("Cannot read the delta '" + file + "': " + error, error);
    }
  }

  /**
   * A delta of the bytes of its file.
   *
   * @throws BadDataException if they are no delta, or a damaged one
   */
  public static ModelDelta of(byte[] bytes) {
    try (DataInputStream head = new DataInputStream(new ByteArrayInputStream(bytes))) {
      if (head.readInt() != MAGIC) {
        throw new BadDataException("This is no delta: it does not begin with TTDL.");
      }
      int version = head.readUnsignedByte();
      if (version != VERSION) {
        throw new BadDataException(
            "The delta has version " + version + " of the format; known is " + VERSION + ".");
      }
      byte[] base = head.readNBytes(ModelHash.BYTES);
      byte[] result = head.readNBytes(ModelHash.BYTES);
      int length = head.readInt();
      if (length < 2 || length > MOST_BYTES) {
        throw new BadDataException("The delta is damaged: it says that it holds " + length + ".");
      }
      byte[] payload;
      try (InputStream packed = new InflaterInputStream(head)) {
        payload = packed.readNBytes(length);
        // Reads the checksum behind it, too.
        if (packed.read() >= 0) {
          throw new BadDataException("The delta is damaged: it holds more than it says.");
        }
      }
      return new ModelDelta(base, result, changes(payload, length));
    } catch (IOException error) {
      throw new BadDataException("The delta is damaged: " + error, error);
    }
  }

  private static Map<String, Change> changes(byte[] payload, int length) throws IOException {
    if (payload.length != length) {
      throw new BadDataException("The delta is damaged: it ends early.");
    }
    Map<String, Change> changes = new LinkedHashMap<>();
    try (DataInputStream data = new DataInputStream(new ByteArrayInputStream(payload))) {
      int count = data.readUnsignedShort();
      for (int i = 0; i < count; i++) {
        String name = data.readUTF();
        changes.put(name, change(data, name));
      }
    }
    return changes;
  }

  private static Change change(DataInputStream data, String name) throws IOException {
    int number = data.readUnsignedByte();
    DType dtype =
        DType.ofOnnxNumber(number)
            .filter(type -> type != DType.STRING)
            .orElseThrow(
                () -> new BadDataException("The delta is damaged: element type " + number + "."));
    int rank = data.readUnsignedByte();
    if (rank > MOST_RANK) {
      throw new BadDataException("The delta is damaged: '" + name + "' has rank " + rank + ".");
    }
    List<Integer> dims = new ArrayList<>();
    long size = 1;
    for (int i = 0; i < rank; i++) {
      int dim = data.readInt();
      size = dim < 0 ? Long.MAX_VALUE : Math.min(Integer.MAX_VALUE, size * dim);
      dims.add(dim);
      if (size > MOST_BYTES) {
        throw new BadDataException("The delta is damaged: '" + name + "' has shape " + dims + ".");
      }
    }
    int form = data.readUnsignedByte();
    int length = data.readInt();
    Shape shape = Shape.of(dims.stream().mapToInt(Integer::intValue).toArray());
    if (form > XOR || length < 0 || length > data.available()) {
      throw new BadDataException("The delta is damaged: '" + name + "' ends early.");
    }
    byte[] bytes = data.readNBytes(length);
    if (bytes.length != dtype.byteSize(size)) {
      throw new BadDataException(
          "The delta is damaged: '" + name + "' has " + bytes.length + " bytes for " + shape + ".");
    }
    return new Change(dtype, shape, form, bytes);
  }
}
