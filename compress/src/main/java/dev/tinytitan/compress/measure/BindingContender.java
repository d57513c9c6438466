package dev.tinytitan.compress.measure;

import dev.tinytitan.Binding;
import dev.tinytitan.Session;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;

/** A TinyTitan session through a binding: what a hot loop would use. Closes the session. */
public final class BindingContender implements Contender {
  private final String name;
  private final Session session;
  private final Binding binding;
  private final Map<String, Shape> shapes;

  /** Fills a binding of {@code session} with these inputs. */
  public BindingContender(String name, Session session, Map<String, Tensor> inputs) {
    this.name = name;
    this.session = session;
    Map<String, Shape> given = new HashMap<>();
    inputs.forEach((input, tensor) -> given.put(input, tensor.shape()));
    this.shapes = Map.copyOf(given);
    this.binding = session.binding(given);
    inputs.forEach((input, tensor) -> binding.input(input).copyFrom(tensor));
  }

  /** The session that is measured. */
  public Session session() {
    return session;
  }

  /** The shapes of its inputs, by name. */
  public Map<String, Shape> shapes() {
    return shapes;
  }

  /** The binding that is run. */
  public Binding binding() {
    return binding;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run() {
    binding.run();
  }

  @Override
  public void close() {
    session.close();
  }
}
