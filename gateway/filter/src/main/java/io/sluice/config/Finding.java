package io.sluice.config;

/**
 * Something in a HOCON text that its parser passes over and its author did not mean.
 *
 * @param line line in the text, from 1
 * @param detail the key, or the characters
 * @param otherLine the line of what it collides with; 0 where there is none
 */
record Finding(Kind kind, int line, String detail, int otherLine) {

  /** What may be found. */
  enum Kind {
    CUT_BY_COMMENT,
    DUPLICATE_KEY,
    INCLUDE,
    SUBSTITUTION,
    TOO_DEEP,
    TOO_LONG
  }
}
