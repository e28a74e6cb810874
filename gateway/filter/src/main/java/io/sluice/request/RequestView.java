package io.sluice.request;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The narrow view of a request that identifying, matching and keying need.
 *
 * <p>Implementations may be backed by a live servlet request, so a view is used only while its
 * request is, and by one thread at a time.
 */
public interface RequestView {

  /** Returns the method exactly as sent; methods are case-sensitive (RFC 9110, section 9.1). */
  String method();

  /** Returns the canonical path, the one spelling that is matched and forwarded. */
  CanonicalPath path();

  /** Returns the host the client asked for, lower case, without port; empty when it named none. */
  String host();

  /** Returns all values of the header field in the order received; empty when absent. */
  List<String> headers(String name);

  /** Returns the first value of the query parameter, decoded; null when absent. */
  @Nullable String query(String name);

  /** Returns the value of the cookie; null when absent. */
  @Nullable String cookie(String name);

  /** Returns the address of the transport peer as an IP literal, never a forwarded one. */
  String peer();

  /** Returns the first value of the header field, or null when the request lacks it. */
  default @Nullable String header(String name) {
    List<String> values = headers(name);
    return values.isEmpty() ? null : values.get(0);
  }
}
