package io.sluice.admin;

import java.time.Instant;
import java.util.List;

/** Reads the policies again on demand, and remembers how the last reading went. Thread-safe. */
public interface Reloads {

  /** Reads all files now, by whoever's hand the last reading was; waits for the outcome. */
  Outcome reload();

  /** Returns the outcome of the last reading, the one at the start included. */
  Outcome last();

  /**
   * How a reading went.
   *
   * @param accepted whether what is on disk is in force; otherwise an older book is
   * @param at when it was read
   * @param complaints what is wrong with it; warnings only where it was accepted
   */
  record Outcome(boolean accepted, Instant at, List<Complaint> complaints) {

    public Outcome {
      complaints = List.copyOf(complaints);
    }
  }
}
