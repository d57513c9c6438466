package dev.tinytitan.kernel;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/**
 * The engines that are here, and why others are not. Immutable.
 *
 * @param usable engines without a problem, highest rank first; the last is the reference
 * @param absent why others cannot run, by name
 */
public record EngineCatalog(List<Engine> usable, List<Absence> absent) {

  /** The name of the engine that has no kernels: every operator runs on its reference. */
  public static final String REFERENCE = "reference";

  /** Service files name a few engines at most; this only bounds the search. */
  private static final int MOST_FAILURES = 16;

  /** An engine that cannot run here. */
  public record Absence(String engine, String reason) {}

  public EngineCatalog {
    usable = List.copyOf(usable);
    absent = List.copyOf(absent);
  }

  /** Looked for once, when first needed. */
  private static final class Found {
    static final EngineCatalog CATALOG = find();

    private Found() {}
  }

  /**
   * The engines on the class path or module path. They are looked for once per process, each loaded
   * singly; one that cannot run is named in the log, with the remedy.
   */
  public static EngineCatalog load() {
    return Reported.CATALOG;
  }

  /** Reported when engines are first wanted, not when they are only looked for in advance. */
  private static final class Reported {
    static final EngineCatalog CATALOG = report(Found.CATALOG);

    private Reported() {}
  }

  private static EngineCatalog report(EngineCatalog catalog) {
    if (catalog.absent().isEmpty()) {
      return catalog;
    }
    System.Logger log = System.getLogger(EngineCatalog.class.getName());
    for (Absence absence : catalog.absent()) {
      log.log(
          System.Logger.Level.WARNING,
          "The engine "
              + absence.engine()
              + " is not used: "
              + absence.reason()
              + " Models run on the engine "
              + catalog.usable().get(0).name()
              + ", with the same answers.");
    }
    return catalog;
  }

  /**
   * Looks for the engines on a thread of its own, while the caller does something else: reads a
   * model, say. Only the first call does anything.
   */
  public static void lookAhead() {
    Ahead.THREAD.isAlive();
  }

  /**
   * Lets the best engine {@link Engine#prepare} itself on a thread of its own, for models whose
   * first answer needs it. Only the first call does anything.
   */
  public static void prepare() {
    Prepared.THREAD.isAlive();
  }

  /** Started once. */
  private static final class Ahead {
    static final Thread THREAD = start(false);

    private Ahead() {}
  }

  /** Started once. */
  private static final class Prepared {
    static final Thread THREAD = start(true);

    private Prepared() {}
  }

  private static Thread start(boolean prepares) {
    Thread thread =
        new Thread("tinytitan-prepare") {
          @Override
          public void run() {
            Engine best = Found.CATALOG.usable().get(0);
            if (prepares) {
              best.prepare();
            }
          }
        };
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static EngineCatalog find() {
    List<Engine> usable = new ArrayList<>();
    List<Absence> absent = new ArrayList<>();
    usable.add(new PortableEngine());
    Iterator<ServiceLoader.Provider<Engine>> providers =
        ServiceLoader.load(Engine.class, Engine.class.getClassLoader()).stream().iterator();
    for (int failures = 0; failures < MOST_FAILURES; ) {
      try {
        if (!providers.hasNext()) {
          break;
        }
        ServiceLoader.Provider<Engine> provider = providers.next();
        consider(provider, usable, absent);
      } catch (ServiceConfigurationError | LinkageError error) {
        // Thrown while looking, say because a class is made for a newer Java; the next may do.
        failures++;
        absent.add(new Absence("of a service file", "it cannot be loaded: " + error + "."));
      }
    }
    usable.sort(new HighestFirst());
    usable.add(new ReferenceEngine());
    return new EngineCatalog(usable, absent);
  }

  /** A class, as few lambdas are on the way to a first answer. */
  private static final class HighestFirst implements Comparator<Engine> {
    @Override
    public int compare(Engine one, Engine other) {
      return Integer.compare(other.rank(), one.rank());
    }
  }

  private static void consider(
      ServiceLoader.Provider<Engine> provider, List<Engine> usable, List<Absence> absent) {
    try {
      Engine engine = provider.get();
      Optional<String> problem = engine.problem();
      if (problem.isEmpty()) {
        usable.add(engine);
      } else {
        absent.add(new Absence(engine.name(), problem.get()));
      }
    } catch (ServiceConfigurationError | LinkageError error) {
      absent.add(
          new Absence(provider.type().getSimpleName(), "it cannot be loaded: " + error + "."));
    }
  }

  /**
   * The engine of this name and, behind it, those of lower rank that fill its gaps.
   *
   * @param name empty for the best there is
   * @throws IllegalArgumentException if it is not here, saying why
   */
  public List<Engine> chain(String name) {
    if (name.isEmpty()) {
      return usable;
    }
    for (int i = 0; i < usable.size(); i++) {
      if (usable.get(i).name().equals(name)) {
        return usable.subList(i, usable.size());
      }
    }
    throw new IllegalArgumentException(
        "Engine '"
            + name
            + "' is not available: "
            + absent.stream()
                .filter(absence -> absence.engine().equals(name))
                .map(Absence::reason)
                .findFirst()
                .orElse(
                    "there are "
                        + usable.stream().map(Engine::name).collect(Collectors.joining(", "))
                        + "."));
  }

  /** No kernels: the oracle. */
  private static final class ReferenceEngine implements Engine {
    @Override
    public String name() {
      return REFERENCE;
    }

    @Override
    public int rank() {
      return 0;
    }

    @Override
    public Optional<String> problem() {
      return Optional.empty();
    }

    @Override
    public List<KernelRow> rows() {
      return List.of();
    }
  }
}
