package dev.tinytitan.op;

import dev.tinytitan.MalformedModelException;
import dev.tinytitan.ir.Attribute;
import dev.tinytitan.ir.Attributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * The attributes that RNN, GRU and LSTM share.
 *
 * @param hiddenSize elements of the state; 0 where the weights say it
 * @param activations the functions of one direction after the other
 * @param clip the bound of what goes into the gates' activations; infinite for none
 * @param batchFirst whether the batch is the outermost dimension and not the sequence ({@code
 *     layout})
 */
public record Recurrence(
    int hiddenSize,
    Direction direction,
    List<RecurrentActivation> activations,
    float clip,
    boolean batchFirst) {

  /** Which way a recurrent operator reads its sequence. The names are ONNX's, in upper case. */
  public enum Direction {
    /** From the first step to the last. */
    FORWARD,
    /** From the last step to the first. */
    REVERSE,
    /** Both, with weights of their own. */
    BIDIRECTIONAL;

    /** 2 for {@link #BIDIRECTIONAL}, else 1. */
    public int count() {
      return this == BIDIRECTIONAL ? 2 : 1;
    }

    /** True if direction {@code index} reads backwards. */
    public boolean isReverse(int index) {
      return this == REVERSE || index == 1;
    }
  }

  public Recurrence {
    if (hiddenSize < 0 || !(clip > 0)) {
      throw new MalformedModelException(
          "A hidden size of " + hiddenSize + " or a clip of " + clip + " is not possible.");
    }
    activations = List.copyOf(activations);
  }

  /** Reads the attributes; {@code defaults} are the functions of one direction. */
  static Recurrence decode(Attributes attributes, RecurrentActivation.Kind... defaults) {
    Direction direction = direction(attributes.getText("direction", "forward"));
    List<String> names = attributes.getTexts("activations");
    int wanted = defaults.length * direction.count();
    if (!names.isEmpty() && names.size() != wanted) {
      throw new MalformedModelException(
          "Attribute 'activations' names "
              + names.size()
              + " functions where "
              + wanted
              + " are needed.");
    }
    float[] alphas = attributes.getFloats("activation_alpha").orElse(new float[0]);
    float[] betas = attributes.getFloats("activation_beta").orElse(new float[0]);
    List<RecurrentActivation> activations = new ArrayList<>();
    int alpha = 0;
    int beta = 0;
    for (int i = 0; i < wanted; i++) {
      RecurrentActivation.Kind kind =
          names.isEmpty()
              ? defaults[i % defaults.length]
              : RecurrentActivation.Kind.ofName(names.get(i));
      // The lists have numbers only for the functions that take them, in order.
      activations.add(
          new RecurrentActivation(
              kind,
              kind.hasAlpha() && alpha < alphas.length ? alphas[alpha++] : kind.defaultAlpha(),
              kind.hasBeta() && beta < betas.length ? betas[beta++] : kind.defaultBeta()));
    }
    return new Recurrence(
        attributes.getInt("hidden_size", 0),
        direction,
        activations,
        attributes.has("clip") ? attributes.getFloat("clip", 0) : Float.POSITIVE_INFINITY,
        attributes.getBoolean("layout", false));
  }

  private static Direction direction(String name) {
    return switch (name) {
      case "forward" -> Direction.FORWARD;
      case "reverse" -> Direction.REVERSE;
      case "bidirectional" -> Direction.BIDIRECTIONAL;
      default -> throw Shapes.badAttribute("direction", name);
    };
  }

  /** Starts a node's attributes with these, defaults left out. */
  Attributes.Builder encode(RecurrentActivation.Kind... defaults) {
    Attributes.Builder attributes = Attributes.builder();
    List<Float> alphas = new ArrayList<>();
    List<Float> betas = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (RecurrentActivation activation : activations) {
      names.add(activation.kind().onnxName());
      if (activation.kind().hasAlpha()) {
        alphas.add(activation.alpha());
      }
      if (activation.kind().hasBeta()) {
        betas.add(activation.beta());
      }
    }
    if (!activations.equals(defaults(defaults))) {
      attributes.put("activations", new Attribute.Texts(names));
    }
    if (!alphas.isEmpty()) {
      attributes.put("activation_alpha", new Attribute.Floats(alphas));
    }
    if (!betas.isEmpty()) {
      attributes.put("activation_beta", new Attribute.Floats(betas));
    }
    return attributes
        .putUnless(Float.POSITIVE_INFINITY, "clip", clip)
        .putUnless("forward", "direction", direction.name().toLowerCase(Locale.ROOT))
        .putUnless(0, "hidden_size", hiddenSize)
        .putUnless(false, "layout", batchFirst);
  }

  private List<RecurrentActivation> defaults(RecurrentActivation.Kind... kinds) {
    List<RecurrentActivation> once = new ArrayList<>();
    for (RecurrentActivation.Kind kind : kinds) {
      once.add(RecurrentActivation.of(kind));
    }
    return Collections.nCopies(direction.count(), once).stream().flatMap(List::stream).toList();
  }

  /**
   * A function of a direction.
   *
   * @param index which one among the direction's
   */
  public RecurrentActivation activation(int directionIndex, int index) {
    return activations.get(directionIndex * (activations.size() / direction.count()) + index);
  }

  /** Cuts what goes into a gate's activation. */
  double clip(double x) {
    return x > clip ? clip : x < -clip ? -clip : x;
  }
}
