package io.sluice.doctor;

import java.util.Locale;

/** Shows a report to a person: a line for each finding, and below it why and the remedy. */
public final class ReportText {

  private static final String INDENT = " ".repeat(11);

  private ReportText() {}

  /** Returns the whole text, with a line end after each line. */
  public static String of(Report report) {
    StringBuilder text = new StringBuilder();
    line(text, report.redis());
    String group = "";
    for (Report.Part part : report.parts()) {
      if (!part.group().equals(group)) {
        group = part.group();
        line(text, "");
        line(text, group);
      }
      part.findings().forEach(finding -> add(text, finding));
    }
    line(text, "");
    line(
        text,
        "%d ok, %s, %s, %s"
            .formatted(
                report.count(Severity.OK),
                Figures.count(report.count(Severity.NOTE), "note"),
                Figures.count(report.count(Severity.WARNING), "warning"),
                Figures.count(report.count(Severity.ERROR), "error")));
    return text.toString();
  }

  private static void add(StringBuilder text, Finding finding) {
    line(text, String.format(Locale.ROOT, "  %-7s  %s", finding.severity(), finding.seen()));
    if (!finding.why().isEmpty()) {
      line(text, INDENT + finding.why());
    }
    if (!finding.remedy().isEmpty()) {
      line(text, INDENT + "remedy: " + finding.remedy());
    }
  }

  private static void line(StringBuilder text, String line) {
    // What a server says of itself must not steer a terminal.
    text.append(line.replaceAll("\\p{Cntrl}", "?")).append('\n');
  }
}
