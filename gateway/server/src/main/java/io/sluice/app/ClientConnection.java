package io.sluice.app;

import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.internal.HttpConnection;

/**
 * An HTTP/1 connection of a client: it reads requests by the letter ({@link StrictReading}) and
 * knows how to end when the {@link ClientSweep} cuts it.
 */
final class ClientConnection extends HttpConnection {

  ClientConnection(HttpConfiguration http, Connector connector, EndPoint client) {
    super(http, connector, client);
  }

  // Runs in the constructor of Jetty's class, as does the next: no field of this class is set yet.
  @Override
  protected RequestHandler newRequestHandler() {
    return new StrictHandler();
  }

  @Override
  protected HttpParser newHttpParser(HttpCompliance compliance) {
    // The handler is known to the plain parser only.
    var handler = (HttpParser.RequestHandler) super.newHttpParser(compliance).getHandler();
    HttpConfiguration http = getHttpConfiguration();
    HttpParser parser = new StrictParser(handler, http.getRequestHeaderSize(), compliance);
    parser.setHeaderCacheSize(http.getHeaderCacheSize());
    parser.setHeaderCacheCaseSensitive(http.isHeaderCacheCaseSensitive());
    return parser;
  }

  @Override
  public void onFillInterestedFailed(Throwable cause) {
    if (cause instanceof CutException cut) {
      cutOff(cut);
    } else {
      super.onFillInterestedFailed(cause);
    }
  }

  /** A cut reaches it only while it waits for octets, so nothing else is under way. */
  private void cutOff(CutException cut) {
    HttpParser parser = getParser();
    boolean begun = !parser.isStart();
    parser.close();
    if (begun) {
      parser
          .getHandler()
          .badMessage(
              new HttpException.RuntimeException(HttpStatus.REQUEST_TIMEOUT_408, cut.getMessage()));
    } else {
      close();
    }
  }

  private final class StrictHandler extends RequestHandler {

    private final StrictReading reading = new StrictReading();

    @Override
    public void startRequest(String method, String uri, HttpVersion version) {
      reading.begins((StrictParser) getParser(), uri, version);
      super.startRequest(method, uri, version);
    }

    @Override
    public void parsedHeader(HttpField field) {
      reading.field(field);
      super.parsedHeader(field);
    }

    @Override
    public boolean contentComplete() {
      reading.contentEnds(getParser());
      return super.contentComplete();
    }

    @Override
    public boolean messageComplete() {
      if (reading.isCut()) {
        earlyEOF();
        return false;
      }
      return super.messageComplete();
    }
  }
}
