package dev.tinytitan.codegen.x86;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinytitan.codegen.Binutils;
import dev.tinytitan.codegen.code.Code;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compares an assembler's own listing with what binutils reads in the bytes. */
final class Listings {
  /** Predicates that objdump writes into the names of comparisons (SDM Vol. 2, CMPPS, VPCMPD). */
  private static final List<String> FLOAT_PREDICATES =
      Arrays.asList(
          ("eq lt le unord neq nlt nle ord eq_uq nge ngt false neq_oq ge gt true"
                  + " eq_os lt_oq le_oq unord_s neq_us nlt_uq nle_uq ord_s"
                  + " eq_us nge_uq ngt_uq false_os neq_os ge_oq gt_oq true_us")
              .split(" "));

  private static final List<String> INTEGER_PREDICATES =
      Arrays.asList("eq lt le false neq nlt nle true".split(" "));
  private static final Pattern FLOAT_COMPARISON = Pattern.compile("vcmp(\\w+)ps (.*)");
  private static final Pattern INTEGER_COMPARISON =
      Pattern.compile("vpcmp(eq|lt|le|neq|nlt|nle)(u?[bd]) (k.*)");

  private Listings() {}

  /** Every line of the listing is what binutils reads at its place, and there are no others. */
  static void assertReadsBack(Code code) {
    Map<Integer, String> disassembled =
        Binutils.disassembleX86(Arrays.copyOf(code.bytes(), code.instructionBytes()));
    Map<String, Integer> labels = new HashMap<>();
    for (Code.ListingLine line : code.listing()) {
      if (line.text().endsWith(":")) {
        labels.put(line.text().substring(0, line.text().length() - 1), line.offset());
      }
    }
    List<String> differences = new ArrayList<>();
    for (Code.ListingLine line : code.listing()) {
      if (line.length() == 0) {
        continue;
      }
      String expected = withOffsets(line.text(), labels);
      String actual = normalized(disassembled.remove(line.offset()));
      if (!expected.equals(actual)) {
        String bytes =
            HexFormat.of().formatHex(code.bytes(), line.offset(), line.offset() + line.length());
        differences.add(bytes + "  is \"" + actual + "\", not \"" + expected + "\"");
      }
    }
    assertThat(differences).isEmpty();
    assertThat(disassembled).as("instructions that the listing has not").isEmpty();
  }

  private static String withOffsets(String text, Map<String, Integer> labels) {
    int space = text.lastIndexOf(' ');
    Integer offset = space < 0 ? null : labels.get(text.substring(space + 1));
    return offset == null
        ? text
        : text.substring(0, space + 1) + "0x" + Integer.toHexString(offset);
  }

  /** As the listing writes it: comparisons with their predicate as a number, no remarks. */
  private static String normalized(String text) {
    if (text == null) {
      return "nothing";
    }
    String line = text.replaceAll("\\s*[#<].*$", "").replace("+0x0]", "]");
    Matcher comparison = FLOAT_COMPARISON.matcher(line);
    if (comparison.matches() && FLOAT_PREDICATES.contains(comparison.group(1))) {
      return "vcmpps "
          + comparison.group(2)
          + ",0x"
          + Integer.toHexString(FLOAT_PREDICATES.indexOf(comparison.group(1)));
    }
    comparison = INTEGER_COMPARISON.matcher(line);
    if (comparison.matches()) {
      return "vpcmp"
          + comparison.group(2)
          + " "
          + comparison.group(3)
          + ",0x"
          + Integer.toHexString(INTEGER_PREDICATES.indexOf(comparison.group(1)));
    }
    return line;
  }
}
