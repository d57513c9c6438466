package dev.tinytitan;

import java.util.List;

/**
 * A well-formed model that asks for what this version cannot do. Lists every offending node at
 * once, so that a user learns the whole distance in one go.
 */
public final class UnsupportedModelException extends TitanException {
  private static final long serialVersionUID = 1L;

  private final List<String> problems;

  /**
   * @param summary one sentence: which model, what to do
   * @param problems one line for each offending node, operator, domain or opset
   */
  public UnsupportedModelException(String summary, List<String> problems) {
    super(problems.isEmpty() ? summary : summary + "\n  - " + String.join("\n  - ", problems));
    this.problems = List.copyOf(problems);
  }

  /** One line for each offending node, operator, domain or opset. */
  public List<String> problems() {
    return problems;
  }
}
