package io.sluice.proxy;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.jspecify.annotations.Nullable;

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

  /** What most connections say, and what names no other field than the fixed ones. */
  private static final String KEEP_ALIVE = "keep-alive";

  /** A peer may name these in Connection, and must not: the message would change its meaning. */
  private static final Set<String> NEVER = Set.of("host", "content-length", "content-type");

  private HopByHop() {}

  /** Returns the lower-case names of the fields that must not go on, fixed ones and named ones. */
  static Set<String> in(HttpFields fields) {
    if (!fields.contains(HttpHeader.CONNECTION) || KEEP_ALIVE.equals(only(fields))) {
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

  /** Returns the value of the only Connection field; null when there are several. */
  private static @Nullable String only(HttpFields fields) {
    String value = null;
    for (HttpField field : fields) {
      if (field.getHeader() == HttpHeader.CONNECTION) {
        if (value != null) {
          return null;
        }
        value = field.getValue();
      }
    }
    return value;
  }
}
