package dev.tinytitan.compress.distill;

import dev.tinytitan.compress.distill.DistillationLoss.ValuePair;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Mul;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.Batch;
import dev.tinytitan.train.Evaluation;
import dev.tinytitan.train.Guidance;
import dev.tinytitan.train.GuidanceNodes;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A teacher that guides a trainer: its answers for each batch, and the loss that compares them. */
final class TeacherGuidance implements Guidance {
  private final Teacher teacher;
  private final DistillationOptions options;
  private final List<List<ValuePair>> pairs;
  private final boolean convolves;
  private final TeacherCache cache;
  private final float[] row;

  /**
   * @param pairs for each part of the loss, the values that it compares
   * @param convolves whether feature maps have their channels first
   * @param samples how many training data there are
   */
  TeacherGuidance(
      Teacher teacher,
      DistillationOptions options,
      List<List<ValuePair>> pairs,
      boolean convolves,
      int samples) {
    this.teacher = teacher;
    this.options = options;
    this.pairs = pairs;
    this.convolves = convolves;
    int each = teacher.shapes().values().stream().mapToInt(shape -> shape.size()).sum();
    this.row = new float[each];
    this.cache = new TeacherCache(samples, each, options.cacheBytes(), options.cacheFolder());
  }

  @Override
  public double targetWeight() {
    return options.labelWeight();
  }

  @Override
  public String write(GuidanceNodes nodes) {
    TermWriter writer = new TermWriter(nodes, teacher, convolves, options.training().seed());
    Optional<String> sum = Optional.empty();
    for (int i = 0; i < pairs.size(); i++) {
      DistillationOptions.Part part = options.parts().get(i);
      String term = writer.write(part.loss(), pairs.get(i));
      String weighed = nodes.add(new Mul(), term, nodes.scalar(part.weight()));
      sum = Optional.of(sum.map(before -> nodes.add(new Add(), before, weighed)).orElse(weighed));
    }
    return sum.orElseThrow();
  }

  @Override
  public void fill(Batch batch, Map<String, Tensor> inputs) {
    int count = batch.indices().length;
    if (batch.original() && cache.knows(batch.indices())) {
      for (int i = 0; i < count; i++) {
        cache.read(batch.indices()[i], row);
        int at = 0;
        for (String name : teacher.shapes().keySet()) {
          at = give(name, row, at, inputs, i);
        }
      }
    } else {
      Map<String, float[]> answers = teacher.answers(batch.samples(), count);
      answers.forEach((name, values) -> {
        for (int i = 0; i < count; i++) {
          give(name, values, i * size(name), inputs, i);
        }
      });
      if (batch.original()) {
        keep(batch.indices(), answers);
      }
    }
    Tensor right = inputs.get(TermWriter.RIGHT_CLASS);
    if (right != null) {
      // Where the data have labels, the sum of mixed ones decides, else the teacher.
      float[] judge =
          batch.targets().length > 0
              ? batch.targets()
              : Objects.requireNonNull(inputs.get(teacher.answer())).floatArray();
      fillRightClass(Evaluation.classes(Arrays.copyOf(judge, right.size()), count), right);
    }
  }

  private static void fillRightClass(int[] classes, Tensor right) {
    float[] values = right.floatArray();
    int each = right.size() / classes.length;
    for (int i = 0; i < classes.length; i++) {
      Arrays.fill(values, i * each, (i + 1) * each, 0);
      values[i * each + classes[i]] = 1;
    }
  }

  private int size(String name) {
    return Objects.requireNonNull(teacher.shapes().get(name)).size();
  }

  /** Copies one sample's numbers into the input that takes them, if one does; gives the end. */
  private int give(String name, float[] from, int at, Map<String, Tensor> inputs, int sample) {
    int size = size(name);
    Tensor input = inputs.get(name);
    if (input != null) {
      System.arraycopy(from, at, input.floatArray(), sample * size, size);
    }
    return at + size;
  }

  private void keep(int[] indices, Map<String, float[]> answers) {
    for (int i = 0; i < indices.length; i++) {
      int at = 0;
      for (String name : teacher.shapes().keySet()) {
        int size = size(name);
        float[] values = Objects.requireNonNull(answers.get(name));
        System.arraycopy(values, i * size, row, at, size);
        at += size;
      }
      cache.write(indices[i], row);
    }
  }

  @Override
  public String identity() {
    return options.parts() + ", labels " + options.labelWeight();
  }

  /** Gives up what was kept of the answers. */
  void closeCache() {
    cache.close();
  }
}
