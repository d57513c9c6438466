package dev.tinytitan.kernel;

import dev.tinytitan.op.FusedConv;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Convolution of one shape as products of windows with packed weights, one for each group. */
final class FloatConvKernel implements Kernel {
  private final ConvolutionNode node;
  private final ChannelsLastWindows windows;
  private final int panels;
  private final float[][] weights;
  private final List<BlockedProduct> products = new ArrayList<>();
  private final float padding;
  private final boolean hasResidual;
  private final int scratchFloats;

  FloatConvKernel(VectorOperations operations, KernelRequest request) {
    this(operations, request, ConvolutionNode.of(request));
  }

  private FloatConvKernel(
      VectorOperations operations, KernelRequest request, ConvolutionNode node) {
    this(
        operations.matrices(),
        request,
        node,
        () -> request.constant(1).toFloatArray(),
        IntegerWeights.WHOLE,
        (group, slices) ->
            new BlockedProduct(
                operations.matrices(),
                slices.slices().get(0).rows(),
                slices.layout(),
                slices.layout().padded(node.bias(request), group * node.groupFilters()),
                FloatEpilogue.of(operations.elements(), node.then())),
        0);
  }

  /** Makes the product of one group. */
  @FunctionalInterface
  interface GroupProduct {
    BlockedProduct of(int group, DepthSlices slices);
  }

  /**
   * The general form.
   *
   * @param values the weights as the node has them, as floats
   * @param sliceDepth the greatest depth of a slice of the products
   * @param groupProduct makes the product of each group
   * @param padding what lies around the image
   */
  FloatConvKernel(
      MatrixOperations operations,
      KernelRequest request,
      ConvolutionNode node,
      Supplier<float[]> values,
      int sliceDepth,
      GroupProduct groupProduct,
      float padding) {
    this.node = node;
    this.padding = padding;
    this.hasResidual = request.operator() instanceof FusedConv && request.hasInput(3);
    this.windows = new ChannelsLastWindows(node.geometry(), node.channels());
    DepthSlices slices =
        new DepthSlices(
            operations, windows.rows(node.groupChannels()), node.groupFilters(), sliceDepth);
    this.panels = slices.layout().panels();
    this.weights =
        request
            .packed()
            .get(
                request.constant(1),
                "conv panels "
                    + slices.layout().panelWidth()
                    + " groups "
                    + node.group()
                    + " slices "
                    + slices.count(),
                float[][].class,
                () -> pack(values.get(), slices));
    for (int group = 0; group < node.group(); group++) {
      products.add(groupProduct.of(group, slices));
    }
    this.scratchFloats = operations.scratchFloats();
  }

  private float[][] pack(float[] values, DepthSlices slices) {
    float[][] packed = new float[node.group()][];
    for (int group = 0; group < packed.length; group++) {
      packed[group] = slices.pack(node.groupWeights(values, group), node.groupFilters(), 1);
    }
    return packed;
  }

  @Override
  public boolean reads(int index) {
    return index == 0 || (index == 3 && hasResidual);
  }

  @Override
  public int parts(int threads) {
    int units = node.positions() / BlockedProduct.ROW_MULTIPLE;
    return Work.parts(threads, Work.ofProducts(node.products()), units);
  }

  @Override
  public int scratchFloats() {
    return scratchFloats + windows.paddedSize();
  }

  @Override
  public int scratchInts() {
    return products.get(0).scratchInts();
  }

  @Override
  public void run(
      @Nullable Tensor[] inputs, @Nullable Tensor[] outputs, Scratch scratch, int part, int parts) {
    float[] x = Objects.requireNonNull(inputs[0]).floatArray();
    float[] y = Objects.requireNonNull(outputs[0]).floatArray();
    Tensor residualTensor = hasResidual ? inputs[3] : null;
    float[] residual = residualTensor == null ? null : residualTensor.floatArray();
    int from = Work.bound(node.positions(), BlockedProduct.ROW_MULTIPLE, part, parts);
    int to = Work.bound(node.positions(), BlockedProduct.ROW_MULTIPLE, part + 1, parts);
    if (from == to) {
      return;
    }
    int imageSize = node.geometry().inputSize() * node.channels();
    for (int image = 0; image < node.input().dim(0); image++) {
      float[] source = x;
      int sourceOffset = image * imageSize;
      if (windows.isPadded()) {
        windows.pad(x, sourceOffset, scratch.floats(), scratchFloats, padding, from, to);
        source = scratch.floats();
        sourceOffset = scratchFloats;
      }
      for (int group = 0; group < node.group(); group++) {
        int target = image * node.positions() * node.filters() + group * node.groupFilters();
        products
            .get(group)
            .run(
                source,
                sourceOffset + group * node.groupChannels(),
                weights[group],
                0,
                y,
                target,
                node.filters(),
                residual,
                target,
                from,
                to,
                0,
                panels,
                scratch);
      }
    }
  }
}
