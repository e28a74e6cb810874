package io.sluice.proxy;

import io.sluice.identity.Identity;
import io.sluice.request.IpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/**
 * Makes the upstream request's fields of the client's: the same fields in the same order, less what
 * belongs to the client's connection and what only the gateway may say, plus the gateway's own.
 *
 * <p>Ours are added last, so nothing a client names in {@code Connection} can remove them.
 * Immutable and thread-safe.
 */
final class RequestFields {

  private static final HttpField CHUNKED = new HttpField(HttpHeader.TRANSFER_ENCODING, "chunked");
  private static final HttpField EMPTY = new HttpField(HttpHeader.CONTENT_LENGTH, "0");

  private static final HttpField TAKES_TRAILERS = new HttpField(HttpHeader.TE, "trailers");

  private final String userHeader;
  private final String rolesHeader;
  private final Set<String> ours;
  private final boolean via;
  private final String upstream;

  /**
   * Creates a writer.
   *
   * @param upstream host and port that stand in Host where an HTTP/1.0 client names none
   */
  RequestFields(ForwardSettings settings, String upstream) {
    this.upstream = upstream;
    this.userHeader = settings.userHeader();
    this.rolesHeader = settings.rolesHeader();
    this.via = settings.via();
    this.ours =
        Set.copyOf(List.of(lower(userHeader), lower(rolesHeader), "forwarded", "expect", "proxy"));
  }

  /**
   * Adds the fields to {@code out}.
   *
   * @param identity who is calling; null when nobody looked
   * @param body the content; null when there is none
   */
  void write(
      Request request,
      @Nullable Identity identity,
      @Nullable RequestBody body,
      HttpFields.Mutable out) {
    HttpFields received = request.getHeaders();
    Set<String> hop = HopByHop.in(received);
    boolean trusted = identity != null && identity.peerTrusted();
    String host = host(request);
    if (!received.contains(HttpHeader.HOST)) {
      out.add(HttpHeader.HOST, host == null ? upstream : host);
    }
    for (HttpField field : received) {
      String name = field.getLowerCaseName();
      if (!hop.contains(name) && !isOurs(name.replace('_', '-'), trusted)) {
        out.add(field);
      } else if (field.getHeader() == HttpHeader.TE && field.contains("trailers")) {
        out.add(TAKES_TRAILERS);
      }
    }
    if (body != null && body.getLength() < 0) {
      out.add(CHUNKED);
    } else if (body == null && !out.contains(HttpHeader.CONTENT_LENGTH) && meansContent(request)) {
      out.add(EMPTY);
    }
    new ForwardedChain(peer(request), scheme(request), Request.getServerPort(request), host)
        .write(received, out, identity);
    writeIdentity(identity, out);
    if (via) {
      Via.append(received, out, request.getConnectionMetaData().getHttpVersion());
    }
  }

  /** Servers of the CGI family read {@code X_User_Id} as X-User-Id, so underscores are dashes. */
  private boolean isOurs(String name, boolean trusted) {
    if (name.startsWith("x-forwarded-")) {
      return !trusted || isRewritten(name);
    }
    return ours.contains(name) || (!trusted && name.equals("x-real-ip")) || (via && isVia(name));
  }

  private static boolean isRewritten(String name) {
    return switch (name) {
      case "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-port" -> true;
      default -> false;
    };
  }

  /** With these methods a server may insist on a length (RFC 9110, section 8.6). */
  private static boolean meansContent(Request request) {
    return switch (request.getMethod()) {
      case "POST", "PUT", "PATCH" -> true;
      default -> false;
    };
  }

  private static boolean isVia(String name) {
    return name.equals("via");
  }

  /** An identity holds proven facts only, whether a trusted proxy or an API key proved them. */
  private void writeIdentity(@Nullable Identity identity, HttpFields.Mutable out) {
    if (identity == null) {
      return;
    }
    if (identity.user() != null) {
      out.add(userHeader, identity.user());
    }
    if (!identity.roles().isEmpty()) {
      out.add(rolesHeader, identity.roles().stream().sorted().reduce((a, b) -> a + "," + b).get());
    }
  }

  /** Returns the client's Host as sent; HTTP/2 says it in :authority. */
  private static @Nullable String host(Request request) {
    String host = request.getHeaders().get(HttpHeader.HOST);
    if (host != null) {
      return host.isEmpty() ? null : host;
    }
    // In HTTP/1.0 a host may be missing; the URI then names our own address.
    return request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_2
        ? request.getHttpURI().getAuthority()
        : null;
  }

  private static String scheme(Request request) {
    return request.getConnectionMetaData().isSecure() ? "https" : "http";
  }

  private static @Nullable InetAddress peer(Request request) {
    SocketAddress address = request.getConnectionMetaData().getRemoteSocketAddress();
    if (!(address instanceof InetSocketAddress inet) || inet.getAddress() == null) {
      return null;
    }
    // Through the literal, so that a mapped address and a zone read as everywhere else.
    InetAddress parsed = IpAddress.parse(inet.getAddress().getHostAddress());
    return parsed == null ? inet.getAddress() : parsed;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }
}
