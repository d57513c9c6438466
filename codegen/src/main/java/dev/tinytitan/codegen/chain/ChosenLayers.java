package dev.tinytitan.codegen.chain;

import dev.tinytitan.codegen.Target;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A chain's layers in the forms in which they run.
 *
 * @param layers in order
 * @param rejected other forms of them, and why they were not taken
 * @param memory what they need beside their buffers, already in its place
 */
record ChosenLayers(List<Step> layers, List<String> rejected, List<Buffer> memory) {

  /**
   * A layer, and the node that it computes, perhaps with others.
   *
   * @param node its name
   * @param floats whether it reads floats
   */
  record Step(Layer layer, String node, boolean floats) {}

  /**
   * Takes the sparse forms of products where they are faster. A product whose neighbours are
   * sparse, too, has less to do; so where one is not taken, its neighbours are looked at again.
   *
   * @param lowered whose buffers have their places
   * @param bytes of these buffers; more memory comes behind them
   */
  static ChosenLayers of(
      Lowering.Result lowered, Target target, SparseChoice.Policy policy, int bytes) {
    List<Lowering.Step> steps = lowered.steps();
    @Nullable SparseForm[] forms = new SparseForm[steps.size()];
    for (int i = 0; i < forms.length; i++) {
      forms[i] = SparseChoice.candidate(steps.get(i).layer(), target.isa(), policy).orElse(null);
    }
    for (int i = forms.length - 2; i >= 0; i--) {
      SparseForm form = forms[i];
      SparseForm next = forms[i + 1];
      if (form != null && next != null) {
        forms[i] = form.adaptedTo(next);
      }
    }
    for (int i = 0; i < forms.length; i++) {
      SparseForm form = forms[i];
      if (form != null) {
        forms[i] = SparseChoice.faster(form, steps.get(i).node(), target, policy, bytes);
      }
    }
    String[] rejected = new String[forms.length];
    while (true) {
      SparseWiring wiring = SparseWiring.of(lowered, forms, bytes);
      boolean all = true;
      for (int i = 0; i < forms.length; i++) {
        SparseForm form = forms[i];
        if (form == null) {
          continue;
        }
        SparseChoice choice =
            SparseChoice.of(form, wiring.of(i), steps.get(i).node(), target, policy, wiring.end());
        rejected[i] = choice.rejected();
        if (!choice.isSparse()) {
          forms[i] = null;
          all = false;
        }
      }
      if (all) {
        return new ChosenLayers(layers(steps, forms, wiring), texts(rejected), wiring.memory());
      }
    }
  }

  private static List<String> texts(@Nullable String[] rejected) {
    List<String> texts = new ArrayList<>();
    for (String text : rejected) {
      if (text != null) {
        texts.add(text);
      }
    }
    return texts;
  }

  private static List<Step> layers(
      List<Lowering.Step> steps, @Nullable SparseForm[] forms, SparseWiring wiring) {
    List<Step> layers = new ArrayList<>();
    for (int i = 0; i < forms.length; i++) {
      SparseForm form = forms[i];
      Lowering.Step step = steps.get(i);
      List<Layer> ofStep = form == null ? List.of(step.layer()) : form.layers(wiring.of(i));
      for (Layer layer : ofStep) {
        layers.add(new Step(layer, step.node().node().name(), step.readsFloats()));
      }
    }
    return layers;
  }
}
