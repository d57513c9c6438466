package dev.tinytitan.compress.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.Model;
import dev.tinytitan.compress.metric.Metric;
import dev.tinytitan.compress.prune.Target;
import dev.tinytitan.compress.quantize.Scheme;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompressionSearchTest {
  private static final Model MODEL = Blobs.trained();
  private static final SearchData DATA = SearchData.split(Blobs.samples(1500, 11), 1);

  @TempDir private Path folder;

  private static SearchOptions options(double maxDrop) {
    return SearchOptions.of(Objective.SIZE, maxDrop, Metric.accuracy())
        .withThreads(1)
        .withMeasuring(Duration.ofMillis(10))
        .withLimits(Duration.ofMinutes(5), 9);
  }

  /** Counts trials, and stops after so many new ones. */
  private static final class Counter implements SearchListener {
    private final int most;
    private final List<Trial> begun = new ArrayList<>();
    private int started;

    Counter(int most) {
      this.most = most;
    }

    @Override
    public void report(String stage, int done, int total) {}

    @Override
    public void onBegin(int number, Recipe recipe) {
      started++;
    }

    @Override
    public void onTrial(Trial trial) {
      begun.add(trial);
    }

    @Override
    public boolean stops() {
      return started > most;
    }
  }

  @Test
  void findsASmallerModelThatHoldsTheBudget() {
    SearchResult result =
        new CompressionSearch(options(3), SearchListener.SILENT).run(MODEL, DATA, folder);
    assertThat(result.verdict()).as(result.reason()).isEqualTo(SearchResult.Verdict.HOLDS);
    assertThat(result.figures().bytes())
        .isEqualTo(result.model().toBytes().length)
        .isLessThan(result.original().bytes());
    assertThat(result.judged().bound()).isLessThanOrEqualTo(3);
    assertThat(result.judged().samples()).isEqualTo(DATA.judging().size());
    assertThat(result.trials()).hasSize(9);
    assertThat(result.front()).isNotEmpty();
    assertThat(result.trials())
        .anyMatch(trial -> trial.steps().stream().anyMatch(step -> step.training().isPresent()));
  }

  @Test
  void recipeRepeatsTheResultToTheByte() {
    SearchResult result =
        new CompressionSearch(options(5), SearchListener.SILENT).run(MODEL, DATA, folder);
    for (Trial trial : result.trials()) {
      if (trial.measured().isPresent()) {
        Recipe recipe =
            Recipe.of(1, trial.steps().toArray(Step[]::new))
                .withOrigin(result.recipe().origin().orElseThrow());
        Recipe read = Recipe.parse(recipe.toJson());
        // Another number of threads gives the same bytes.
        assertThat(CompressionSearch.apply(read, MODEL, DATA, 2).toBytes())
            .as(recipe.words())
            .isEqualTo(model(trial));
      }
    }
    assertThat(result.recipe().origin().orElseThrow().data()).hasSize(3);
  }

  private byte[] model(Trial trial) {
    return Model.load(folder.resolve(String.format(Locale.ROOT, "trial-%04d.onnx", trial.number())))
        .toBytes();
  }

  @Test
  void goesOnAfterItWasStopped() {
    Counter first = new Counter(3);
    new CompressionSearch(options(3), first).run(MODEL, DATA, folder);
    int done = first.begun.size();
    assertThat(done).isEqualTo(3);
    Counter second = new Counter(Integer.MAX_VALUE);
    SearchResult result = new CompressionSearch(options(3), second).run(MODEL, DATA, folder);
    assertThat(second.started).isEqualTo(9 - done);
    assertThat(result.trials()).hasSize(9);
    assertThat(result.trials().subList(0, done)).isEqualTo(first.begun);
  }

  @Test
  void workOfAnotherSearchIsRefused() {
    SearchOptions options = options(3).withLimits(Duration.ofMinutes(1), 1);
    new CompressionSearch(options, SearchListener.SILENT).run(MODEL, DATA, folder);
    assertThatThrownBy(() ->
            new CompressionSearch(options.withSeed(2), SearchListener.SILENT)
                .run(MODEL, DATA, folder))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("remove it to begin anew");
    CompressionSearch.removeWork(folder);
    assertThat(folder).doesNotExist();
  }

  @Test
  void removesNothingButItsOwnFolder() throws Exception {
    Path file = Files.writeString(folder.resolve("mine.txt"), "keep");
    assertThatThrownBy(() -> CompressionSearch.removeWork(folder))
        .hasMessageContaining("is no folder of a search");
    assertThat(file).exists();
  }

  @Test
  void aBudgetThatNothingHoldsGivesTheClosest() {
    // Half of the answers would have to differ for these budgets to make a difference.
    SearchOptions options = options(0).withPointEstimate(true).withLimits(Duration.ofMinutes(1), 2);
    SearchData hard = new SearchData(DATA.training(), DATA.validation(), Blobs.samples(2000, 99));
    SearchResult result =
        new CompressionSearch(options, SearchListener.SILENT).run(MODEL, hard, folder);
    assertThat(result.verdict()).isNotEqualTo(SearchResult.Verdict.NOTHING);
    assertThat(result.figures().bytes()).isLessThan(result.original().bytes());
    if (result.verdict() == SearchResult.Verdict.CLOSEST) {
      assertThat(result.reason()).contains("No model that was tried holds the budget of 0");
    }
  }

  @Test
  void aStepThatRefusesIsAFailedTrial() {
    Recipe impossible =
        Recipe.of(
            1,
            Quantize.of(Scheme.INT8),
            PruneStructured.of(Target.Figure.MULTIPLY_ADDS, 0.5).withExclude(List.of("nobody")));
    assertThatThrownBy(() -> CompressionSearch.apply(impossible, MODEL, DATA, 1))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("nobody");
  }
}
