package dev.tinytitan.edge.learn;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tinytitan.BadDataException;

/**
 * One line of a journal: what was done with the model, and when.
 *
 * @param sequence counted from 1 without a gap; it says the order, whatever the clock does
 * @param time of the clock, ISO 8601 in UTC; for people
 * @param event what happened
 * @param label the class of the sample; -1 without a sample
 * @param weight how much the label was trusted
 * @param sample the first 16 digits of the SHA-256 of the sample's bytes; empty without one
 * @param data the sample's bytes, little-endian, compressed, in Base64; empty if they are not kept
 * @param version the last good version afterwards
 * @param note what the gate said, or the hash of the base; may be empty
 */
public record JournalEntry(
    long sequence,
    String time,
    Event event,
    int label,
    double weight,
    String sample,
    String data,
    long version,
    String note) {

  /** What happened. */
  public enum Event {
    /** A learner began, or went on after its process ended; the note is the hash of the base. */
    OPENED,
    /** A sample was given to learn. */
    LEARNED,
    /** A sample was put into the replay buffer. */
    REMEMBERED,
    /** A sample was kept to judge with. */
    HELD,
    /** Someone asked for a judgement of what was learned; what comes of it is the next line. */
    ASKED,
    /** A new version answers. */
    ACCEPTED,
    /** The gate refused a new version. */
    REFUSED,
    /** What was learned since the last version was forgotten, because someone asked for it. */
    ROLLED_BACK,
    /** A version before became the last good one again. */
    REVERTED
  }

  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /** The line, without its end. */
  String toLine() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException error) {
      throw new IllegalStateException("an entry that JSON cannot hold", error);
    }
  }

  static JournalEntry of(String line) {
    try {
      return JSON.readValue(line, JournalEntry.class);
    } catch (JsonProcessingException error) {
      throw new BadDataException("A line of the journal is damaged: " + line, error);
    }
  }
}
