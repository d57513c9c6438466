package dev.tinytitan.compress.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.compress.report.Section.Bar;
import dev.tinytitan.compress.report.Section.Column;
import dev.tinytitan.compress.report.Section.Curve;
import dev.tinytitan.compress.report.Section.Hit;
import dev.tinytitan.compress.report.Section.Role;
import dev.tinytitan.compress.report.Section.Search;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  private static final String EVIL = "</style><script>alert('x')</script>\" onload=\"y&\u0000";

  /** A report with this text in every place where a text can be. */
  private static Report report(String text) {
    return new Report(
        text,
        List.of(text),
        List.of(new Report.Tile(text, text, text)),
        List.of(
            new Section.Bars(text, text, List.of(new Bar(text, 2, text, Role.BEFORE))),
            new Section.Columns(
                text, text, List.of(new Column(0.5, text, Role.WARNING)), text, text, text),
            new Section.Table(text, text, List.of(text, text + ">"), List.of(List.of(text, text))),
            new Section.Searches(
                text,
                text,
                List.of(
                    new Search(text, List.of(new Hit(text, 0.5)), List.of(new Hit(text, 0.25))))),
            new Section.Code(text, text, text),
            new Section.Curves(
                text, text, List.of(new Curve(text, List.of(1.0, 2.0), Role.PEER)), text, "%.1f")),
        text);
  }

  @Test
  void textsCannotBecomeMarkup() {
    String html = report(EVIL).toHtml();
    assertThat(html).doesNotContain("<script", "alert('", "onload=\"y", "\u0000");
    assertThat(html).contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;");
    assertThat(Pattern.compile("</style>").matcher(html).results()).hasSize(1);
  }

  @Test
  void everyTextIsShown() {
    String html = report("gr\u00fc\u00df dich \ud83d\ude42").toHtml();
    assertThat(html.split("gr\u00fc\u00df dich \ud83d\ude42", -1)).hasSizeGreaterThan(25);
  }

  @Test
  void needsNothingFromElsewhere() {
    String html = report("text").toHtml();
    assertThat(html).doesNotContain("http://", "https://", "@import", "url(", "<link", "src=");
    assertThat(html)
        .contains("default-src 'none'", "prefers-color-scheme: dark", "width=device-width");
  }

  @Test
  void elementsAreClosedInOrder() {
    String body = report("text").toHtml();
    Deque<String> open = new ArrayDeque<>();
    var tags = Pattern.compile("<(/?)([a-z0-9]+)[^>]*>").matcher(body.substring(15));
    while (tags.find()) {
      if (tags.group(1).isEmpty()) {
        if (!tags.group(2).equals("meta")) {
          open.push(tags.group(2));
        }
      } else {
        assertThat(open.pop()).isEqualTo(tags.group(2));
      }
    }
    assertThat(open).isEmpty();
  }

  @Test
  void barsAreMeasuredByTheLongest() {
    Section bars =
        new Section.Bars(
            "b",
            "",
            List.of(new Bar("all", 8, "8", Role.BEFORE), new Bar("a", 2, "2", Role.AFTER)));
    String html = new Report("t", List.of(), List.of(), List.of(bars), "").toHtml();
    assertThat(html)
        .contains("fill before\" style=\"width:100.00%\"", "fill after\" style=\"width:25.00%\"");
  }

  @Test
  void curvesReachFromTheLeastToTheGreatest() {
    Section curves =
        new Section.Curves(
            "c",
            "",
            List.of(
                new Curve("a", List.of(4.0, Double.NaN, 0.0), Role.AFTER),
                new Curve("b", List.of(2.0), Role.BEFORE)),
            "epoch",
            "%.1f");
    String html = new Report("t", List.of(), List.of(), List.of(curves), "").toHtml();
    assertThat(html)
        .contains("<polyline class=\"after\" points=\"0.0,0.0 1000.0,300.0 \">")
        .contains("<polyline class=\"before\" points=\"0.0,150.0 500.0,150.0 \">")
        .contains(">4.0</span>", ">0.0</span>", "epoch 3");
  }

  @Test
  void rowsMustFit() {
    assertThatThrownBy(
            () -> new Section.Table("t", "", List.of("a", "b"), List.of(List.of("only"))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("1 cells for 2 columns");
  }

  @Test
  void isSaved(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("report.html");
    report("text").save(file);
    assertThat(Files.readString(file)).isEqualTo(report("text").toHtml());
  }
}
