package io.sluice.websocket;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * A request that opens a WebSocket connection, and what an answer that accepts it must hold (RFC
 * 6455, section 4). Immutable.
 */
public final class Opening {

  /** What is wrong with an opening, and the status that says so: 400, or 426 for the version. */
  public record Fault(int status, String detail) {}

  /** The only version there is. */
  public static final String VERSION = "13";

  private static final String PROTOCOL = "websocket";
  private static final String UPGRADE = "Upgrade";
  private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  private static final int KEY_LENGTH = 24;
  private static final int KEY_OCTETS = 16;

  private final HttpFields fields;
  private final @Nullable Fault fault;

  private Opening(String method, HttpFields fields) {
    this.fields = fields;
    this.fault = fault(method, fields);
  }

  /**
   * Returns the opening that a request is; null for every other request: one of HTTP/1.0 or HTTP/2,
   * or that asks for another protocol, which servers ignore (RFC 9110, section 7.8).
   */
  public static @Nullable Opening of(String method, HttpVersion version, HttpFields fields) {
    HttpField upgrade = fields.getField(HttpHeader.UPGRADE);
    return upgrade != null
            && version == HttpVersion.HTTP_1_1
            && fields.contains(HttpHeader.UPGRADE, PROTOCOL)
            && fields.contains(HttpHeader.CONNECTION, UPGRADE)
        ? new Opening(method, fields)
        : null;
  }

  /** Returns what is wrong with it; null when it may be sent on. */
  public @Nullable Fault fault() {
    return fault;
  }

  /** Adds to a request or an answer what only its own connection says. */
  public static void addTo(HttpFields.Mutable out) {
    out.add(HttpHeader.UPGRADE, PROTOCOL);
    out.add(HttpHeader.CONNECTION, UPGRADE);
  }

  /** Returns what is wrong with the fields of a 101 that answers this; null when it is accepted. */
  public @Nullable String faultOf(HttpFields answer) {
    String upgrade = only(answer, HttpHeader.UPGRADE);
    if (!PROTOCOL.equalsIgnoreCase(upgrade)) {
      return "another protocol than WebSocket";
    }
    if (!answer.contains(HttpHeader.CONNECTION, UPGRADE)) {
      return "no Connection: Upgrade";
    }
    if (!accept().equals(only(answer, HttpHeader.SEC_WEBSOCKET_ACCEPT))) {
      return "a wrong Sec-WebSocket-Accept";
    }
    if (answer.contains(HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL)) {
      String chosen = only(answer, HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL);
      if (chosen == null || !list(fields, HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL).contains(chosen)) {
        return "a subprotocol nobody asked for";
      }
    }
    List<String> asked = extensions(fields);
    return extensions(answer).stream().allMatch(asked::contains)
        ? null
        : "an extension nobody asked for";
  }

  private static @Nullable Fault fault(String method, HttpFields fields) {
    if (!HttpMethod.GET.is(method)) {
      return new Fault(400, "a WebSocket connection is opened with GET, not " + method);
    }
    if (fields.contains(HttpHeader.TRANSFER_ENCODING)
        || fields.getLongField(HttpHeader.CONTENT_LENGTH) > 0) {
      return new Fault(400, "the request that opens a WebSocket connection has no content");
    }
    if (!VERSION.equals(only(fields, HttpHeader.SEC_WEBSOCKET_VERSION))) {
      return new Fault(426, "this gateway speaks WebSocket version " + VERSION + " only");
    }
    String key = only(fields, HttpHeader.SEC_WEBSOCKET_KEY);
    return key != null && isKey(key)
        ? null
        : new Fault(400, "Sec-WebSocket-Key must be there once, with 16 octets in Base64");
  }

  private static boolean isKey(String key) {
    try {
      return key.length() == KEY_LENGTH && Base64.getDecoder().decode(key).length == KEY_OCTETS;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private String accept() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-1")
              .digest((only(fields, HttpHeader.SEC_WEBSOCKET_KEY) + GUID).getBytes(US_ASCII));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  /** Returns the names of extensions, without their parameters. */
  private static List<String> extensions(HttpFields fields) {
    return list(fields, HttpHeader.SEC_WEBSOCKET_EXTENSIONS).stream()
        .map(extension -> extension.split(";", 2)[0].strip())
        .filter(Predicate.not(String::isEmpty))
        .toList();
  }

  private static List<String> list(HttpFields fields, HttpHeader name) {
    return fields.getCSV(name, false);
  }

  /** Returns the value of a field that is there exactly once; null otherwise. */
  private static @Nullable String only(HttpFields fields, HttpHeader name) {
    String value = null;
    for (HttpField field : fields) {
      if (field.getHeader() == name) {
        if (value != null) {
          return null;
        }
        value = field.getValue();
      }
    }
    return value;
  }
}
