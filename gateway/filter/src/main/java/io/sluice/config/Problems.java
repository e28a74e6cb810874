package io.sluice.config;

import io.sluice.config.Problem.Severity;
import java.util.ArrayList;
import java.util.List;

/**
 * Collects all problems, so that a person sees every one of them at once. For one thread at a time.
 */
public final class Problems {

  /** More than anybody reads; a hostile file must not fill the memory with complaints. */
  private static final int MOST = 1_000;

  private final List<Problem> found = new ArrayList<>();
  private int errors;

  /** Adds a problem. */
  public void add(Problem problem) {
    errors += problem.isError() ? 1 : 0;
    if (found.size() < MOST) {
      found.add(problem);
    }
  }

  /** Adds problems found elsewhere. */
  public void addAll(List<Problem> problems) {
    problems.forEach(this::add);
  }

  /** Returns how many errors were added, so that a reader can tell whether its part is sound. */
  public int errors() {
    return errors;
  }

  /** Returns whether there is an error among the problems. */
  public boolean hasErrors() {
    return errors > 0;
  }

  /** Returns the problems by file and line. */
  public List<Problem> all() {
    return found.stream().distinct().sorted(Problem.BY_PLACE).toList();
  }

  /**
   * Does nothing without errors.
   *
   * @throws ConfigProblemsException with all problems when one of them is an error
   */
  public void orThrow() {
    if (hasErrors()) {
      throw new ConfigProblemsException(all());
    }
  }

  void error(Place place, String message) {
    add(new Problem(place.file(), place.line(), Severity.ERROR, message));
  }

  void warning(Place place, String message) {
    add(new Problem(place.file(), place.line(), Severity.WARNING, message));
  }
}
