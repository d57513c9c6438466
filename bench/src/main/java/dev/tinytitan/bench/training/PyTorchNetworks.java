package dev.tinytitan.bench.training;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv1d;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import java.util.List;

/** Networks of the zoo, built of DJL's blocks: the same layers, up to the scores of ten classes. */
final class PyTorchNetworks {
  private PyTorchNetworks() {}

  /** The network of a name that {@link TrainingSpeed} knows. */
  static Block of(String name, int classes) {
    return switch (name) {
      case "resnet8" -> resnet8(classes);
      case "cnn-1d" -> cnn1d(classes);
      case "lenet5" -> lenet5(classes);
      default -> throw new IllegalArgumentException("no network '" + name + "'");
    };
  }

  private static Block resnet8(int classes) {
    return new SequentialBlock()
        .add(conv(16, 3, 1, 1, false))
        .add(norm())
        .add(Activation::relu)
        .add(residual(16, 1))
        .add(residual(32, 2))
        .add(residual(64, 2))
        .add(Pool.globalAvgPool2dBlock())
        .add(Linear.builder().setUnits(classes).build());
  }

  private static Block residual(int filters, int stride) {
    Block main =
        new SequentialBlock()
            .add(conv(filters, 3, stride, 1, false))
            .add(norm())
            .add(Activation::relu)
            .add(conv(filters, 3, 1, 1, false))
            .add(norm());
    Block shortcut = stride == 1 ? Blocks.identityBlock() : conv(filters, 1, stride, 0, false);
    return new ParallelBlock(
        parts ->
            new NDList(
                Activation.relu(
                    parts.get(0).singletonOrThrow().add(parts.get(1).singletonOrThrow()))),
        List.of(main, shortcut));
  }

  private static Block cnn1d(int classes) {
    SequentialBlock block = new SequentialBlock();
    for (int filters : new int[] {16, 32, 64}) {
      block
          .add(
              Conv1d.builder()
                  .setFilters(filters)
                  .setKernelShape(new Shape(5))
                  .optPadding(new Shape(2))
                  .optBias(false)
                  .build())
          .add(norm())
          .add(Activation::relu)
          .add(Pool.maxPool1dBlock(new Shape(2), new Shape(2)));
    }
    return block
        .add(Pool.globalAvgPool1dBlock())
        .add(Dropout.builder().optRate(0.2f).build())
        .add(Linear.builder().setUnits(classes).build());
  }

  private static Block lenet5(int classes) {
    return new SequentialBlock()
        .add(conv(20, 5, 1, 0, true))
        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(conv(50, 5, 1, 0, true))
        .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)))
        .add(Blocks.batchFlattenBlock())
        .add(Linear.builder().setUnits(500).build())
        .add(Activation::relu)
        .add(Linear.builder().setUnits(classes).build());
  }

  private static Block conv(int filters, int kernel, int stride, int padding, boolean bias) {
    return Conv2d.builder()
        .setFilters(filters)
        .setKernelShape(new Shape(kernel, kernel))
        .optStride(new Shape(stride, stride))
        .optPadding(new Shape(padding, padding))
        .optBias(bias)
        .build();
  }

  private static Block norm() {
    return BatchNorm.builder().build();
  }
}
