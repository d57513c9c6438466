package dev.tinytitan.op;

import dev.tinytitan.ir.ImportContext;
import dev.tinytitan.ir.OpSpec;
import dev.tinytitan.ir.Operator;
import java.util.ArrayList;
import java.util.List;

/**
 * {@link NegativeLogLikelihoodLoss} of {@link LogSoftmax} over axis 1, which is what it becomes on
 * import; the second output are the log-probabilities. ONNX: SoftmaxCrossEntropyLoss-13.
 */
final class SoftmaxCrossEntropyLoss {
  static final OpSpec SPEC =
      OpSpec.onnx("SoftmaxCrossEntropyLoss", 13)
          .compatibleSince(12)
          .inputs(2, 3)
          .outputs(1, 2)
          .decoder(SoftmaxCrossEntropyLoss::decode)
          .build();

  private SoftmaxCrossEntropyLoss() {}

  private static Operator decode(ImportContext context) {
    List<String> outputs = new ArrayList<>(context.outputs());
    boolean wanted = outputs.size() > 1 && !outputs.get(1).isEmpty();
    String logProbabilities = wanted ? outputs.get(1) : context.newValue("log_prob");
    context.addNode(
        "log_prob", new LogSoftmax(1), List.of(context.input(0)), List.of(logProbabilities));
    context.setInput(0, logProbabilities);
    context.setOutputs(outputs.subList(0, 1));
    return NegativeLogLikelihoodLoss.of(context.attributes());
  }
}
