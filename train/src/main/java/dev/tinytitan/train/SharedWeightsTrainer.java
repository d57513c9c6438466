package dev.tinytitan.train;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Binding;
import dev.tinytitan.Model;
import dev.tinytitan.Session;
import dev.tinytitan.SessionOptions;
import dev.tinytitan.ir.ModelInfo;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Trains networks that share weights: a largest one, and others whose weights are slices of its.
 * Each step follows the sandwich rule (Yu and Huang 2019, "Universally Slimmable Networks"): the
 * largest and the smallest learn, and one or more of the others by chance; the largest from the
 * labels, the others from the largest's answers as well. Normalization scales, shifts and
 * statistics are each network's own (Yu et al. 2019, "Slimmable Neural Networks").
 *
 * <p>A network may answer at several depths: its output holds the logits of all its exits one after
 * the other along the batch, the deepest last, and all of them learn from each sample.
 *
 * <p>The same seed gives the same weights, at any number of threads. One thread at a time.
 */
public final class SharedWeightsTrainer implements AutoCloseable {
  private final List<Member> members;
  private final TrainingOptions options;
  private final SharedWeightsOptions sharing;
  private final List<Lane> lanes = new ArrayList<>();
  private final Map<String, float[]> shared = new LinkedHashMap<>();
  private final Map<String, float[]> gradients = new LinkedHashMap<>();
  private final Map<String, ParameterUpdate> updates = new LinkedHashMap<>();
  private final Shape sampleShape;
  private final int classes;

  /**
   * One of the networks.
   *
   * @param model its output is {@code [exits · batch, classes]}: logits
   * @param exits how many depths it answers at, at least 1
   * @param places for each weight that is shared, by its initializer's name: where the elements
   *     stand in the largest network's. What is not named is the network's own
   */
  public record Member(Model model, int exits, Map<String, int[]> places) {
    public Member {
      places = Map.copyOf(places);
      if (exits < 1) {
        throw new IllegalArgumentException(exits + " exits");
      }
    }
  }

  /**
   * What was learned.
   *
   * @param shared the shared weights, by initializer of the largest network
   * @param own for each network its own parameters and statistics, by initializer
   * @param stop why it ended
   * @param loss the largest network's, the mean over the last epoch
   */
  public record Result(
      Map<String, float[]> shared,
      List<Map<String, float[]>> own,
      TrainingResult.Stop stop,
      double loss) {}

  /** A network made trainable. */
  private static final class Lane {
    final Member member;
    final TrainingGraph training;
    final Session session;
    final Binding binding;
    final Map<String, float[]> own = new LinkedHashMap<>();
    final Map<String, ParameterUpdate> updates = new LinkedHashMap<>();

    /** How often it ran; dropout wants to know. */
    int runs;

    /** How often its own parameters moved. */
    int steps;

    Lane(Member member, TrainingOptions options) {
      this.member = member;
      this.training =
          TrainingGraph.of(
              member.model().graph(),
              options.batch(),
              options.loss(),
              name -> true,
              options.seed(),
              Optional.empty());
      this.session =
          Model.of(training.graph(), ModelInfo.of(member.model().info().opset()))
              .open(
                  SessionOptions.defaults()
                      .withEngine(options.engine())
                      .withThreads(options.threads())
                      .withLiteralQuantization(true)
                      .withOptimize(false));
      this.binding = session.binding();
      for (String name : training.gradients().keySet()) {
        Tensor initial = initial(name);
        binding.input(name).copyFrom(initial);
        if (!member.places().containsKey(name)) {
          own.put(name, binding.input(name).floatArray());
          updates.put(
              name,
              new ParameterUpdate(options.optimizer(), initial.size(), initial.shape().rank() > 1));
        }
      }
    }

    Tensor initial(String name) {
      return Objects.requireNonNull(member.model().graph().initializers().get(name));
    }

    String gradient(String name) {
      return Objects.requireNonNull(training.gradients().get(name));
    }
  }

  private SharedWeightsTrainer(
      List<Member> members, TrainingOptions options, SharedWeightsOptions sharing) {
    this.members = List.copyOf(members);
    this.options = options;
    this.sharing = sharing;
    try {
      members.forEach(member -> lanes.add(new Lane(member, options)));
      Lane largest = lanes.getFirst();
      int[] dims = largest.training.inputs().getFirst().tensorType().shape().toArray();
      this.sampleShape = Shape.of(Arrays.copyOfRange(dims, 1, dims.length));
      this.classes = largest.training.predictionShape().dim(1);
      largest.training.gradients().keySet().stream()
          .filter(largest.member.places()::containsKey)
          .forEach(name -> {
            Tensor initial = largest.initial(name);
            shared.put(name, initial.toFloatArray());
            gradients.put(name, new float[initial.size()]);
            updates.put(
                name,
                new ParameterUpdate(
                    options.optimizer(), initial.size(), initial.shape().rank() > 1));
          });
      lanes.forEach(this::requireFits);
    } catch (RuntimeException error) {
      close();
      throw error;
    }
  }

  private void requireFits(Lane lane) {
    int rows = lane.member.exits() * options.batch();
    if (!lane.training.predictionShape().equals(Shape.of(rows, classes))) {
      throw new BadDataException(
          "A network's output is to be ["
              + rows
              + ","
              + classes
              + "] for a batch of "
              + options.batch()
              + ", but is "
              + lane.training.predictionShape()
              + ".");
    }
    lane.member
        .places()
        .forEach((name, places) -> {
          float[] all = shared.get(name);
          boolean learned = lane.training.gradients().containsKey(name);
          if (learned && all == null) {
            throw new BadDataException(
                "The largest network does not learn the weights '" + name + "'.");
          }
          if (all != null && Arrays.stream(places).anyMatch(i -> i < 0 || i >= all.length)) {
            throw new BadDataException(
                "The weights '" + name + "' are no slice of the largest network's.");
          }
        });
  }

  /**
   * Makes ready to train.
   *
   * @param members the largest network first, the smallest last
   * @param options for all of them; averaging, patience, mixup and checkpoints are not for these
   * @throws dev.tinytitan.UnsupportedModelException if a node has no gradient; lists all of them
   * @throws BadDataException if the networks do not fit together
   */
  public static SharedWeightsTrainer of(
      List<Member> members, TrainingOptions options, SharedWeightsOptions sharing) {
    if (members.isEmpty()) {
      throw new IllegalArgumentException("no network to train");
    }
    return new SharedWeightsTrainer(members, options, sharing);
  }

  /**
   * Trains, then measures each network's statistics with the final weights.
   *
   * @throws BadDataException if the data do not fit the networks
   */
  public Result fit(TrainingData train, TrainingListener listener) {
    train.requireFits(sampleShape, Shape.of(options.batch(), classes), options.loss(), true);
    BatchMaker batches = new BatchMaker(train, options, sampleShape, options.batch(), classes);
    float[] inputs = new float[options.batch() * sampleShape.size()];
    float[] targets = new float[options.batch() * classes];
    SplittableRandom random = new SplittableRandom(options.seed());
    int stepsOfEpoch = train.size() / options.batch();
    if (stepsOfEpoch == 0) {
      throw new BadDataException(
          "There are " + train.size() + " samples, fewer than a batch of " + options.batch() + ".");
    }
    int steps = stepsOfEpoch * options.epochs();
    int[] order = batches.order(0);
    double sum = 0;
    TrainingResult.Stop stop = TrainingResult.Stop.COMPLETED;
    for (int step = 0; step < steps && stop == TrainingResult.Stop.COMPLETED; step++) {
      int epoch = step / stepsOfEpoch;
      int place = step % stepsOfEpoch;
      if (place == 0) {
        order = batches.order(epoch);
        sum = 0;
      }
      batches.fill(order, place * options.batch(), epoch, inputs, targets);
      double rate =
          options.optimizer().learningRate() * options.schedule().factor((double) step / steps);
      double loss = step(inputs, targets, rate, step + 1, random);
      sum += loss;
      listener.onStep(step + 1, steps, loss);
      if (!Double.isFinite(loss)) {
        stop = TrainingResult.Stop.DIVERGED;
      } else if (listener.stops()) {
        stop = TrainingResult.Stop.INTERRUPTED;
      } else if (place == stepsOfEpoch - 1) {
        listener.onEpoch(
            new EpochReport(epoch + 1, sum / stepsOfEpoch, Double.NaN, true, rate, 0, 0));
      }
    }
    List<Map<String, float[]>> own = new ArrayList<>();
    for (Lane lane : lanes) {
      Map<String, float[]> values = new LinkedHashMap<>();
      lane.own.forEach(
          (name, array) -> values.put(name, Arrays.copyOf(array, lane.initial(name).size())));
      values.putAll(statistics(lane, train, batches, inputs, targets));
      own.add(values);
    }
    return new Result(shared, own, stop, sum / stepsOfEpoch);
  }

  /** One step by the sandwich rule; gives the largest network's loss. */
  private double step(
      float[] inputs, float[] targets, double rate, int step, SplittableRandom random) {
    gradients.values().forEach(array -> Arrays.fill(array, 0));
    double loss = run(lanes.getFirst(), inputs, targets);
    if (!Double.isFinite(loss)) {
      return loss;
    }
    add(lanes.getFirst(), rate);
    if (lanes.size() > 1) {
      float[] soft = softened(targets);
      List<Lane> learning = new ArrayList<>(lanes.subList(1, lanes.size() - 1));
      while (learning.size() > sharing.chosen()) {
        learning.remove(random.nextInt(learning.size()));
      }
      learning.add(lanes.getLast());
      for (Lane lane : learning) {
        if (!Double.isFinite(run(lane, inputs, soft))) {
          return Double.NaN;
        }
        add(lane, rate);
      }
    }
    updates.forEach((name, update) ->
        update.step(
            Objects.requireNonNull(shared.get(name)),
            Objects.requireNonNull(gradients.get(name)),
            1,
            rate,
            step));
    return loss;
  }

  private double run(Lane lane, float[] inputs, float[] targets) {
    System.arraycopy(
        inputs,
        0,
        lane.binding.input(lane.training.inputs().getFirst().name()).floatArray(),
        0,
        inputs.length);
    float[] wanted = lane.binding.input(lane.training.target().orElseThrow()).floatArray();
    for (int exit = 0; exit < lane.member.exits(); exit++) {
      System.arraycopy(targets, 0, wanted, exit * targets.length, targets.length);
    }
    lane.member
        .places()
        .forEach((name, places) -> {
          if (lane.training.gradients().containsKey(name)) {
            float[] all = Objects.requireNonNull(shared.get(name));
            float[] slice = lane.binding.input(name).floatArray();
            for (int i = 0; i < places.length; i++) {
              slice[i] = all[places[i]];
            }
          }
        });
    lane.training.step().ifPresent(name -> lane.binding.input(name).setLong(0, ++lane.runs));
    lane.binding.run();
    return lane.binding.output(TrainingGraph.LOSS).getFloat(0);
  }

  /** Adds a network's gradients to those of the shared weights, and moves its own parameters. */
  private void add(Lane lane, double rate) {
    lane.training
        .gradients()
        .forEach((name, output) -> {
          float[] gradient = lane.binding.output(output).floatArray();
          int[] places = lane.member.places().get(name);
          if (places != null) {
            float[] all = Objects.requireNonNull(gradients.get(name));
            for (int i = 0; i < places.length; i++) {
              all[places[i]] += gradient[i];
            }
          }
        });
    lane.steps++;
    lane.own.forEach((name, array) ->
        Objects.requireNonNull(lane.updates.get(name))
            .step(
                array, lane.binding.output(lane.gradient(name)).floatArray(), 1, rate, lane.steps));
  }

  /** The targets mixed with the deepest answers of the largest network. */
  private float[] softened(float[] targets) {
    Lane largest = lanes.getFirst();
    float[] logits = largest.binding.output(largest.training.prediction()).floatArray();
    int from = (largest.member.exits() - 1) * targets.length;
    float part = (float) sharing.distillation();
    float[] soft = new float[targets.length];
    for (int row = 0; row < targets.length; row += classes) {
      double greatest = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < classes; i++) {
        greatest = Math.max(greatest, logits[from + row + i]);
      }
      double sum = 0;
      for (int i = 0; i < classes; i++) {
        sum += Math.exp(logits[from + row + i] - greatest);
      }
      for (int i = 0; i < classes; i++) {
        double answer = Math.exp(logits[from + row + i] - greatest) / sum;
        soft[row + i] = (1 - part) * targets[row + i] + part * (float) answer;
      }
    }
    return soft;
  }

  /** Means and variances over a number of batches, with the weights as they are now. */
  private Map<String, float[]> statistics(
      Lane lane, TrainingData train, BatchMaker batches, float[] inputs, float[] targets) {
    Map<String, float[]> values = new LinkedHashMap<>();
    int count = Math.min(sharing.statisticsBatches(), train.size() / options.batch());
    int[] order = batches.order(options.epochs());
    for (int i = 0; i < count; i++) {
      batches.fill(order, i * options.batch(), options.epochs(), inputs, targets);
      run(lane, inputs, targets);
      for (TrainingGraph.RunningStatistics each : lane.training.statistics()) {
        double factor = each.places() > 1 ? each.places() / (each.places() - 1.0) : 1;
        addTo(values, each.mean(), lane.binding.output(each.batchMean()), 1.0 / count);
        addTo(values, each.variance(), lane.binding.output(each.batchVariance()), factor / count);
      }
    }
    return values;
  }

  private static void addTo(Map<String, float[]> values, String name, Tensor batch, double factor) {
    float[] sum = values.computeIfAbsent(name, key -> new float[batch.size()]);
    for (int i = 0; i < sum.length; i++) {
      sum[i] += (float) (factor * batch.getFloat(i));
    }
  }

  /** The networks, the largest first. */
  public List<Member> members() {
    return members;
  }

  @Override
  public void close() {
    lanes.forEach(lane -> lane.session.close());
  }
}
