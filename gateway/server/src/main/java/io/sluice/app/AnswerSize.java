package io.sluice.app;

import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.server.ConnectionMetaData;

/**
 * Looks whether a client of HTTP/2 takes fields as large as these. Jetty would end the connection,
 * with everybody's answers on it, where only one cannot be sent.
 */
final class AnswerSize {

  /** What each field counts beside its name and value (RFC 9113, section 6.5.2). */
  private static final int FIELD = 32;

  /** :status and its value. */
  private static final int STATUS = FIELD + 10;

  private AnswerSize() {}

  static boolean isTooLarge(ConnectionMetaData connection, HttpFields fields) {
    long size = STATUS;
    for (HttpField field : fields) {
      String value = field.getValue();
      size += FIELD + field.getName().length() + (value == null ? 0 : value.length());
    }
    HTTP2Connection http2 = (HTTP2Connection) connection.getConnection();
    return size > http2.getSession().getGenerator().getHpackEncoder().getMaxHeaderListSize();
  }
}
