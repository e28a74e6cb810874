package io.sluice.app;

import java.util.List;
import java.util.function.Consumer;
import org.eclipse.jetty.http2.ErrorCode;
import org.eclipse.jetty.http2.HTTP2Session;
import org.eclipse.jetty.http2.SessionContainer;
import org.eclipse.jetty.http2.api.Stream;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.http2.frames.ResetFrame;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.util.Callback;

/** The HTTP/2 connections that clients of some listeners hold. Thread-safe. */
final class Http2Sessions {

  private final List<? extends Connector> listeners;

  Http2Sessions(List<? extends Connector> listeners) {
    this.listeners = listeners;
  }

  /** Returns how many streams are open. */
  int streams() {
    int[] count = {0};
    forEach(session -> count[0] += session.getStreamCount());
    return count[0];
  }

  /** Asks clients to open no more streams. Those that they open nevertheless are served. */
  void discourage() {
    forEach(session -> session.frames(null, List.of(GoAwayFrame.GRACEFUL), Callback.NOOP));
  }

  /** Tells clients which stream was the last, once none is open. */
  @SuppressWarnings("FutureReturnValueIgnored") // whoever waits looks at the connections
  void sayGoodbye() {
    forEach(HTTP2Session::shutdown);
  }

  /** Closes those that have no stream and have been silent for so long. */
  void closeIdle(long silentMillis) {
    forEach(session -> {
      if (session.getStreamCount() == 0
          && session.getEndPoint() instanceof AbstractEndPoint client
          && client.getIdleFor() >= silentMillis) {
        client.close();
      }
    });
  }

  void close(Throwable cause) {
    forEach(session -> session.getEndPoint().close(cause));
  }

  /**
   * Resets the streams of clients that have left. Jetty does so itself, except where the client had
   * announced the end of its connection: then it lets the answers to whole requests be awaited,
   * although nobody can receive them.
   */
  void resetAbandoned() {
    forEach(session -> {
      if (session.getEndPoint().isInputShutdown()) {
        for (Stream stream : session.getStreams()) {
          ResetFrame reset = new ResetFrame(stream.getId(), ErrorCode.CANCEL_STREAM_ERROR.code);
          listeners.get(0).getExecutor().execute(() -> session.onReset(reset));
        }
      }
    });
  }

  private void forEach(Consumer<HTTP2Session> action) {
    listeners.stream()
        .flatMap(listener -> listener.getConnectionFactories().stream())
        .filter(AbstractHTTP2ServerConnectionFactory.class::isInstance)
        .map(AbstractHTTP2ServerConnectionFactory.class::cast)
        .map(http2 -> http2.getBean(SessionContainer.class))
        .flatMap(sessions -> sessions.getSessions().stream())
        .forEach(session -> action.accept((HTTP2Session) session));
  }
}
