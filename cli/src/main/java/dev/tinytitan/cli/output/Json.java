package dev.tinytitan.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintWriter;

/** JSON for machines: what {@code --json} prints. */
public final class Json {
  private Json() {}

  /** Prints a value (maps, lists, records, numbers, strings) as one indented JSON document. */
  public static void print(PrintWriter out, Object value) {
    try {
      out.println(
          new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(value));
    } catch (JsonProcessingException error) {
      throw new IllegalStateException("a result that JSON cannot hold", error);
    }
  }

  /** A JSON document as a value that {@link #print} takes. */
  public static Object tree(String json) {
    try {
      return new ObjectMapper().readTree(json);
    } catch (JsonProcessingException error) {
      throw new IllegalStateException("a document that is no JSON", error);
    }
  }
}
