package io.sluice.config;

import io.sluice.policy.PolicyBook;
import java.util.List;
import java.util.Optional;

/**
 * What came of reading a folder of policies.
 *
 * @param book the book; nothing when there is an error
 * @param problems all errors and warnings, by file and line
 */
public record BookReading(Optional<PolicyBook> book, List<Problem> problems) {

  public BookReading {
    problems = List.copyOf(problems);
  }

  /**
   * Returns the book.
   *
   * @throws ConfigProblemsException with all problems when there is none
   */
  public PolicyBook orThrow() {
    return book.orElseThrow(() -> new ConfigProblemsException(problems));
  }
}
