package io.sluice.app;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.QuietException;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.BufferUtil;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/1 connection of a client. It reads requests by the letter ({@link StrictReading}); knows
 * which exchange it carries, so that a client's leaving is noticed while nothing is read from it;
 * can be closed while idle without losing a request that has just arrived; and knows how to end
 * when the {@link ClientSweep} cuts it. Thread-safe.
 */
final class ClientConnection extends HttpConnection {

  private final ClientConnections all;
  private volatile @Nullable ExchangeStream carried;

  ClientConnection(
      ClientConnections all, HttpConfiguration http, Connector connector, AbstractEndPoint client) {
    super(http, connector, client);
    this.all = all;
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
  public void onOpen() {
    all.opened(this);
    super.onOpen();
  }

  @Override
  public void onClose(Throwable cause) {
    all.closed(this);
    super.onClose(cause);
  }

  @Override
  public AbstractEndPoint getEndPoint() {
    return (AbstractEndPoint) super.getEndPoint();
  }

  ClientConnections all() {
    return all;
  }

  /** An exchange begins. */
  void carry(ExchangeStream exchange) {
    carried = exchange;
  }

  /** The exchange has ended. */
  void setDown() {
    carried = null;
  }

  boolean isCarrying() {
    return carried != null;
  }

  /** Has the exchange watched for its client's leaving, where it began before that time. */
  void watch(long begunBefore) {
    ExchangeStream exchange = carried;
    if (exchange != null) {
      exchange.watch(begunBefore);
    }
  }

  /** Returns whether the request of the exchange has been read whole. */
  boolean isRequestRead() {
    return getParser().isState(HttpParser.State.END);
  }

  /** Gives back an octet of the next request, which was read before its time. */
  void unread(byte octet) {
    onUpgradeTo(ByteBuffer.wrap(new byte[] {octet}));
  }

  /**
   * An answer is about to be sent: the last on this connection if the gateway stops, and it says
   * so. A 101 is neither the last nor followed by another; whatever the client asked for, there is
   * nothing to close.
   */
  void answering(int status) {
    if (status == HttpStatus.SWITCHING_PROTOCOLS_101) {
      getGenerator().setPersistent(true);
    } else if (all.isDraining()) {
      getGenerator().setPersistent(false);
    }
  }

  /**
   * Closes the connection if it waits for a next request and has been silent for so long. A request
   * that arrives just now is served.
   */
  void closeIfIdle(long silentMillis) {
    if (isIdle() && getEndPoint().getIdleFor() >= silentMillis) {
      // Succeeds only while nobody else has been told of octets; then we are the only reader.
      getEndPoint().getFillInterest().onFail(new LastLook());
    }
  }

  @Override
  public void onFillInterestedFailed(Throwable cause) {
    if (cause instanceof LastLook) {
      lookAndClose();
    } else if (cause instanceof CutException cut) {
      cutOff(cut);
    } else {
      super.onFillInterestedFailed(cause);
    }
  }

  private void lookAndClose() {
    ByteBuffer one = BufferUtil.allocate(1);
    try {
      if (!isIdle()) {
        fillInterested();
      } else if (getEndPoint().fill(one) > 0 && !getEndPoint().isOutputShutdown()) {
        onUpgradeTo(one);
        getExecutor().execute(this);
      } else {
        getEndPoint().close();
      }
    } catch (IOException e) {
      getEndPoint().close(e);
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

  /** Breaks off what is under way, so that no client takes its part for the whole. */
  void breakOff(Throwable cause) {
    if (getHttpVersion() == HttpVersion.HTTP_1_0
        && getEndPoint().getTransport() instanceof SocketChannel socket) {
      try {
        socket.setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (IOException closedAlready) {
        // Then the client has seen the end.
      }
    }
    getEndPoint().close(cause);
  }

  /** Nothing of a next request has come, or the answer before has been the last. */
  private boolean isIdle() {
    return carried == null && (getParser().isStart() || getParser().isTerminated());
  }

  /** Takes the place of whoever waited for octets, for a last look at an idle connection. */
  private static final class LastLook extends IOException implements QuietException {

    private static final long serialVersionUID = 1L;
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
