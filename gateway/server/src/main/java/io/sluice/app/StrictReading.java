package io.sluice.app;

import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;

/**
 * Reads the requests of one HTTP/1 connection by the letter where Jetty's parser is lenient and no
 * setting makes it strict: transfer codings other than chunked, any coding in HTTP/1.0, chunks that
 * end before their trailers do, the version's case, and other schemes in an absolute target (RFC
 * 9112, sections 2.3, 3.2, 6.1 and 7.1). What is refused so ends the connection, because nobody can
 * say where the next request begins. Not thread-safe: for whoever parses.
 */
final class StrictReading {

  private boolean http10;
  private boolean coded;
  private boolean cut;

  /**
   * A request begins.
   *
   * @throws HttpException.RuntimeException when it is refused
   */
  void begins(StrictParser parser, String uri, HttpVersion version) {
    if (!parser.isVersionExact()) {
      throw refused(HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505, "Unknown Version");
    }
    if (uri.indexOf("://") > 0 && uri.charAt(0) != '/' && !isHttp(uri)) {
      throw refused(HttpStatus.BAD_REQUEST_400, "Bad Scheme");
    }
    http10 = version == HttpVersion.HTTP_1_0;
    coded = false;
    cut = false;
  }

  /**
   * A field of its head has been read.
   *
   * @throws HttpException.RuntimeException when the request is refused for it
   */
  void field(HttpField field) {
    if (field.getHeader() != HttpHeader.TRANSFER_ENCODING) {
      return;
    }
    if (http10 || coded) {
      throw refused(HttpStatus.BAD_REQUEST_400, "Bad Transfer-Encoding");
    }
    if (!HttpHeaderValue.CHUNKED.is(field.getValue())) {
      throw refused(HttpStatus.NOT_IMPLEMENTED_501, "Unknown Transfer-Encoding");
    }
    coded = true;
  }

  /** Its content is over: the parser takes the end of the connection for that of the trailers. */
  void contentEnds(HttpParser parser) {
    cut = parser.isAtEOF() && parser.isChunking();
  }

  /** Returns whether the connection ended before the request did. */
  boolean isCut() {
    return cut;
  }

  private static boolean isHttp(String uri) {
    return uri.regionMatches(true, 0, "http://", 0, 7)
        || uri.regionMatches(true, 0, "https://", 0, 8);
  }

  private static HttpException.RuntimeException refused(int status, String reason) {
    return new HttpException.RuntimeException(status, reason);
  }
}
