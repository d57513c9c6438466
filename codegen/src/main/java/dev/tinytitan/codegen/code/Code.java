package dev.tinytitan.codegen.code;

import static java.util.stream.Collectors.toSet;

import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Finished, position-independent machine code, with its constants. Immutable. */
public final class Code {
  private static final int CONSTANTS_PER_LINE = 32;

  private final byte[] bytes;
  private final int instructionBytes;
  private final List<Symbol> symbols;
  private final List<ListingLine> listing;

  /**
   * Code.
   *
   * @param bytes instructions, then constants; not copied, and not changed afterwards
   * @param instructionBytes how many of the bytes are instructions
   * @param symbols the functions in it, by offset
   * @param listing a line for each instruction, label and comment; empty if none was asked for
   */
  public Code(byte[] bytes, int instructionBytes, List<Symbol> symbols, List<ListingLine> listing) {
    this.bytes = bytes;
    this.instructionBytes = instructionBytes;
    this.symbols = List.copyOf(symbols);
    this.listing = List.copyOf(listing);
  }

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

  /** Instructions, then constants; not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** How many of the bytes are instructions. */
  public int instructionBytes() {
    return instructionBytes;
  }

  /** The functions in it, by offset. */
  public List<Symbol> symbols() {
    return symbols;
  }

  /** A line for each instruction, label and comment; empty if none was asked for. */
  public List<ListingLine> listing() {
    return listing;
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

  /** The listing as text: offset, bytes in hexadecimal, instruction; then the constants. */
  public String dump() {
    StringBuilder text = new StringBuilder(dump(symbol -> true));
    HexFormat hex = HexFormat.of();
    for (int offset = instructionBytes; offset < bytes.length; offset += CONSTANTS_PER_LINE) {
      int end = Math.min(bytes.length, offset + CONSTANTS_PER_LINE);
      text.append(String.format("%6x  %s%n", offset, hex.formatHex(bytes, offset, end)));
    }
    return text.toString();
  }

  /** The listing of some functions as text, without constants. */
  public String dump(Predicate<String> symbolsWanted) {
    Set<String> starts = symbols.stream().map(each -> each.name() + ":").collect(toSet());
    StringBuilder text = new StringBuilder();
    HexFormat hex = HexFormat.of();
    boolean wanted = symbolsWanted.test("");
    for (ListingLine line : listing) {
      if (line.length() == 0 && starts.contains(line.text())) {
        wanted = symbolsWanted.test(line.text().substring(0, line.text().length() - 1));
      }
      if (wanted && line.length() == 0) {
        text.append(line.text()).append('\n');
      } else if (wanted) {
        String encoded = hex.formatHex(bytes, line.offset(), line.offset() + line.length());
        text.append(String.format("%6x  %-22s  %s%n", line.offset(), encoded, line.text()));
      }
    }
    return text.toString();
  }
}
