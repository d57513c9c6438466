package dev.tinytitan.edge.learn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelDeltaTest {
  private static final int CLASSES = 3;

  private static Model base;
  private static Model quantized;

  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    base = Clouds.trained(CLASSES);
    quantized = Clouds.quantized(base, CLASSES);
  }

  private static Model learned(Model model, int seed, boolean newClass) {
    LearnerOptions options =
        LearnerOptions.of(Budget.ofBytes(200_000))
            .withMethod(Method.LAST_LAYER)
            .withHoldBack(0)
            .withLearningRate(5e-3);
    try (Learner learner = Learner.of(model, options)) {
      Clouds person = new Clouds(seed, 0.9, 0.8);
      for (int i = 0; i < 24; i++) {
        learner.learn(person.sample(i % CLASSES), i % CLASSES);
      }
      if (newClass) {
        for (int i = 0; i < 24; i++) {
          learner.learn(person.sample(CLASSES), CLASSES);
        }
      }
      learner.commit();
      return learner.model();
    }
  }

  @Test
  void baseAndDeltaMakeTheModel() {
    for (Model model : List.of(base, quantized)) {
      Model learned = learned(model, 3, false);
      ModelDelta delta = ModelDelta.between(model, learned);
      Path file = folder.resolve("anna.delta");
      delta.save(file);
      assertThat(file.toFile().length()).isLessThan(2_000);
      ModelDelta read = ModelDelta.read(file);
      assertThat(read.apply(model).graph()).isEqualTo(learned.graph());
      assertThat(read.undo(learned).graph()).isEqualTo(model.graph());
    }
  }

  @Test
  void newClassesAreInTheDelta() {
    for (Model model : List.of(base, quantized)) {
      Model learned = learned(model, 3, true);
      assertThat(learned.outputs().getFirst().tensorType().dim(1).size()).isEqualTo(CLASSES + 1);
      ModelDelta delta = ModelDelta.of(ModelDelta.between(model, learned).toBytes());
      Model applied = Model.load(delta.apply(model).toBytes());
      assertThat(applied.graph().initializers()).isEqualTo(learned.graph().initializers());
      assertThatThrownBy(() -> delta.undo(learned))
          .isInstanceOf(BadDataException.class)
          .hasMessageContaining("take the base model");
    }
  }

  @Test
  void anotherBaseIsRefused() {
    ModelDelta delta = ModelDelta.between(base, learned(base, 3, false));
    assertThatThrownBy(() -> delta.apply(quantized))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("another base model");
  }

  @Test
  void mergedDeltasMeetInTheMiddle() {
    Model one = learned(base, 3, false);
    Model two = learned(base, 4, false);
    ModelDelta merged =
        ModelDelta.merge(
            base,
            List.of(ModelDelta.between(base, one), ModelDelta.between(base, two)),
            List.of(0.5, 0.5));
    Model both = merged.apply(base);
    for (String name : merged.changed()) {
      float[] a = one.graph().constant(name).orElseThrow().toFloatArray();
      float[] b = two.graph().constant(name).orElseThrow().toFloatArray();
      float[] m = both.graph().constant(name).orElseThrow().toFloatArray();
      for (int i = 0; i < m.length; i++) {
        assertThat(m[i]).isCloseTo((a[i] + b[i]) / 2, org.assertj.core.data.Offset.offset(1e-6f));
      }
    }
  }

  /** A changed bit between the last block and its checksum says nothing: then all is as it was. */
  @Test
  void damagedFilesAreRefusedOrGiveTheSameModel() {
    Model learned = learned(base, 3, false);
    byte[] good = ModelDelta.between(base, learned).toBytes();
    int refused = 0;
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 2000; i++) {
      byte[] bad =
          random.nextInt(4) == 0 ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
      for (int k = random.nextInt(4); k >= 0 && bad.length > 0; k--) {
        bad[random.nextInt(bad.length)] ^= (byte) (1 + random.nextInt(255));
      }
      if (Arrays.equals(bad, good)) {
        continue; // The second change undid the first.
      }
      try {
        assertThat(ModelDelta.of(bad).apply(base).graph()).isEqualTo(learned.graph());
      } catch (BadDataException damaged) {
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(1900);
  }

  /** What is inside may be hostile, too: whole contents with other lengths and sizes. */
  @Test
  void hostileContentsAreRefused() throws Exception {
    byte[] good = ModelDelta.between(base, learned(base, 3, false)).toBytes();
    byte[] head = Arrays.copyOf(good, 73);
    var inflater =
        new java.util.zip.InflaterInputStream(
            new java.io.ByteArrayInputStream(good, 73, good.length - 73));
    byte[] payload = inflater.readAllBytes();
    SplittableRandom random = new SplittableRandom(6);
    for (int i = 0; i < 2000; i++) {
      byte[] bad = payload.clone();
      for (int k = random.nextInt(6); k >= 0; k--) {
        int place = random.nextInt(Math.min(bad.length, random.nextBoolean() ? 60 : bad.length));
        bad[place] ^= (byte) (1 + random.nextInt(255));
      }
      var file = new java.io.ByteArrayOutputStream();
      file.write(head);
      try (var packed = new java.util.zip.DeflaterOutputStream(file)) {
        packed.write(bad);
      }
      assertThatThrownBy(() -> ModelDelta.of(file.toByteArray()).apply(base))
          .isInstanceOf(BadDataException.class);
    }
  }

  @Test
  void hashIsOfTheWeights() {
    Map<String, Tensor> constants = new LinkedHashMap<>(base.graph().initializers());
    String name =
        constants.keySet().stream()
            .filter(key -> constants.get(key).dtype().isFloat())
            .findFirst()
            .orElseThrow();
    Tensor changed = constants.get(name).copy();
    changed.setFloat(0, changed.getFloat(0) + 1e-3f);
    constants.put(name, changed);
    Model other = Model.of(base.graph().toBuilder().initializers(constants).build(), base.info());
    assertThat(ModelHash.of(other)).isNotEqualTo(ModelHash.of(base));
    assertThat(ModelHash.of(Model.load(base.toBytes()))).isEqualTo(ModelHash.of(base));
  }
}
