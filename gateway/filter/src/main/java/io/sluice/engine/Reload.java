package io.sluice.engine;

import io.sluice.config.Problem;
import java.time.Instant;
import java.util.List;

/**
 * What came of reading the policies again.
 *
 * @param at when they were read
 * @param accepted whether a book was made of them; the book before stays in force otherwise
 * @param changed whether their content differs from what was read before
 * @param problems everything that is wrong with them, warnings included
 */
public record Reload(Instant at, boolean accepted, boolean changed, List<Problem> problems) {

  public Reload {
    problems = List.copyOf(problems);
  }
}
