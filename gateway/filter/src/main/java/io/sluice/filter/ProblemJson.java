package io.sluice.filter;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;

/**
 * Writes problem details (RFC 9457), the one form of every error of our own. Callers keep internals
 * out of title and detail: both are shown to clients.
 */
public final class ProblemJson {

  /** The media type. */
  public static final String CONTENT_TYPE = "application/problem+json";

  /** The type of a problem that says no more than its status does. */
  public static final String BLANK = "about:blank";

  private static final JsonFactory JSON = new JsonFactory();

  private ProblemJson() {}

  /** Returns a problem without a type of its own. */
  public static byte[] bytes(int status, String title, String detail, String decisionId) {
    return bytes(BLANK, title, status, detail, decisionId, Map.of());
  }

  /**
   * Returns a problem in UTF-8.
   *
   * @param type URI that names the kind of problem
   * @param title short and the same for all problems of a type
   * @param detail what happened to this request and what helps
   * @param decisionId the id found in the access log
   * @param extras further members, each a list of texts, written before the id
   */
  public static byte[] bytes(
      String type,
      String title,
      int status,
      String detail,
      String decisionId,
      Map<String, List<String>> extras) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(320);
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("type", type);
      json.writeStringField("title", title);
      json.writeNumberField("status", status);
      json.writeStringField("detail", detail);
      for (Map.Entry<String, List<String>> extra : extras.entrySet()) {
        String[] texts = extra.getValue().toArray(new String[0]);
        json.writeFieldName(extra.getKey());
        json.writeArray(texts, 0, texts.length);
      }
      json.writeStringField("decision", decisionId);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("an array in memory takes every byte", e);
    }
    return out.toByteArray();
  }
}
