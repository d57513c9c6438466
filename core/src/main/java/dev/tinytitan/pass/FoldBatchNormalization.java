package dev.tinytitan.pass;

import dev.tinytitan.ir.GraphPatch;
import dev.tinytitan.ir.Node;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.tensor.Tensor;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Folds a BatchNormalization with constant statistics into the weights of the convolution or matrix
 * product before it: at inference it is a scale and a shift for each channel.
 */
public record FoldBatchNormalization() implements Pass.OfNodes {
  @Override
  public String name() {
    return "fold-batch-normalization";
  }

  @Override
  public String description() {
    return "Folds batch normalization into the weights before it.";
  }

  @Override
  public Set<String> startsAt() {
    return Set.of("BatchNormalization");
  }

  @Override
  public Optional<GraphPatch> apply(Scope scope, Node node) {
    if (!(node.operator() instanceof BatchNormalization normalization)
        || normalization.training()
        || node.outputs().size() > 1) {
      return Optional.empty();
    }
    LinearLayer layer = LinearLayer.of(scope, node.input(0)).orElse(null);
    // Channels are dimension 1, which is a matrix product's last only if it gives a matrix.
    if (layer == null || (layer.channelAxis() != 1 && scope.rank(node.input(0)) != 2)) {
      return Optional.empty();
    }
    Tensor[] parameters = new Tensor[4];
    for (int i = 0; i < 4; i++) {
      Tensor parameter = scope.constant(node.input(i + 1)).orElse(null);
      if (parameter == null || parameter.size() != layer.channels()) {
        return Optional.empty();
      }
      parameters[i] = parameter;
    }
    double[] scale = new double[layer.channels()];
    double[] shift = new double[layer.channels()];
    Arrays.setAll(
        scale,
        c ->
            parameters[0].getDouble(c)
                / Math.sqrt(parameters[3].getDouble(c) + normalization.epsilon()));
    Arrays.setAll(shift, c -> parameters[1].getDouble(c) - parameters[2].getDouble(c) * scale[c]);
    return layer.fold(scope, node, scale, shift);
  }
}
