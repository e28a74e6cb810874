package io.sluice.proxy;

import java.util.Set;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;

/**
 * Tells which fields may stand after the content. Whoever receives trailers may merge them into the
 * head, where they were never looked at; so nothing passes that frames, routes, authenticates or
 * steers a message (RFC 9110, section 6.5.1), or that only the gateway may say.
 */
final class TrailerFields {

  private static final Set<String> NEVER =
      Set.of(
          "age",
          "authentication-info",
          "authorization",
          "cache-control",
          "content-encoding",
          "content-length",
          "content-range",
          "content-type",
          "cookie",
          "date",
          "expect",
          "expires",
          "forwarded",
          "host",
          "location",
          "max-forwards",
          "origin",
          "pragma",
          "proxy",
          "range",
          "ratelimit",
          "ratelimit-policy",
          "retry-after",
          "set-cookie",
          "sec-fetch-site",
          "vary",
          "via",
          "warning",
          "www-authenticate",
          "x-http-method-override",
          "x-real-ip");

  private TrailerFields() {}

  /** Returns the trailers that may go on. */
  static HttpFields passed(
      HttpFields trailers, Set<String> hopByHop, Predicate<? super String> ours) {
    HttpFields.Mutable passed = HttpFields.build();
    for (HttpField field : trailers) {
      String name = field.getLowerCaseName();
      if (!hopByHop.contains(name) && !isForbidden(name.replace('_', '-')) && !ours.test(name)) {
        passed.add(field);
      }
    }
    return passed;
  }

  /** Returns whether trailers can reach the client: HTTP/1.1 has to say that it keeps them. */
  static boolean areKnownTo(Request client) {
    HttpVersion version = client.getConnectionMetaData().getHttpVersion();
    return version == HttpVersion.HTTP_1_1
        ? isAskedFor(client.getHeaders())
        : version == HttpVersion.HTTP_2;
  }

  /** Returns whether a request says {@code TE: trailers} (RFC 9110, section 10.1.4). */
  static boolean isAskedFor(HttpFields fields) {
    for (HttpField field : fields) {
      if (field.getHeader() == HttpHeader.TE && field.contains("trailers")) {
        return true;
      }
    }
    return false;
  }

  /** Servers of the CGI family read underscores as dashes, so both are one name. */
  private static boolean isForbidden(String name) {
    return NEVER.contains(name)
        || name.startsWith("if-")
        || name.startsWith("x-forwarded-")
        || name.startsWith("x-ratelimit-")
        || name.startsWith("access-control-");
  }
}
