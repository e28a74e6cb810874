package io.sluice.admin;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * What an admin page answers: built whole before the first octet is sent, so that a failure on the
 * way is a clean 500 and not half a document.
 *
 * @param status the HTTP status
 * @param contentType the media type of the body
 * @param body the body
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Answer(int status, String contentType, byte[] body) {

  private static final JsonFactory JSON = new JsonFactory();
  private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");

  /** Writes the members of a JSON object in the order in which readers see them. */
  interface Members {
    void write(JsonGenerator out) throws IOException;
  }

  /** Returns a JSON object, indented: its readers are people with curl. */
  static Answer json(int status, Members members) {
    return new Answer(status, "application/json", object(members));
  }

  /** Returns plain text. */
  static Answer text(int status, String text) {
    return new Answer(status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  /** Returns an error in the form of RFC 9457. */
  static Answer problem(int status, String title, String detail) {
    byte[] body =
        object(out -> {
          out.writeStringField("type", "about:blank");
          out.writeStringField("title", title);
          out.writeNumberField("status", status);
          out.writeStringField("detail", detail);
        });
    return new Answer(status, "application/problem+json", body);
  }

  private static byte[] object(Members members) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
    try (JsonGenerator out = JSON.createGenerator(bytes)) {
      out.setPrettyPrinter(
          new DefaultPrettyPrinter().withObjectIndenter(INDENT).withArrayIndenter(INDENT));
      out.writeStartObject();
      members.write(out);
      out.writeEndObject();
      out.writeRaw('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
    }
    return bytes.toByteArray();
  }
}
