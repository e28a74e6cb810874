package io.sluice.app;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.BufferUtil;

/**
 * Reads HTTP/1 requests by the letter where Jetty's parser is lenient and no setting makes it
 * strict: transfer codings other than chunked, any coding in HTTP/1.0, chunks that end before their
 * trailers do, the version's case, and other schemes in an absolute target (RFC 9112, sections 2.3,
 * 3.2, 6.1 and 7.1). What is refused so ends the connection, because nobody can say where the next
 * request begins.
 */
final class StrictConnection extends HttpConnection {

  private StrictConnection(HttpConfiguration http, Connector connector, EndPoint endPoint) {
    super(http, connector, endPoint);
  }

  /** Returns what makes such connections. */
  static HttpConnectionFactory factory(HttpConfiguration http) {
    return new HttpConnectionFactory(http) {
      @Override
      public Connection newConnection(Connector connector, EndPoint endPoint) {
        return configure(new StrictConnection(http, connector, endPoint), connector, endPoint);
      }
    };
  }

  @Override
  protected HttpConnection.RequestHandler newRequestHandler() {
    return new StrictHandler();
  }

  @Override
  protected HttpParser newHttpParser(HttpCompliance compliance) {
    // The handler is known to the plain parser only: this runs in the constructor of Jetty's class.
    var handler = (HttpParser.RequestHandler) super.newHttpParser(compliance).getHandler();
    HttpConfiguration http = getHttpConfiguration();
    HttpParser parser = new StrictParser(handler, http.getRequestHeaderSize(), compliance);
    parser.setHeaderCacheSize(http.getHeaderCacheSize());
    parser.setHeaderCacheCaseSensitive(http.isHeaderCacheCaseSensitive());
    return parser;
  }

  private static HttpException.RuntimeException refused(int status, String reason) {
    return new HttpException.RuntimeException(status, reason);
  }

  /** Lets its handler look back at the line that has just been read. */
  private static final class StrictParser extends HttpParser {

    private static final byte[] NAME = {'H', 'T', 'T', 'P', '/'};

    /** What stands between the name of the version and the end of its line. */
    private static final int AFTER_NAME = "1.1\r\n".length();

    private ByteBuffer reading = BufferUtil.EMPTY_BUFFER;

    StrictParser(HttpParser.RequestHandler handler, int maxHeaderSize, HttpCompliance compliance) {
      super(handler, maxHeaderSize, compliance);
    }

    @Override
    public boolean parseNext(ByteBuffer octets) {
      reading = octets;
      try {
        return super.parseNext(octets);
      } finally {
        reading = BufferUtil.EMPTY_BUFFER;
      }
    }

    /** Returns whether the version is in capitals, as far as it has arrived with its line end. */
    boolean isVersionExact() {
      int start = reading.position() - AFTER_NAME - NAME.length;
      for (int i = 0; i < NAME.length; i++) {
        if (start + i >= 0 && reading.get(start + i) != NAME[i]) {
          return false;
        }
      }
      return true;
    }
  }

  private final class StrictHandler extends HttpConnection.RequestHandler {

    private boolean http10;
    private boolean coded;
    private boolean cut;

    @Override
    public void startRequest(String method, String uri, HttpVersion version) {
      if (!((StrictParser) getParser()).isVersionExact()) {
        throw refused(HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505, "Unknown Version");
      }
      if (uri.indexOf("://") > 0 && uri.charAt(0) != '/' && !isHttp(uri)) {
        throw refused(HttpStatus.BAD_REQUEST_400, "Bad Scheme");
      }
      http10 = version == HttpVersion.HTTP_1_0;
      coded = false;
      cut = false;
      super.startRequest(method, uri, version);
    }

    @Override
    public void parsedHeader(HttpField field) {
      if (field.getHeader() == HttpHeader.TRANSFER_ENCODING) {
        if (http10 || coded) {
          throw refused(HttpStatus.BAD_REQUEST_400, "Bad Transfer-Encoding");
        }
        if (!HttpHeaderValue.CHUNKED.is(field.getValue())) {
          throw refused(HttpStatus.NOT_IMPLEMENTED_501, "Unknown Transfer-Encoding");
        }
        coded = true;
      }
      super.parsedHeader(field);
    }

    /** The parser takes the end of the connection for the end of the trailers. */
    @Override
    public boolean contentComplete() {
      cut = getParser().isAtEOF() && getParser().isChunking();
      return super.contentComplete();
    }

    @Override
    public boolean messageComplete() {
      if (cut) {
        earlyEOF();
        return false;
      }
      return super.messageComplete();
    }

    private static boolean isHttp(String uri) {
      return uri.regionMatches(true, 0, "http://", 0, 7)
          || uri.regionMatches(true, 0, "https://", 0, 8);
    }
  }
}
