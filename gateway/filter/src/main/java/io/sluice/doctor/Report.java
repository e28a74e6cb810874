package io.sluice.doctor;

import java.util.List;
import java.util.stream.Stream;

/**
 * What an examination found.
 *
 * @param redis which Redis, without secrets
 * @param parts what was looked at, in order
 */
public record Report(String redis, List<Part> parts) {

  public Report {
    parts = List.copyOf(parts);
  }

  /**
   * What was seen of one side.
   *
   * @param group which side
   * @param findings at least one
   */
  public record Part(String group, List<Finding> findings) {

    public Part {
      findings = List.copyOf(findings);
    }
  }

  /** Returns the severity of the worst finding. */
  public Severity worst() {
    return findings().map(Finding::severity).max(Severity::compareTo).orElse(Severity.OK);
  }

  /** Returns how many findings are of a severity. */
  public long count(Severity severity) {
    return findings().filter(finding -> finding.severity() == severity).count();
  }

  private Stream<Finding> findings() {
    return parts.stream().flatMap(part -> part.findings().stream());
  }
}
