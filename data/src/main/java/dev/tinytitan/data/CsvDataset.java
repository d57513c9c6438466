package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import dev.tinytitan.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads a table of numbers, or of texts, with labels and groups, into memory. */
final class CsvDataset {
  private final String source;
  private final CsvReader reader;
  private final DatasetOptions options;

  private List<String> names = List.of();
  private int[] featureColumns = {};
  private int labelColumn = -1;
  private int groupColumn = -1;
  private boolean text;

  private final FloatList numbers = new FloatList();
  private final List<String> texts = new ArrayList<>();
  private final List<String> labels = new ArrayList<>();
  private final List<String> groups = new ArrayList<>();
  private int rows;

  private CsvDataset(String source, CsvReader reader, DatasetOptions options) {
    this.source = source;
    this.reader = reader;
    this.options = options;
  }

  /** Opens a CSV or TSV file; see {@link Dataset#open}. */
  static Dataset open(Path file, boolean tabSeparated, DatasetOptions options) {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString(), tabSeparated, options);
    } catch (IOException e) {
      throw BadDataException.unreadable(file.toString(), e);
    }
  }

  static Dataset read(InputStream in, String source, boolean tabSeparated, DatasetOptions options)
      throws IOException {
    try (CsvReader reader = new CsvReader(in, source, tabSeparated)) {
      return new CsvDataset(source, reader, options).read();
    }
  }

  private Dataset read() throws IOException {
    List<String> first = reader.next();
    if (first == null) {
      throw new BadDataException(source + " is empty");
    }
    int firstLine = reader.recordLine();
    List<String> second = reader.next();
    int secondLine = reader.recordLine();
    boolean header = isHeader(first, second);
    if (header && second == null) {
      throw new BadDataException(source + " has a header line but no rows");
    }
    names = header ? first : numbered(first.size());
    chooseColumns(header && second != null ? second : first);
    if (!header) {
      add(first, firstLine);
    }
    if (second != null) {
      add(second, secondLine);
    }
    for (List<String> row = reader.next(); row != null; row = reader.next()) {
      add(row, reader.recordLine());
    }
    Tensor samples =
        text
            ? Tensor.of(texts.toArray(String[]::new))
            : Tensor.of(numbers.toArray(), rows, featureColumns.length);
    return new TensorDataset(source, samples, annotations());
  }

  /** A line of names: asked for by name, or with a word above a number. */
  private boolean isHeader(List<String> first, @Nullable List<String> second) {
    List<String> asked = new ArrayList<>(options.features());
    options.labels().ifPresent(asked::add);
    options.groups().ifPresent(asked::add);
    for (String name : asked) {
      if (first.contains(name) && Float.isNaN(number(name))) {
        return true;
      }
    }
    for (int i = 0; i < first.size(); i++) {
      boolean numberBelow =
          second == null || (i < second.size() && !Float.isNaN(number(second.get(i))));
      if (Float.isNaN(number(first.get(i))) && !isNan(first.get(i)) && numberBelow) {
        return true;
      }
    }
    return false;
  }

  private static List<String> numbered(int count) {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      names.add(Integer.toString(i));
    }
    return names;
  }

  private void chooseColumns(List<String> firstRow) {
    labelColumn = options.labels().map(this::column).orElseGet(() -> names.indexOf("y"));
    groupColumn = options.groups().map(this::column).orElse(-1);
    List<Integer> columns = new ArrayList<>();
    if (options.features().isEmpty()) {
      for (int i = 0; i < names.size(); i++) {
        if (i != labelColumn && i != groupColumn) {
          columns.add(i);
        }
      }
    } else {
      options.features().forEach(name -> columns.add(column(name)));
    }
    if (columns.isEmpty()) {
      throw new BadDataException(source + " has no column besides labels and groups");
    }
    featureColumns = columns.stream().mapToInt(Integer::intValue).toArray();
    int only = featureColumns[0];
    text =
        featureColumns.length == 1
            && only < firstRow.size()
            && Float.isNaN(number(firstRow.get(only)))
            && !isNan(firstRow.get(only));
  }

  private int column(String name) {
    int index = names.indexOf(name);
    if (index < 0) {
      for (int i = 0; i < names.size(); i++) {
        if (Integer.toString(i).equals(name)) {
          return i;
        }
      }
      throw new BadDataException(
          source
              + " has no column '"
              + name
              + "'; it has "
              + String.join(", ", names.subList(0, Math.min(20, names.size())))
              + (names.size() > 20 ? ", ..." : ""));
    }
    return index;
  }

  private void add(List<String> row, int line) {
    if (row.size() != names.size()) {
      throw new BadDataException(
          source
              + ", line "
              + line
              + ": there are "
              + row.size()
              + " fields, but "
              + names.size()
              + " on the first line");
    }
    if (text) {
      texts.add(row.get(featureColumns[0]));
    } else {
      for (int column : featureColumns) {
        String cell = row.get(column);
        float number = number(cell);
        if (Float.isNaN(number) && !isNan(cell)) {
          throw new BadDataException(
              source
                  + ", line "
                  + line
                  + ": '"
                  + shortened(cell)
                  + "' in column '"
                  + names.get(column)
                  + "' is not a number; leave the column out or fill it");
        }
        numbers.add(number);
      }
    }
    if (labelColumn >= 0) {
      labels.add(row.get(labelColumn));
    }
    if (groupColumn >= 0) {
      groups.add(row.get(groupColumn));
    }
    rows++;
  }

  private Annotations annotations() {
    Optional<Tensor> groupNumbers =
        groupColumn < 0
            ? Optional.empty()
            : Optional.of(indices(groups, new ArrayList<>(new TreeSet<>(groups))));
    if (labelColumn < 0) {
      return new Annotations(Optional.empty(), List.of(), groupNumbers);
    }
    long[] integers = integers(labels);
    if (integers.length == labels.size()) {
      return new Annotations(Optional.of(Tensor.of(integers)), List.of(), groupNumbers);
    }
    float[] targets = new float[labels.size()];
    boolean allNumbers = true;
    for (int i = 0; i < targets.length; i++) {
      targets[i] = number(labels.get(i));
      allNumbers &= !Float.isNaN(targets[i]);
    }
    if (allNumbers) {
      return new Annotations(Optional.of(Tensor.of(targets)), List.of(), groupNumbers);
    }
    List<String> classNames = new ArrayList<>(new TreeSet<>(labels));
    return new Annotations(Optional.of(indices(labels, classNames)), classNames, groupNumbers);
  }

  /** The values as integers, or fewer if one of them is none. */
  private static long[] integers(List<String> values) {
    long[] integers = new long[values.size()];
    for (int i = 0; i < integers.length; i++) {
      String value = values.get(i).strip();
      if (!value.matches("[+-]?[0-9]{1,18}")) {
        return Arrays.copyOf(integers, i);
      }
      integers[i] = Long.parseLong(value);
    }
    return integers;
  }

  private static Tensor indices(List<String> values, List<String> sortedNames) {
    TreeMap<String, Long> indexOf = new TreeMap<>();
    for (String name : sortedNames) {
      indexOf.put(name, (long) indexOf.size());
    }
    long[] indices = new long[values.size()];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = indexOf.getOrDefault(values.get(i), -1L);
    }
    return Tensor.of(indices);
  }

  /** The number that a cell holds; NaN if it holds none. */
  private static float number(String cell) {
    String number = cell.strip();
    // Float.parseFloat also takes "1f" and hexadecimal numbers.
    if (number.isEmpty() || Character.isLetter(number.charAt(number.length() - 1))) {
      return switch (number) {
        case "inf", "Inf", "Infinity", "+inf" -> Float.POSITIVE_INFINITY;
        case "-inf", "-Inf", "-Infinity" -> Float.NEGATIVE_INFINITY;
        default -> Float.NaN;
      };
    }
    try {
      return Float.parseFloat(number);
    } catch (NumberFormatException e) {
      return Float.NaN;
    }
  }

  private static boolean isNan(String cell) {
    return cell.strip().equalsIgnoreCase("nan");
  }

  private static String shortened(String cell) {
    return cell.length() > 40 ? cell.substring(0, 40) + "..." : cell;
  }
}
