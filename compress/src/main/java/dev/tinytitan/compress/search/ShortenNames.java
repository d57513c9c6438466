package dev.tinytitan.compress.search;

import dev.tinytitan.Model;
import dev.tinytitan.compress.ShortNames;

/** Gives all that lies inside the model short names; see {@link ShortNames}. Best taken last. */
public record ShortenNames() implements Step {
  @Override
  public String kind() {
    return "shorten-names";
  }

  @Override
  public String label() {
    return "short names";
  }

  @Override
  public String words() {
    return "give what lies inside short names";
  }

  @Override
  public Model apply(Model model, StepContext context) {
    return ShortNames.of(model);
  }
}
