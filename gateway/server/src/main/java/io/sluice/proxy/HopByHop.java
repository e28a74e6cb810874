package io.sluice.proxy;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;

/** Tells the fields that belong to one connection only (RFC 9110, section 7.6.1). */
final class HopByHop {

  private static final Set<String> FIXED =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authentication-info",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  /** A peer may name these in Connection, and must not: the message would change its meaning. */
  private static final Set<String> NEVER = Set.of("host", "content-length", "content-type");

  private HopByHop() {}

  /** Returns the lower-case names of the fields that must not go on, fixed ones and named ones. */
  static Set<String> in(HttpFields fields) {
    if (!fields.contains(HttpHeader.CONNECTION)) {
      return FIXED;
    }
    Set<String> names = new HashSet<>(FIXED);
    for (HttpField field : fields) {
      if (field.getHeader() == HttpHeader.CONNECTION && field.getValue() != null) {
        for (String option : field.getValue().split(",", -1)) {
          names.add(option.strip().toLowerCase(Locale.ROOT));
        }
      }
    }
    names.removeAll(NEVER);
    return names;
  }
}
