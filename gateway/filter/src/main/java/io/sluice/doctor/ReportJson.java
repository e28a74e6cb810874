package io.sluice.doctor;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/**
 * Shows a report to a script: {@code redis}, {@code worst}, {@code counts} by severity, and {@code
 * findings} with group, name, severity, seen, why and remedy. Names stay; sentences may change.
 */
public final class ReportJson {

  private static final JsonFactory JSON = new JsonFactory();

  private ReportJson() {}

  /** Returns one JSON object, with a line end after it. */
  public static String of(Report report) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(text)) {
      DefaultIndenter lines = new DefaultIndenter("  ", "\n");
      json.setPrettyPrinter(
          new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines));
      write(json, report);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.append('\n').toString();
  }

  private static void write(JsonGenerator json, Report report) throws IOException {
    json.writeStartObject();
    json.writeStringField("redis", report.redis());
    json.writeStringField("worst", report.worst().toString());
    json.writeObjectFieldStart("counts");
    for (Severity severity : Severity.values()) {
      json.writeNumberField(severity.toString(), report.count(severity));
    }
    json.writeEndObject();
    json.writeArrayFieldStart("findings");
    for (Report.Part part : report.parts()) {
      for (Finding finding : part.findings()) {
        write(json, part.group(), finding);
      }
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String group, Finding finding) throws IOException {
    json.writeStartObject();
    json.writeStringField("group", group);
    json.writeStringField("name", finding.name());
    json.writeStringField("severity", finding.severity().toString());
    json.writeStringField("seen", finding.seen());
    json.writeStringField("why", finding.why());
    json.writeStringField("remedy", finding.remedy());
    json.writeEndObject();
  }
}
