package dev.tinytitan.compress.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.ir.Verifier;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import dev.tinytitan.train.TrainingData;
import dev.tinytitan.train.zoo.Zoo;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StudentsTest {
  private static final TrainingData SIGNALS =
      new TrainingData(4, new float[4 * 3 * 20], 60, new int[4], new float[0]);

  private static Model zoo(String name, Shape input) {
    return Zoo.build(name, new Zoo.Task(input, 5, true, 0, 1), 1);
  }

  private static long count(Model model, Class<?> operator) {
    return model.graph().nodes().stream()
        .filter(node -> operator.isInstance(node.operator()))
        .count();
  }

  private static void requireRuns(Model model, int... shape) {
    Verifier.verify(model.graph());
    try (Session session = Model.load(model.toBytes()).open()) {
      Tensor input = Tensor.zeros(DType.FLOAT32, Shape.of(shape));
      Tensor output = session.run(Map.of("input", input)).values().iterator().next();
      assertThat(output.shape()).isEqualTo(Shape.of(shape[0], 5));
    }
  }

  @Test
  void everySecondLayerOfATransformer() {
    Model teacher = zoo("transformer", Shape.of(3, 20));
    Model student = Students.shallower(teacher, 0.5);
    assertThat(count(teacher, Softmax.class)).isEqualTo(3);
    assertThat(count(student, Softmax.class)).isEqualTo(2);
    assertThat(count(student, LayerNormalization.class)).isEqualTo(3);
    requireRuns(student, 2, 3, 20);
  }

  @Test
  void everySecondLayerOfConvolutions() {
    Model student = Students.shallower(zoo("ds-cnn", Shape.of(1, 28, 28)), 0.5);
    assertThat(count(student, Conv.class)).isEqualTo(5);
    requireRuns(student, 2, 1, 28, 28);
    Model mobile = zoo("mobilenet", Shape.of(3, 32, 32));
    Model shorter = Students.shallower(mobile, 0.4);
    assertThat(count(shorter, Conv.class)).isLessThan(count(mobile, Conv.class) - 5);
    requireRuns(shorter, 2, 3, 32, 32);
    requireRuns(Students.shallower(zoo("tcn", Shape.of(3, 20)), 0.5), 2, 3, 20);
  }

  @Test
  void noLayersAlike() {
    assertThatThrownBy(() -> Students.shallower(zoo("lenet5", Shape.of(1, 28, 28)), 0.5))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("no layers");
  }

  @Test
  void aNarrowerCopy() {
    Model teacher = zoo("resnet8", Shape.of(3, 32, 32));
    Model student = Students.narrower(teacher, 0.5);
    assertThat(student.toBytes().length).isLessThan((int) (0.3 * teacher.toBytes().length));
    requireRuns(student, 2, 3, 32, 32);
    Model thin = Students.narrower(teacher, 0.05);
    assertThat(thin.toBytes().length).isLessThan(student.toBytes().length / 3);
    requireRuns(thin, 2, 3, 32, 32);
  }

  @Test
  void anArchitectureWithTheTeachersOutputs() {
    Model teacher = zoo("transformer", Shape.of(3, 20));
    Model student = Students.ofArchitecture("cnn-1d", teacher, SIGNALS, Shape.of(3, 20), true, 1);
    requireRuns(student, 2, 3, 20);
  }
}
