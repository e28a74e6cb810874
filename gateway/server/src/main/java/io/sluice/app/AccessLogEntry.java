package io.sluice.app;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.sluice.identity.Identity;
import io.sluice.limit.Decision;
import io.sluice.limit.Decision.Exempt;
import io.sluice.limit.Decision.Metered;
import io.sluice.limit.LimitVerdict;
import io.sluice.limit.Verdict.Source;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the access log says of one request.
 *
 * <p>The query is left out because queries carry secrets, the user because the decision is what
 * operators look for and names are personal; of an API key there is its id. Text of the client is
 * escaped down to ASCII, so that it can neither begin a line nor speak to a terminal.
 *
 * @param epochMillis when the request began, Unix time
 * @param decisionId names the request in its answer too
 * @param method as sent, cut at 32 characters
 * @param path the raw path, cut at 1,024 characters
 * @param status the status sent
 * @param bytes octets of content sent; of a WebSocket connection all that went to the client
 * @param nanos nanoseconds from the request's beginning to the end of its answer
 * @param peer address of the transport peer
 * @param caller who called; null where nobody got so far as to ask
 * @param decision what the limiter said; null likewise
 * @param upstreamNanos nanoseconds until the upstream began its answer; negative when it did not
 * @param skipped refusals not written since the last line
 */
record AccessLogEntry(
    long epochMillis,
    String decisionId,
    String method,
    String path,
    int status,
    long bytes,
    long nanos,
    String peer,
    @Nullable Identity caller,
    @Nullable Decision decision,
    long upstreamNanos,
    long skipped) {

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
          .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
          .build();
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final int LONGEST_METHOD = 32;
  private static final int LONGEST_PATH = 1_024;

  AccessLogEntry {
    method = cut(method, LONGEST_METHOD);
    path = cut(path, LONGEST_PATH);
  }

  /** Returns the same of an exchange that has gone on for longer. */
  AccessLogEntry ended(long allBytes, long allNanos) {
    return new AccessLogEntry(
        epochMillis,
        decisionId,
        method,
        path,
        status,
        allBytes,
        allNanos,
        peer,
        caller,
        decision,
        upstreamNanos,
        skipped);
  }

  /** Writes one line. */
  void writeTo(OutputStream stream) throws IOException {
    try (JsonGenerator out = JSON.createGenerator(stream)) {
      out.writeStartObject();
      out.writeStringField("time", TIME.format(Instant.ofEpochMilli(epochMillis)));
      out.writeStringField("decision", decisionId);
      out.writeStringField("method", method);
      out.writeStringField("path", path);
      out.writeNumberField("status", status);
      out.writeNumberField("bytes", bytes);
      out.writeNumberField("ms", millis(nanos));
      out.writeStringField("client", caller == null ? peer : caller.network());
      if (caller != null && caller.apiKey() != null) {
        out.writeStringField("api-key", caller.apiKey());
      }
      writeDecision(out);
      if (upstreamNanos >= 0) {
        out.writeNumberField("upstream-ms", millis(upstreamNanos));
      }
      if (skipped > 0) {
        out.writeNumberField("skipped", skipped);
      }
      out.writeEndObject();
    }
    stream.write('\n');
  }

  private void writeDecision(JsonGenerator out) throws IOException {
    if (decision instanceof Metered metered) {
      List<LimitVerdict> lines = metered.lines();
      strings(out, "policies", lines.stream().map(line -> line.policy().name()).distinct());
      out.writeStringField("outcome", metered.proceeds() ? "granted" : "refused");
      out.writeStringField("source", source(lines));
      if (!metered.proceeds()) {
        strings(out, "refused-by", metered.refusing().stream().map(LimitVerdict::name));
      }
    } else if (decision instanceof Exempt exempt) {
      out.writeStringField("outcome", "exempt");
      out.writeStringField("reason", exempt.reason().name().toLowerCase(Locale.ROOT));
    } else if (decision instanceof Decision.Overloaded) {
      out.writeStringField("outcome", "overloaded");
    }
  }

  private static String source(List<LimitVerdict> lines) {
    Source first = lines.get(0).verdict().source();
    boolean all = lines.stream().allMatch(line -> line.verdict().source() == first);
    return all ? first.name().toLowerCase(Locale.ROOT) : "mixed";
  }

  private static void strings(JsonGenerator out, String name, Stream<String> values)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (String value : values.toList()) {
      out.writeString(value);
    }
    out.writeEndArray();
  }

  /** Returns milliseconds with three digits behind the point. */
  private static double millis(long nanos) {
    return Math.round(nanos / 1e3) / 1e3;
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest) + "...";
  }
}
