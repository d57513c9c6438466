package dev.tinytitan.surroundings;

import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.tensor.Tensor;
import java.nio.file.Path;
import java.util.Map;

/**
 * Runs the models given as arguments and prints a line with the engine, then one per output: its
 * elements. Needs nothing but core, so that it runs wherever that does.
 */
public final class SameAnswers {
  private SameAnswers() {}

  public static void main(String[] files) {
    for (String file : files) {
      try (Session session = Model.load(Path.of(file)).open()) {
        System.out.println("engine " + session.engine());
        Map<String, Tensor> inputs = Inputs.random(session.inputs(), 1);
        // Twice, as the second run finds the memory of the first.
        session.run(inputs);
        session.run(inputs).values().forEach(output -> System.out.println(line(output)));
      }
    }
  }

  static String line(Tensor output) {
    StringBuilder line = new StringBuilder("output");
    for (int i = 0; i < output.size(); i++) {
      line.append(' ').append(output.getFloat(i));
    }
    return line.toString();
  }
}
