package dev.tinytitan.data;

import dev.tinytitan.BadDataException;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads records of a CSV file (RFC 4180: quoted fields, doubled quotes, line breaks within quotes)
 * or of a TSV file (text/tab-separated-values: no quoting, a quote is a character like others).
 * UTF-8. The delimiter of a CSV file, comma, semicolon or tab, is told from its first line. Empty
 * lines are left out. One thread at a time.
 */
final class CsvReader implements Closeable {
  private static final int MAX_FIELD = 1 << 20;
  private static final int MAX_FIELDS = 1 << 16;
  private static final int SNIFFED = 1 << 16;
  private static final int END = -1;
  private static final int NOT_READ = -2;

  private final BufferedReader in;
  private final String source;
  private final char delimiter;
  private final boolean quoting;
  private final StringBuilder field = new StringBuilder();
  private int line = 1;
  private int recordLine;
  private int pushedBack = NOT_READ;

  /**
   * Begins to read.
   *
   * @param stream closed with this reader
   * @param source the file, for messages
   */
  CsvReader(InputStream stream, String source, boolean tabSeparated) throws IOException {
    this.source = source;
    this.in =
        new BufferedReader(
            new InputStreamReader(
                stream,
                StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)));
    this.quoting = !tabSeparated;
    try {
      skipByteOrderMark();
      this.delimiter = tabSeparated ? '\t' : sniff();
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }

  /** The line on which the last record began, from 1. */
  int recordLine() {
    return recordLine;
  }

  /**
   * Reads the next record.
   *
   * @return null at the end of the file
   */
  @Nullable List<String> next() throws IOException {
    while (true) {
      recordLine = line;
      int c = read();
      if (c == END) {
        return null;
      }
      if (c != '\n') {
        pushedBack = c;
        return record();
      }
    }
  }

  private List<String> record() throws IOException {
    List<String> fields = new ArrayList<>();
    while (true) {
      if (fields.size() == MAX_FIELDS) {
        throw error(recordLine, "there are more than " + MAX_FIELDS + " fields");
      }
      field.setLength(0);
      int c = read();
      if (c == '"' && quoting) {
        c = quoted();
      }
      while (c != delimiter && c != '\n' && c != END) {
        append(c);
        c = read();
      }
      fields.add(field.toString());
      if (c != delimiter) {
        return fields;
      }
    }
  }

  /** Reads to the closing quote; returns what follows it, which must end the field. */
  private int quoted() throws IOException {
    int startLine = line;
    while (true) {
      int c = read();
      if (c == END) {
        throw error(startLine, "a quote is opened and never closed");
      }
      if (c == '"') {
        c = read();
        if (c != '"') {
          if (c != delimiter && c != '\n' && c != END) {
            throw error(line, "a closing quote is not followed by a delimiter");
          }
          return c;
        }
      }
      append(c);
    }
  }

  private void append(int c) {
    if (field.length() == MAX_FIELD) {
      throw error(line, "a field is longer than " + MAX_FIELD + " characters");
    }
    field.append((char) c);
  }

  /** The next character; every kind of line break becomes a line feed. */
  private int read() throws IOException {
    if (pushedBack != NOT_READ) {
      int c = pushedBack;
      pushedBack = NOT_READ;
      return c;
    }
    int c = decoded();
    if (c == '\r') {
      in.mark(1);
      if (decoded() != '\n') {
        in.reset();
      }
      c = '\n';
    }
    if (c == '\n') {
      line++;
    }
    return c;
  }

  private int decoded() throws IOException {
    try {
      return in.read();
    } catch (CharacterCodingException e) {
      throw new BadDataException(
          source + " is not UTF-8, somewhere behind line " + line + "; convert it", e);
    }
  }

  private void skipByteOrderMark() throws IOException {
    in.mark(1);
    if (decoded() != '\uFEFF') {
      in.reset();
    }
  }

  /** The delimiter that is most frequent on the first line, outside quotes; a comma if none is. */
  private char sniff() throws IOException {
    in.mark(SNIFFED);
    int commas = 0;
    int semicolons = 0;
    int tabs = 0;
    boolean quoted = false;
    for (int i = 0; i < SNIFFED; i++) {
      int c = decoded();
      if (c == END || (!quoted && (c == '\n' || c == '\r'))) {
        break;
      }
      if (c == '"') {
        quoted = !quoted;
      } else if (!quoted) {
        commas += c == ',' ? 1 : 0;
        semicolons += c == ';' ? 1 : 0;
        tabs += c == '\t' ? 1 : 0;
      }
    }
    in.reset();
    if (commas >= semicolons && commas >= tabs) {
      return ',';
    }
    return semicolons >= tabs ? ';' : '\t';
  }

  private BadDataException error(int atLine, String problem) {
    return new BadDataException(source + ", line " + atLine + ": " + problem);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
