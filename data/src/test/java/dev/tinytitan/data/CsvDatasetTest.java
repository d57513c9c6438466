package dev.tinytitan.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvDatasetTest {
  @TempDir private Path folder;

  @Test
  void readsNumbersWithAndWithoutAHeader() throws IOException {
    Tensor expected = Tensor.of(new float[] {1, 2.5f, -300, 4, 0, 6}, 2, 3);
    for (String text :
        new String[] {
          "1,2.5,-3e2\n4,0,6\n",
          "a,b,c\n1,2.5,-3e2\n4,0,6",
          "\uFEFFa;b;c\r\n1;2.5;-3e2\r\n4;0;6\r\n",
          "a\tb\tc\n\n1\t2.5\t-3e2\n4\t0\t6\n\n",
          "\"a\",\"b\",\"c,d\"\n\"1\",\" 2.5 \",-3e2\n4,0,6\r",
        }) {
      Dataset data = open("numbers.csv", text, DatasetOptions.DEFAULT);
      assertThat(data.samples(0, data.size())).as(text).isEqualTo(expected);
      assertThat(data.sampleShape()).isEqualTo(Shape.of(3));
      assertThat(data.labels()).isEmpty();
    }
  }

  @Test
  void readsNotANumberAndInfinity() throws IOException {
    Dataset data = open("odd.csv", "a,b,c\nnan,inf,-Infinity\n1,2,3\n", DatasetOptions.DEFAULT);
    assertThat(data.sample(0).toFloatArray())
        .containsExactly(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);
  }

  @Test
  void takesLabelsAndGroupsOutOfTheFeatures() throws IOException {
    String text = "id,width,kind,height\n7,1,plum,2\n9,3,fig,4\n7,5,plum,6\n";
    Dataset data =
        open("fruit.csv", text, DatasetOptions.DEFAULT.withLabels("kind").withGroups("id"));
    assertThat(data.samples(0, 3)).isEqualTo(Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2));
    assertThat(data.labels()).contains(Tensor.of(new long[] {1, 0, 1}));
    assertThat(data.classNames()).containsExactly("fig", "plum");
    assertThat(data.groups()).contains(Tensor.of(new long[] {0, 1, 0}));
  }

  @Test
  void takesTheColumnsThatAreAskedFor() throws IOException {
    String text = "a,b,c,y\n1,2,3,0\n4,5,6,1\n";
    Dataset data = open("abc.csv", text, DatasetOptions.DEFAULT.withFeatures("c", "a"));
    assertThat(data.samples(0, 2)).isEqualTo(Tensor.of(new float[] {3, 1, 6, 4}, 2, 2));
    assertThat(data.labels()).contains(Tensor.of(new long[] {0, 1}));
    assertThat(data.classNames()).isEmpty();
    Dataset byNumber =
        open("plain.csv", "1,2,3.5\n4,5,6\n", DatasetOptions.DEFAULT.withLabels("2"));
    assertThat(byNumber.labels()).contains(Tensor.of(new float[] {3.5f, 6}));
  }

  @Test
  void readsTextsWithQuotesAndLineBreaks() throws IOException {
    String text = "label,text\nham,\"He said \"\"yes\"\",\r\nthen left\"\nspam,  Win, \n";
    assertThatThrownBy(() -> open("texts.csv", text, DatasetOptions.DEFAULT.withLabels("label")))
        .hasMessageContaining("line 4: there are 3 fields");
    Dataset data =
        open(
            "texts.csv",
            text.replace("Win, ", "\u00dcn "),
            DatasetOptions.DEFAULT.withLabels("label"));
    assertThat(data.dtype()).isEqualTo(DType.STRING);
    assertThat(data.samples(0, 2))
        .isEqualTo(Tensor.of(new String[] {"He said \"yes\",\nthen left", "  \u00dcn "}));
    assertThat(data.classNames()).containsExactly("ham", "spam");
  }

  @Test
  void takesQuotesOfATsvFileAsTheyStand() throws IOException {
    Dataset data =
        open(
            "messages.tsv",
            "ham\t\"Hello, you\nspam\tWin \"now\"\n",
            DatasetOptions.DEFAULT.withLabels("0"));
    assertThat(data.samples(0, 2))
        .isEqualTo(Tensor.of(new String[] {"\"Hello, you", "Win \"now\""}));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "~~                       | is empty",
        "a,b                      | no rows",
        "a,b;1,2;3                | line 3: there are 1 fields, but 2",
        "a,b;1,2;3,x              | line 3: 'x' in column 'b' is not a number",
        "a,b;1,2;3,               | line 3: '' in column 'b' is not a number",
        "a,b;1,2;3,1f             | '1f' in column 'b'",
        "a,b;1,2;3,~\"~4          | line 3: a quote is opened",
        "a,b;1,2;3,~\"~4~\"~5     | line 3: a closing quote",
      })
  void namesFileAndLine(String text, String message) {
    String content = text.replace("~", "").replace(";", "\n");
    assertThatThrownBy(() -> open("bad.csv", content, DatasetOptions.DEFAULT))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("bad.csv")
        .hasMessageContaining(message);
  }

  @Test
  void namesTheColumnsThatThereAre() {
    assertThatThrownBy(
            () -> open("abc.csv", "a,b,c\n1,2,3\n", DatasetOptions.DEFAULT.withLabels("kind")))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("no column 'kind'")
        .hasMessageContaining("a, b, c");
  }

  @Test
  void refusesWhatIsNotUtf8() throws IOException {
    Path file = folder.resolve("latin.csv");
    Files.write(file, "a,b\n1,\u00fc\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Dataset.open(file))
        .isInstanceOf(BadDataException.class)
        .hasMessageContaining("latin.csv is not UTF-8");
  }

  private Dataset open(String name, String content, DatasetOptions options) throws IOException {
    return Dataset.open(Files.writeString(folder.resolve(name), content), options);
  }
}
