package io.sluice.app;

import io.sluice.proxy.ClientCut;
import org.eclipse.jetty.http.HttpParser;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.NegotiatingServerConnection;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** What a client's connection is doing, as it can be seen from outside. */
enum ClientPhase {
  /** Nothing of a first request has come. */
  SILENT,
  /** The head of a request is coming. */
  HEAD,
  /** Between two requests. */
  RESTING,
  /** A request is being served. */
  BUSY,
  /** Of another kind, say a tunnel. */
  OTHER;

  private static ClientPhase of(@Nullable Connection connection) {
    if (connection instanceof HttpConnection http) {
      return of(http);
    }
    if (connection instanceof HTTP2Connection http2) {
      HTTP2Session session = http2.getSession();
      if (session.getStreamCount() > 0 || !session.getStreams().isEmpty()) {
        return BUSY;
      }
      return http2.getMessagesIn() == 0 ? SILENT : RESTING;
    }
    return connection instanceof SslConnection || connection instanceof NegotiatingServerConnection
        ? SILENT
        : OTHER;
  }

  private static ClientPhase of(HttpConnection http) {
    HttpParser.State state = http.getParser().getState();
    if (state == HttpParser.State.START) {
      return http.getMessagesIn() == 0 ? SILENT : RESTING;
    }
    return state.compareTo(HttpParser.State.CONTENT) < 0 ? HEAD : BUSY;
  }

  /** The connection that speaks HTTP, inside of TLS where there is any. */
  private static @Nullable Connection innermost(EndPoint endPoint) {
    Connection connection = endPoint.getConnection();
    while (connection instanceof SslConnection tls
        && tls.getSslEndPoint().getConnection() != null) {
      connection = tls.getSslEndPoint().getConnection();
    }
    return connection;
  }

  /** The phase of one connection and since when it lasts; for one thread. */
  static final class Since {

    private final EndPoint endPoint;
    private ClientPhase phase = SILENT;
    private long requests;
    private long since;
    private boolean dismissed;

    Since(EndPoint endPoint, long now) {
      this.endPoint = endPoint;
      this.since = now;
    }

    ClientPhase phase() {
      return phase;
    }

    /** Looks at the connection again. */
    ClientPhase look(long now) {
      Connection connection = innermost(endPoint);
      ClientPhase seen = ClientPhase.of(connection);
      long count = connection == null ? 0 : connection.getMessagesIn();
      boolean firstHead = seen == HEAD && phase == SILENT && count == 0;
      if (count != requests || (seen != phase && !firstHead)) {
        since = now;
      }
      phase = seen;
      requests = count;
      return seen;
    }

    /** Returns for how many nanoseconds the phase has lasted, as far as was seen. */
    long nanos(long now) {
      return now - since;
    }

    /** Ends the connection, unless it has just begun to do something; returns whether it did. */
    boolean cut(ClientCut reason) {
      Connection connection = innermost(endPoint);
      if (connection instanceof HttpConnection http) {
        return http.getEndPoint() instanceof AbstractEndPoint waiting
            && waiting.getFillInterest().onFail(new CutException(reason));
      }
      if (connection instanceof HTTP2Connection http2 && !dismissed) {
        dismissed = true;
        return http2.getSession().close(ErrorCode.NO_ERROR.code, "idle", Callback.NOOP);
      }
      // One that is not ready for a farewell, or did not go after it.
      endPoint.close();
      return !dismissed;
    }
  }
}
