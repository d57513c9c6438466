package dev.tinytitan.cli.demo;

import dev.tinytitan.cli.output.ProgressDisplay;
import dev.tinytitan.compress.report.Section;
import dev.tinytitan.data.text.SentenceEncoder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Texts with their embeddings, of length 1 each, to search in.
 *
 * @param texts as many as vectors
 */
record Embeddings(List<String> texts, List<float[]> vectors) {
  private static final int AT_ONCE = 100;

  /** Embeds texts, some at a time. */
  static Embeddings of(
      List<String> texts, SentenceEncoder encoder, String stage, ProgressDisplay progress) {
    List<float[]> vectors = new ArrayList<>(texts.size());
    while (vectors.size() < texts.size()) {
      int to = Math.min(texts.size(), vectors.size() + AT_ONCE);
      vectors.addAll(List.of(encoder.encode(texts.subList(vectors.size(), to))));
      progress.report(stage, to, texts.size());
    }
    return new Embeddings(texts, vectors);
  }

  /** The cosine of each vector to the same text's in another set. */
  List<Double> cosines(Embeddings other) {
    List<Double> cosines = new ArrayList<>(vectors.size());
    for (int i = 0; i < vectors.size(); i++) {
      cosines.add(cosine(vectors.get(i), other.vectors.get(i)));
    }
    return cosines;
  }

  /** The nearest texts, the nearest first. */
  List<Section.Hit> nearest(float[] query, int count) {
    List<Section.Hit> hits = new ArrayList<>(texts.size());
    for (int i = 0; i < texts.size(); i++) {
      hits.add(new Section.Hit(texts.get(i), cosine(query, vectors.get(i))));
    }
    hits.sort(Comparator.comparingDouble(Section.Hit::similarity).reversed());
    return List.copyOf(hits.subList(0, Math.min(count, hits.size())));
  }

  /** Of vectors of length 1. */
  static double cosine(float[] a, float[] b) {
    double dot = 0;
    for (int i = 0; i < a.length; i++) {
      dot += (double) a[i] * b[i];
    }
    return dot;
  }
}
