package io.sluice.filter;

import io.sluice.request.CanonicalPath;
import io.sluice.request.RequestView;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A view of a live servlet request. Reads only the request line and fields, and only when asked:
 * never parameters, because a container reads the body of a form to find them.
 */
public final class ServletRequestView implements RequestView {

  private final HttpServletRequest request;
  private final CanonicalPath path;
  private @Nullable String host;

  /**
   * Creates a view.
   *
   * @param path the canonical path of the request
   */
  public ServletRequestView(HttpServletRequest request, CanonicalPath path) {
    this.request = request;
    this.path = path;
  }

  @Override
  public String method() {
    return request.getMethod();
  }

  @Override
  public CanonicalPath path() {
    return path;
  }

  @Override
  public String host() {
    if (host == null) {
      host = readHost();
    }
    return host;
  }

  @Override
  public List<String> headers(String name) {
    return Collections.list(request.getHeaders(name));
  }

  @Override
  public @Nullable String header(String name) {
    return request.getHeader(name);
  }

  @Override
  public @Nullable String query(String name) {
    String query = request.getQueryString();
    int start = 0;
    while (query != null && start < query.length()) {
      int ampersand = query.indexOf('&', start);
      int end = ampersand < 0 ? query.length() : ampersand;
      int equals = query.indexOf('=', start);
      int nameEnd = equals < 0 || equals > end ? end : equals;
      if (decode(query.substring(start, nameEnd)).equals(name)) {
        return decode(query.substring(Math.min(nameEnd + 1, end), end));
      }
      start = end + 1;
    }
    return null;
  }

  @Override
  public @Nullable String cookie(String name) {
    for (String line : headers("Cookie")) {
      for (String pair : line.split(";", -1)) {
        int equals = pair.indexOf('=');
        if (equals >= 0 && pair.substring(0, equals).strip().equals(name)) {
          return unquote(pair.substring(equals + 1).strip());
        }
      }
    }
    return null;
  }

  @Override
  public String peer() {
    String address = request.getRemoteAddr();
    return address == null ? "" : address;
  }

  /**
   * Containers name themselves where an HTTP/1.0 request names no host, which must not count; in
   * HTTP/2 the authority is the name (RFC 9113, section 8.3.1). The dot that ends a full name is
   * dropped, so that it leads past no policy.
   */
  private String readHost() {
    boolean named = request.getHeader("Host") != null || request.getProtocol().startsWith("HTTP/2");
    String name = named ? request.getServerName() : null;
    if (name == null) {
      return "";
    }
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    return bare.toLowerCase(Locale.ROOT);
  }

  /** Decodes as forms do; text with a broken escape stands for itself. */
  private static String decode(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
      return text;
    }
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  private static String unquote(String value) {
    int last = value.length() - 1;
    boolean quoted = last >= 1 && value.charAt(0) == '"' && value.charAt(last) == '"';
    return quoted ? value.substring(1, last) : value;
  }
}
