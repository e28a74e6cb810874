package io.sluice.app;

/**
 * What is written of requests.
 *
 * @param enabled whether there is an access log at all
 * @param file where it goes; {@code -} is standard output
 * @param refusalsPerSecond most refusals written each second; those above are only counted
 */
public record AccessLogSettings(boolean enabled, String file, int refusalsPerSecond) {

  /** The file name that stands for standard output. */
  public static final String STANDARD_OUTPUT = "-";

  public AccessLogSettings {
    if (file.isBlank()) {
      throw new IllegalArgumentException(
          "access-log.file must be a file, or - for standard output");
    }
    if (refusalsPerSecond < 0) {
      throw new IllegalArgumentException(
          "access-log.refusals-per-second must be 0 or more: " + refusalsPerSecond);
    }
  }
}
