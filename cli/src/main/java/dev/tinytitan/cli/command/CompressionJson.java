package dev.tinytitan.cli.command;

import dev.tinytitan.cli.output.Json;
import dev.tinytitan.compress.search.Recipe;
import dev.tinytitan.compress.search.Score;
import dev.tinytitan.compress.search.SearchData;
import dev.tinytitan.compress.search.SearchOptions;
import dev.tinytitan.compress.search.SearchPlan;
import dev.tinytitan.compress.search.SearchResult;
import dev.tinytitan.compress.search.Trial;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What {@code titan compress --json} prints. */
final class CompressionJson {
  private CompressionJson() {}

  /** The outcome of a search. */
  static Map<String, Object> of(Path before, Path after, Path recipe, SearchResult result) {
    SearchOptions options = result.options();
    boolean written = result.verdict() != SearchResult.Verdict.NOTHING;
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", before.toString());
    json.put("output", written ? after.toString() : null);
    json.put("recipeFile", written ? recipe.toString() : null);
    json.put("verdict", result.verdict().name().toLowerCase(Locale.ROOT));
    json.put("reason", result.reason());
    json.put("minimize", options.objective().label());
    json.put("metric", options.metric().name());
    json.put("unit", options.metric().unit());
    json.put("maxDrop", options.maxDrop());
    json.put("pointEstimate", options.pointEstimate());
    json.put("judged", result.judged());
    json.put("original", result.original());
    json.put("originalScore", result.originalScore());
    json.put("result", result.figures());
    json.put("energyMethod", options.energy().method());
    json.put("words", result.recipe().words());
    json.put("recipe", Json.tree(result.recipe().toJson()));
    json.put("chosen", result.chosen().map(Trial::number).orElse(null));
    json.put("front", result.front());
    json.put("trials", result.trials().stream().map(CompressionJson::trial).toList());
    json.put("warnings", result.warnings());
    json.put("seed", options.seed());
    json.put("seconds", result.seconds());
    return json;
  }

  /** What a search would begin with. */
  static Map<String, Object> of(
      Path before, SearchOptions options, SearchData parts, SearchPlan plan) {
    Map<String, Object> samples = new LinkedHashMap<>();
    samples.put("training", parts.training().size());
    samples.put("validation", parts.validation().size());
    samples.put("judging", parts.judging().size());
    List<Object> first = new ArrayList<>();
    for (SearchPlan.Candidate candidate : plan.first()) {
      Map<String, Object> each = new LinkedHashMap<>();
      each.put("label", Recipe.label(candidate.steps()));
      each.put("bytes", candidate.bytes());
      each.put("multiplyAdds", candidate.multiplyAdds());
      each.put("seconds", candidate.seconds());
      first.add(each);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", before.toString());
    json.put("minimize", options.objective().label());
    json.put("metric", options.metric().name());
    json.put("unit", options.metric().unit());
    json.put("maxDrop", options.maxDrop());
    json.put("pointEstimate", options.pointEstimate());
    json.put("samples", samples);
    json.put("hashes", parts.hashes());
    json.put("original", plan.footprint());
    json.put("originalScore", plan.before());
    json.put("first", first);
    json.put("warnings", plan.warnings());
    json.put("seed", options.seed());
    return json;
  }

  /** The outcome of a recipe. */
  static Map<String, Object> of(
      Path before, Path after, Recipe recipe, List<String> differences, Score judged) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("model", before.toString());
    json.put("output", after.toString());
    json.put("words", recipe.words());
    json.put("recipe", Json.tree(recipe.toJson()));
    json.put("differences", differences);
    json.put("judged", judged);
    return json;
  }

  private static Map<String, Object> trial(Trial trial) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("number", trial.number());
    json.put("label", Recipe.label(trial.steps()));
    json.put("status", trial.status().name().toLowerCase(Locale.ROOT));
    json.put("reason", trial.reason());
    json.put("score", trial.score());
    json.put("figures", trial.figures());
    json.put("seconds", trial.seconds());
    return json;
  }
}
