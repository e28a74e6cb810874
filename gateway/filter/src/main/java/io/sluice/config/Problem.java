package io.sluice.config;

import java.util.Comparator;

/**
 * One thing wrong with what a person wrote, and where.
 *
 * @param file the file as the person named it, or the environment variable
 * @param line line in it, from 1; 0 when the whole file is meant
 * @param severity whether it stops us
 * @param message what is wrong, what was expected, and the nearest right spelling where there is
 *     one; never a secret
 */
public record Problem(String file, int line, Severity severity, String message) {

  /** The order in which people read problems: by file, then by line. */
  public static final Comparator<Problem> BY_PLACE =
      Comparator.comparing(Problem::file).thenComparingInt(Problem::line);

  /** Whether a problem stops us. */
  public enum Severity {
    /** The configuration cannot be used. */
    ERROR,
    /** It can be used, and probably does not do what its author meant. */
    WARNING
  }

  public Problem {
    file = Shown.clean(file);
    message = Shown.clean(message);
  }

  /** Returns whether the configuration cannot be used. */
  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /** Returns {@code file:line: message}; a warning says that it is one. */
  @Override
  public String toString() {
    String place = line > 0 ? file + ':' + line : file;
    return place + (isError() ? ": " : ": warning: ") + message;
  }
}
