package io.sluice.balance;

/**
 * Statuses that follow one another.
 *
 * @param first the lowest, 100 or more
 * @param last the highest, 599 or less
 */
public record StatusRange(int first, int last) {

  public StatusRange {
    if (first < 100 || last > 599 || first > last) {
      throw new IllegalArgumentException("no range of statuses: " + first + "-" + last);
    }
  }

  boolean holds(int status) {
    return status >= first && status <= last;
  }
}
