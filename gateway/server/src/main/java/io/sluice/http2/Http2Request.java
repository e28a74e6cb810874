package io.sluice.http2;

import io.sluice.upstream.RequestHead;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.MetaData;

/**
 * Says the head of a request as HTTP/2 does: method, target and Host in pseudo-fields, and none of
 * the fields that belong to a connection of HTTP/1.1 (RFC 9113, sections 8.2.2 and 8.3.1).
 */
final class Http2Request {

  /** What each field counts beside its name and value (RFC 9113, section 6.5.2). */
  private static final int FIELD = 32;

  private static final String PSEUDO_FIELDS = ":method:scheme:authority:path";

  private Http2Request() {}

  /**
   * Returns the head.
   *
   * @throws IllegalArgumentException when the target or Host cannot be said in HTTP/2
   */
  static MetaData.Request of(RequestHead head, String scheme, String upstream) {
    HttpFields.Mutable fields = HttpFields.build();
    String authority = upstream;
    for (HttpField field : head.fields()) {
      if (field.getHeader() == HttpHeader.HOST) {
        authority = field.getValue();
      } else if (isForAnyConnection(field)) {
        fields.add(field);
      }
    }
    HttpURI uri = HttpURI.build().scheme(scheme).authority(authority).pathQuery(head.target());
    return new MetaData.Request(
        head.method(), uri, HttpVersion.HTTP_2, fields, head.contentLength());
  }

  /** Returns how large the upstream will count the section of fields to be. */
  static long size(MetaData.Request request) {
    HttpURI uri = request.getHttpURI();
    long size =
        PSEUDO_FIELDS.length()
            + 4L * FIELD
            + request.getMethod().length()
            + uri.getScheme().length()
            + uri.getAuthority().length()
            + uri.getPathQuery().length();
    for (HttpField field : request.getHttpFields()) {
      String value = field.getValue();
      size += FIELD + field.getName().length() + (value == null ? 0 : value.length());
    }
    return size;
  }

  private static boolean isForAnyConnection(HttpField field) {
    HttpHeader header = field.getHeader();
    if (header == null) {
      return true;
    }
    return switch (header) {
      case CONNECTION, KEEP_ALIVE, PROXY_CONNECTION, TRANSFER_ENCODING, UPGRADE, HTTP2_SETTINGS ->
          false;
      case TE -> field.contains("trailers");
      default -> true;
    };
  }
}
