package io.sluice.filter;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A refusal as clients of gRPC understand it: status 200 with the outcome in fields and no content
 * ("Trailers-Only" of gRPC over HTTP/2). They would take a 429 for a server that is away and, by
 * common settings, try again at once.
 */
final class GrpcRefusal {

  private static final String TYPE = "application/grpc";
  private static final String RESOURCE_EXHAUSTED = "8";
  private static final String UNAVAILABLE = "14";

  private GrpcRefusal() {}

  /** Returns whether the request is a call of gRPC, whatever its messages are encoded in. */
  static boolean suits(HttpServletRequest request) {
    String type = request.getContentType();
    return type != null
        && type.startsWith(TYPE)
        && (type.length() == TYPE.length() || "+;".indexOf(type.charAt(TYPE.length())) >= 0);
  }

  /** Writes the refusal; the rate-limit fields are written by then. */
  static void write(HttpServletResponse response, Refusal refusal) {
    response.setStatus(HttpServletResponse.SC_OK);
    response.setContentType(TYPE);
    response.setHeader("grpc-status", refusal.status() == 429 ? RESOURCE_EXHAUSTED : UNAVAILABLE);
    response.setHeader("grpc-message", encoded(refusal.detail()));
    response.setHeader("grpc-retry-pushback-ms", Long.toString(refusal.retryAfter() * 1000));
  }

  /** Percent-encodes all but printable ASCII, and the percent sign itself. */
  static String encoded(String message) {
    StringBuilder text = new StringBuilder(message.length());
    for (byte octet : message.getBytes(StandardCharsets.UTF_8)) {
      if (octet >= ' ' && octet <= '~' && octet != '%') {
        text.append((char) octet);
      } else {
        text.append('%').append(HexFormat.of().withUpperCase().toHexDigits(octet));
      }
    }
    return text.toString();
  }
}
