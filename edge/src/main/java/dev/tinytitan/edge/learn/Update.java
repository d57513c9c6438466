package dev.tinytitan.edge.learn;

import dev.tinytitan.op.Conv;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.tensor.Shape;
import java.util.stream.IntStream;

/**
 * How one tensor of a model is learned.
 *
 * @param tensor which
 * @param form as a whole or by what is added to it
 * @param channels the input channels that are learned, ascending, with {@link Form#CHANNELS}
 * @param rank of the product that is learned, with {@link Form#LOW_RANK}
 */
@SuppressWarnings("ArrayRecordComponent") // made once, never compared
record Update(LearnableTensor tensor, Form form, int[] channels, int rank) {

  /** What is learned of a tensor. */
  enum Form {
    /** All of it. */
    WHOLE,
    /** The weights of some input channels (Lin et al. 2022). */
    CHANNELS,
    /** A product of two thin matrices that is added to it (Hu et al. 2022, LoRA). */
    LOW_RANK
  }

  static Update whole(LearnableTensor tensor) {
    return new Update(tensor, Form.WHOLE, new int[0], 0);
  }

  /** The first {@code count} of the channels in an order. */
  static Update channels(LearnableTensor tensor, int[] order, int count) {
    int[] chosen = IntStream.of(order).limit(count).sorted().toArray();
    return new Update(tensor, Form.CHANNELS, chosen, 0);
  }

  static Update lowRank(LearnableTensor tensor, int rank) {
    return new Update(tensor, Form.LOW_RANK, new int[0], rank);
  }

  /** The dimension of a weight tensor that runs over input channels. */
  static int inputAxis(LearnableTensor tensor) {
    return switch (tensor.layer().operator()) {
      case Gemm gemm -> gemm.transB() ? 1 : 0;
      case MatMul product -> 0;
      default -> 1;
    };
  }

  /** True if parts of the weights can be learned: each input channel meets each output channel. */
  static boolean canBePart(LearnableTensor tensor) {
    return tensor.role() == LearnableTensor.Role.WEIGHT
        && switch (tensor.layer().operator()) {
          case Conv conv -> conv.group() == 1;
          case Gemm gemm -> gemm.alpha() == 1;
          case MatMul product -> tensor.shape().rank() == 2;
          default -> false;
        };
  }

  /** How many numbers are learned. */
  int size() {
    return switch (form) {
      case WHOLE -> tensor.size();
      case CHANNELS -> tensor.size() / tensor.shape().dim(inputAxis(tensor)) * channels.length;
      case LOW_RANK -> {
        int outputs = tensor.shape().dim(tensor.outputAxis());
        yield rank * (outputs + tensor.size() / outputs);
      }
    };
  }

  /** The shape of the learned part of the weights, with {@link Form#CHANNELS}. */
  Shape channelShape() {
    return tensor.shape().withDim(inputAxis(tensor), channels.length);
  }
}
