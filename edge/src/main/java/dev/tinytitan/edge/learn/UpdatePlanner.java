package dev.tinytitan.edge.learn;

import dev.tinytitan.Model;
import dev.tinytitan.OverBudgetException;
import dev.tinytitan.Session;
import dev.tinytitan.ShapeMismatchException;
import dev.tinytitan.UnsupportedModelException;
import dev.tinytitan.ir.Graph;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.ir.TensorType;
import dev.tinytitan.ir.TypeInference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * Chooses what learns within a budget. Every candidate is planned as it would run, so its memory is
 * counted, not estimated.
 */
final class UpdatePlanner {
  /** Steps that are timed, of which the fastest counts. */
  private static final int TIMED_STEPS = 30;

  /** Batches that are tried where steps are cheap, the largest first. */
  private static final int[] BATCHES = {16, 8, 4, 2, 1};

  /** Shares of a layer's input channels that are tried, in eighths. */
  private static final int[] EIGHTHS = {8, 4, 2, 1};

  /** Samples of a step; where fewer fit at once, it takes several runs. */
  private static final int LEAST_SAMPLES = 8;

  private static final int RANK = 4;

  private final Model model;
  private final LearnerOptions options;
  private final List<LearnableTensor> tensors;
  private long least = Long.MAX_VALUE;

  /**
   * What was chosen.
   *
   * @param coded how it is learned in bytes; empty if the tail is learned as it is planned
   */
  record Chosen(
      Tail tail,
      UpdatePlan plan,
      LatentCodec.Pair codecs,
      List<Update> updates,
      Optional<Coded> coded) {

    /** What runs the steps, from the values of a model of the same structure. */
    StepRunner trainer(Graph graph, LearnerOptions options) {
      return UpdatePlanner.trainer(graph, tail, coded, options);
    }
  }

  /** A chain that learns in bytes, and what stands behind it. */
  record Coded(CodedChain chain, Tail head) {}

  /** How something is learned, and in how many bytes. */
  private record Way(Tail tail, Optional<Coded> coded, MemoryUse memory) {}

  /** A set of updates that fits, with what it promises. */
  private record Candidate(Method method, List<Update> updates, double promise) {}

  UpdatePlanner(Model model, LearnerOptions options) {
    this.model = model;
    this.options = options;
    String logits = TailBuilder.logits(model.graph(), options.objective());
    Set<String> reaching = ancestors(model.graph(), logits);
    this.tensors =
        LearnableTensor.of(model.graph()).stream()
            .filter(tensor -> tensor.layer().outputs().stream().anyMatch(reaching::contains))
            .toList();
    if (tensors.stream().noneMatch(tensor -> tensor.role() == LearnableTensor.Role.WEIGHT)) {
      throw new UnsupportedModelException(
          "The model has no layer that could learn: there is no Conv, Gemm or MatMul with weights"
              + " in floats or whole-number codes.",
          List.of());
    }
  }

  private static Set<String> ancestors(Graph graph, String value) {
    Set<String> found = new HashSet<>(Set.of(value));
    for (int i = graph.nodes().size() - 1; i >= 0; i--) {
      if (graph.nodes().get(i).outputs().stream().anyMatch(found::contains)) {
        found.addAll(graph.nodes().get(i).inputs());
      }
    }
    return found;
  }

  /**
   * Chooses.
   *
   * @throws OverBudgetException if nothing fits; says the least that works
   */
  Chosen choose() {
    Method method = options.method();
    if (method != Method.AUTO && method != Method.SPARSE) {
      return finish(new Candidate(method, updates(method), 0));
    }
    Candidate best =
        new Candidate(Method.LAST_LAYER, updates(Method.LAST_LAYER), promise(lastLayer()));
    boolean found = fits(best.updates(), 1);
    if (!found) {
      throw tooSmall();
    }
    List<Candidate> candidates = sparse();
    coded().ifPresent(candidates::add);
    for (Candidate candidate : candidates) {
      if (candidate.promise() > best.promise()) {
        best = candidate;
      }
    }
    if (method == Method.AUTO) {
      List<Update> full = updates(Method.FULL);
      if (fits(full)) {
        best = new Candidate(Method.FULL, full, Double.POSITIVE_INFINITY);
      }
    }
    return finish(best);
  }

  /**
   * The same updates as before, of a model whose head grew.
   *
   * @throws OverBudgetException if they do not fit any more
   */
  Chosen again(Chosen before) {
    List<Update> updates = new ArrayList<>();
    for (Update update : before.updates()) {
      for (LearnableTensor tensor : tensors) {
        if (tensor.value().equals(update.tensor().value())) {
          updates.add(new Update(tensor, update.form(), update.channels(), update.rank()));
        }
      }
    }
    return finish(new Candidate(before.plan().method(), updates, 0));
  }

  private OverBudgetException tooSmall() {
    return new OverBudgetException(
        "No update fits into "
            + options.budget().bytes()
            + " bytes of training memory; the least that works is the last layer, with "
            + least
            + " bytes.");
  }

  private List<Update> updates(Method method) {
    return switch (method) {
      case LAST_LAYER -> lastLayer();
      case BIAS -> biases(0);
      case LOW_RANK -> lowRank();
      case FULL, SPARSE, AUTO -> tensors.stream().map(Update::whole).toList();
    };
  }

  private int lastPosition() {
    return tensors.stream()
        .filter(tensor -> tensor.role() == LearnableTensor.Role.WEIGHT)
        .mapToInt(LearnableTensor::position)
        .max()
        .orElseThrow();
  }

  private List<Update> lastLayer() {
    int last = lastPosition();
    return tensors.stream().filter(tensor -> tensor.position() >= last).map(Update::whole).toList();
  }

  /** Biases from a position on, and the last layer. */
  private List<Update> biases(int from) {
    int last = lastPosition();
    return tensors.stream()
        .filter(tensor ->
            tensor.position() >= last
                || (tensor.position() >= from && tensor.role() == LearnableTensor.Role.BIAS))
        .map(Update::whole)
        .toList();
  }

  private List<Update> lowRank() {
    int last = lastPosition();
    List<Update> updates = new ArrayList<>();
    for (LearnableTensor tensor : tensors) {
      int outputs = tensor.shape().dim(tensor.outputAxis());
      boolean thin = RANK * 2 < Math.min(outputs, tensor.size() / outputs);
      if (tensor.position() >= last) {
        updates.add(Update.whole(tensor));
      } else if (Update.canBePart(tensor) && thin) {
        updates.add(Update.lowRank(tensor, RANK));
      }
    }
    return updates;
  }

  /**
   * For each depth that fits: biases from there on, then weights in the order of what they promise
   * per byte, each as many channels as fit.
   */
  private List<Candidate> sparse() {
    List<Candidate> candidates = new ArrayList<>();
    Set<Integer> depths = new TreeSet<>(Comparator.reverseOrder());
    tensors.forEach(tensor -> depths.add(tensor.position()));
    for (int depth : depths) {
      if (depth >= lastPosition()) {
        continue;
      }
      List<Update> chosen = new ArrayList<>(biases(depth));
      if (!fits(chosen)) {
        break;
      }
      List<LearnableTensor> weights =
          tensors.stream()
              .filter(tensor -> tensor.position() >= depth && tensor.position() < lastPosition())
              .filter(tensor -> tensor.role() != LearnableTensor.Role.BIAS)
              .sorted(
                  Comparator.comparingDouble(
                      (LearnableTensor tensor) -> -promise(tensor) / Math.sqrt(tensor.size())))
              .toList();
      for (LearnableTensor tensor : weights) {
        addAsMuchAsFits(chosen, tensor);
      }
      candidates.add(new Candidate(Method.SPARSE, List.copyOf(chosen), promise(chosen)));
    }
    return candidates;
  }

  /** Everything from the earliest layer on with which a chain fits that learns in bytes. */
  private Optional<Candidate> coded() {
    Set<Integer> depths = new TreeSet<>();
    tensors.forEach(tensor -> depths.add(tensor.position()));
    for (int depth : depths) {
      List<Update> updates =
          tensors.stream().filter(tensor -> tensor.position() >= depth).map(Update::whole).toList();
      if (codedWay(updates).filter(way -> isWithin(way.memory())).isPresent()) {
        return Optional.of(new Candidate(Method.SPARSE, updates, promise(updates)));
      }
    }
    return Optional.empty();
  }

  private boolean isWithin(MemoryUse memory) {
    return memory.training() <= options.budget().bytes();
  }

  /** How updates are learned in bytes; empty if they are not whole layers of such a chain. */
  private Optional<Way> codedWay(List<Update> updates) {
    if (updates.stream().anyMatch(update -> update.form() != Update.Form.WHOLE)) {
      return Optional.empty();
    }
    Tail tail = TailBuilder.build(model.graph(), updates, 1, options.objective());
    if (tail.cuts().size() != 1) {
      return Optional.empty();
    }
    Optional<CodedChain> chain =
        CodedChain.of(TailBuilder.withBatch(model.graph(), 1), tensors, tail.cuts().getFirst());
    if (chain.isEmpty()) {
      return Optional.empty();
    }
    Set<String> learned = new HashSet<>();
    for (CodedChain.Layer layer : chain.get().layers()) {
      learned.add(layer.weights().value());
      learned.add(layer.bias().value());
    }
    Set<String> all = new HashSet<>();
    updates.forEach(update -> all.add(update.tensor().value()));
    if (!all.containsAll(learned)) {
      return Optional.empty();
    }
    List<Update> rest =
        updates.stream().filter(update -> !learned.contains(update.tensor().value())).toList();
    Tail head = TailBuilder.behind(model.graph(), chain.get().end(), rest, options.objective());
    Optional<Coded> coded = Optional.of(new Coded(chain.get(), head));
    try (StepRunner trainer = trainer(model.graph(), tail, coded, options)) {
      long optimizer = trainer.optimizerBytes();
      MemoryUse memory =
          new MemoryUse(0, 0, trainer.byteSize() - optimizer, optimizer, frozenBytes(head), 0);
      return Optional.of(new Way(tail, coded, memory));
    }
  }

  private static StepRunner trainer(
      Graph graph, Tail tail, Optional<Coded> coded, LearnerOptions options) {
    return coded.isPresent()
        ? new CodedTrainer(
            graph, coded.get().chain(), coded.get().head(), options.session(), options.seed())
        : new TailTrainer(graph, tail, options.session(), options.seed());
  }

  private void addAsMuchAsFits(List<Update> chosen, LearnableTensor tensor) {
    int channels = tensor.shape().rank() > 1 ? tensor.shape().dim(Update.inputAxis(tensor)) : 1;
    for (int eighths : EIGHTHS) {
      boolean part = eighths < 8;
      if (part && (!Update.canBePart(tensor) || channels < 16)) {
        return;
      }
      Update update =
          part
              ? Update.channels(tensor, strongest(tensor), Math.max(1, channels * eighths / 8))
              : Update.whole(tensor);
      chosen.add(update);
      if (fits(chosen)) {
        return;
      }
      chosen.removeLast();
    }
  }

  /** Input channels by the norm of their weights, the greatest first. */
  private int[] strongest(LearnableTensor tensor) {
    float[] values = tensor.values(model.graph());
    int axis = Update.inputAxis(tensor);
    int inner = tensor.shape().strides()[axis];
    double[] squares = new double[tensor.shape().dim(axis)];
    for (int i = 0; i < values.length; i++) {
      squares[i / inner % squares.length] += (double) values[i] * values[i];
    }
    return IntStream.range(0, squares.length)
        .boxed()
        .sorted(Comparator.comparingDouble((Integer i) -> -squares[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  private double promise(List<Update> updates) {
    double sum = 0;
    for (Update update : updates) {
      sum += promise(update.tensor()) * update.size() / update.tensor().size();
    }
    return sum;
  }

  /**
   * How much learning a tensor is expected to help. Late layers more than early ones, weights more
   * than biases, large ones more than small ones, with falling gains.
   */
  private double promise(LearnableTensor tensor) {
    double depth = (1.0 + tensor.position()) / (1.0 + lastPosition());
    return depth * Math.sqrt(tensor.size());
  }

  /** True if steps of so many samples fit. */
  private boolean fits(List<Update> updates, int batch) {
    try {
      Tail tail = TailBuilder.build(model.graph(), updates, batch, options.objective());
      long bytes = memory(tail).training();
      least = Math.min(least, bytes);
      return bytes <= options.budget().bytes();
    } catch (UnsupportedModelException error) {
      // A node between this layer and the loss has no gradient: learn later layers only.
      return false;
    } catch (ShapeMismatchException error) {
      // The model is written for one sample at a time.
      return batch > 1 && fits(updates, 1);
    }
  }

  /**
   * Where the choice is free, deep updates need room for some samples at once: in several runs, a
   * step takes many times as long as one of the last layer, which then reaches as much.
   */
  private boolean fits(List<Update> updates) {
    return fits(updates, options.method() == Method.AUTO ? LEAST_SAMPLES : 1);
  }

  private static int runs(Tail tail) {
    return Math.ceilDiv(LEAST_SAMPLES, tail.logitsShape().dim(0));
  }

  private Chosen finish(Candidate candidate) {
    Way way = way(candidate);
    double millis = stepMillis(way);
    if (millis > options.budget().stepMillis()) {
      throw new OverBudgetException(
          String.format(
              Locale.ROOT,
              "A step of the method %s takes %.2f ms here, and the budget is %.2f ms; take a method"
                  + " with less to learn, or allow more time.",
              candidate.method().label(),
              millis,
              options.budget().stepMillis()));
    }
    LatentCodec.Pair codecs = codecs(way.tail());
    return new Chosen(
        way.tail(),
        plan(candidate, way, codecs, millis),
        codecs,
        List.copyOf(candidate.updates()),
        way.coded());
  }

  /** As many samples at once as fit; else in bytes, where that is possible. */
  private Way way(Candidate candidate) {
    for (int batch : BATCHES) {
      Optional<Tail> built = build(candidate, batch);
      if (built.isPresent()) {
        MemoryUse memory = memory(built.get());
        if (isWithin(memory)) {
          return new Way(built.get(), Optional.empty(), memory);
        }
      }
    }
    Optional<Way> coded = codedWay(candidate.updates());
    if (coded.isPresent() && isWithin(coded.get().memory())) {
      return coded.get();
    }
    long needed =
        coded
            .map(Way::memory)
            .orElseGet(() ->
                memory(
                    TailBuilder.build(model.graph(), candidate.updates(), 1, options.objective())))
            .training();
    throw new OverBudgetException(
        "The method "
            + candidate.method().label()
            + " takes "
            + needed
            + " bytes of training memory, and the budget is "
            + options.budget().bytes()
            + ". "
            + leastThatWorks());
  }

  private String leastThatWorks() {
    fits(lastLayer(), 1);
    return "The least that works is last-layer, with " + least + " bytes.";
  }

  private Optional<Tail> build(Candidate candidate, int batch) {
    if (batch == 1) {
      return Optional.of(
          TailBuilder.build(model.graph(), candidate.updates(), 1, options.objective()));
    }
    try {
      return Optional.of(
          TailBuilder.build(model.graph(), candidate.updates(), batch, options.objective()));
    } catch (ShapeMismatchException error) {
      // The model is written for one sample at a time.
      return Optional.empty();
    }
  }

  private MemoryUse memory(Tail tail) {
    long arena = TailTrainer.plannedBytes(tail, options.session());
    return new MemoryUse(0, 0, arena, TailTrainer.optimizerBytes(tail), frozenBytes(tail), 0);
  }

  private static long frozenBytes(Tail tail) {
    long frozen = 0;
    for (var constant : tail.training().initializers().values()) {
      if (constant.shape().rank() > 1) {
        frozen += 4L * constant.size();
      }
    }
    return frozen;
  }

  private UpdatePlan plan(Candidate candidate, Way way, LatentCodec.Pair codecs, double millis) {
    Tail tail = way.tail();
    List<UpdatePlan.Part> parts = new ArrayList<>();
    long learned = 0;
    for (Update update : candidate.updates()) {
      String what =
          switch (update.form()) {
            case WHOLE -> "all";
            case CHANNELS ->
                update.channels().length
                    + " of "
                    + update.tensor().shape().dim(Update.inputAxis(update.tensor()))
                    + " channels";
            case LOW_RANK -> "rank " + update.rank();
          };
      parts.add(
          new UpdatePlan.Part(
              update.tensor().stored(), what, update.size(), update.tensor().size()));
      learned += update.size();
    }
    MemoryUse own = way.memory();
    MemoryUse memory =
        new MemoryUse(
            planned(TailBuilder.withBatch(model.graph(), 1)),
            planned(TailBuilder.withBatch(tail.front(), 1)),
            own.arena(),
            own.optimizer(),
            own.frozenWeights(),
            options.replayBytes());
    return new UpdatePlan(
        candidate.method(),
        tail.logitsShape().dim(0),
        runs(tail),
        parts,
        learned,
        memory,
        tail.cuts(),
        codecs.smaller().byteSize(),
        way.coded().isPresent(),
        millis);
  }

  private long planned(Graph graph) {
    if (graph.nodes().isEmpty()) {
      return 0;
    }
    // The memory of generated chains is their compiler's own; the portable engine plans all of it.
    try (Session session =
        Model.of(graph, ModelInfo.of(model.info().opset()))
            .open(options.session().withEngine("portable"))) {
      return session.binding().byteSize();
    }
  }

  private LatentCodec.Pair codecs(Tail tail) {
    Graph single = TailBuilder.withBatch(model.graph(), 1);
    Map<String, TensorType> types = TypeInference.infer(single);
    return new LatentCodec.Pair(
        new LatentCodec(
            tail.cuts().stream().map(cut -> Objects.requireNonNull(types.get(cut))).toList()),
        new LatentCodec(List.of(single.inputs().getFirst().tensorType())));
  }

  private double stepMillis(Way way) {
    try (StepRunner trainer = trainer(model.graph(), way.tail(), way.coded(), options)) {
      long best = Long.MAX_VALUE;
      for (int i = 0; i < TIMED_STEPS; i++) {
        long start = System.nanoTime();
        trainer.begin(1e-6f);
        trainer.run(1, 1);
        trainer.finish();
        best = Math.min(best, System.nanoTime() - start);
      }
      return best * runs(way.tail()) / 1e6;
    }
  }
}
