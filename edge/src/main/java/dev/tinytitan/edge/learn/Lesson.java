package dev.tinytitan.edge.learn;

/**
 * What came of one sample.
 *
 * @param use what was done with it
 * @param loss of the last step; NaN where none was made
 * @param predicted the class that the last good version gave before; -1 for values
 * @param wasRight whether that was the label
 * @param version the last good version afterwards
 */
public record Lesson(Use use, double loss, int predicted, boolean wasRight, long version) {

  /** What is done with a sample. */
  public enum Use {
    /** Stepped on. */
    LEARNED,
    /** Kept to judge new versions with. */
    HELD_BACK,
    /** Its step gave numbers that are not finite; nothing moved. */
    SKIPPED
  }
}
