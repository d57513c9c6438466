package dev.tinytitan.cli.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;

/** The peers that are here. */
public final class Peers {
  private Peers() {}

  /** All of them; none without the bench module. */
  public static List<Peer> all() {
    return ServiceLoader.load(Peer.class).stream().map(ServiceLoader.Provider::get).toList();
  }

  /** Those that can run a model. */
  public static List<Peer> able(Path model) {
    return all().stream().filter(peer -> peer.problem(model).isEmpty()).toList();
  }
}
