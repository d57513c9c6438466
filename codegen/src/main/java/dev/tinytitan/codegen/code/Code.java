package dev.tinytitan.codegen.code;

import java.util.HexFormat;
import java.util.List;

/**
 * Finished, position-independent machine code. Immutable, but for the bytes, which callers do not
 * change.
 *
 * @param bytes instructions, then constants
 * @param instructionBytes how many of the bytes are instructions
 * @param symbols the functions in it, by offset
 * @param listing a line for each instruction, label and comment; empty if none was asked for
 */
public record Code(
    byte[] bytes, int instructionBytes, List<Symbol> symbols, List<ListingLine> listing) {

  /** Where a function starts, in bytes from the start of the code. */
  public record Symbol(String name, int offset) {}

  /**
   * One line of a listing.
   *
   * @param offset where the instruction starts
   * @param length its bytes; 0 for a label or a comment
   * @param text the instruction in Intel's syntax, {@code name:} for a label, or {@code ; text}
   */
  public record ListingLine(int offset, int length, String text) {}

  public Code {
    symbols = List.copyOf(symbols);
    listing = List.copyOf(listing);
  }

  /**
   * The offset of a function.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public int offsetOf(String symbol) {
    for (Symbol each : symbols) {
      if (each.name().equals(symbol)) {
        return each.offset();
      }
    }
    throw new IllegalArgumentException("There is no function " + symbol + " in this code.");
  }

  /** The listing as text: offset, bytes in hexadecimal, instruction. */
  public String dump() {
    StringBuilder text = new StringBuilder();
    HexFormat hex = HexFormat.of();
    for (ListingLine line : listing) {
      if (line.length() == 0) {
        text.append(line.text()).append('\n');
        continue;
      }
      String encoded = hex.formatHex(bytes, line.offset(), line.offset() + line.length());
      text.append(String.format("%6x  %-22s  %s%n", line.offset(), encoded, line.text()));
    }
    return text.toString();
  }
}
