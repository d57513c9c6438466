package dev.tinytitan.cli.samples;

import dev.tinytitan.compress.Sample;
import dev.tinytitan.compress.Samples;
import dev.tinytitan.data.text.WordPieceTokenizer;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.IntFunction;

/**
 * Texts as samples of a text encoder, each a batch of one without padding.
 *
 * @param inputs the inputs that the model takes, with their element types
 * @param labels the class of a text, if there are classes
 */
record TextSamples(
    List<String> texts,
    WordPieceTokenizer tokenizer,
    Map<String, DType> inputs,
    IntFunction<OptionalInt> labels)
    implements Samples {
  @Override
  public int size() {
    return texts.size();
  }

  @Override
  public Sample get(int index) {
    Map<String, Tensor> encoded = tokenizer.encode(texts.get(index)).tensors();
    Map<String, Tensor> taken = new HashMap<>();
    encoded.forEach((name, ids) -> {
      DType dtype = inputs.get(name);
      if (dtype != null) {
        taken.put(name, Elements.cast(ids, dtype));
      }
    });
    return new Sample(taken, labels.apply(index));
  }
}
