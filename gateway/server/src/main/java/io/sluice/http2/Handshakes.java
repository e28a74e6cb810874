package io.sluice.http2;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.HTTP2ClientConnectionFactory;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Begins HTTP/2 on connections that are open: Jetty's client side of the protocol, without its
 * selectors, its connecting and its timers. Immutable and thread-safe.
 *
 * <p>The window of a connection holds those of all its calls, so that a client which does not read
 * its answer stops nobody else's, and the window of a call is what a client can make the gateway
 * keep for it.
 */
final class Handshakes {

  /** Calls that a connection carries at once, whatever more the upstream allows. */
  static final int MOST_CALLS = 100;

  private static final int CALL_WINDOW = 128 * 1024;
  private static final int BUFFER = 16 * 1024;

  /** Of a request, and as much memory is taken to write one; of an answer as in HTTP/1.1. */
  private static final int MAX_FIELDS = 64 * 1024;

  private final HTTP2Client protocol = new HTTP2Client();
  private final HTTP2ClientConnectionFactory connections = new HTTP2ClientConnectionFactory();

  Handshakes(Executor executor, Scheduler scheduler, ByteBufferPool buffers) {
    protocol.setExecutor(executor);
    protocol.setScheduler(scheduler);
    protocol.setByteBufferPool(buffers);
    protocol.setInputBufferSize(BUFFER);
    protocol.setMaxRequestHeadersSize(MAX_FIELDS);
    protocol.setMaxResponseHeadersSize(MAX_FIELDS);
    protocol.setInitialStreamRecvWindow(CALL_WINDOW);
    protocol.setInitialSessionRecvWindow(MOST_CALLS * CALL_WINDOW);
    protocol.setMaxConcurrentPushedStreams(0);
  }

  /** Returns what serves the connection; the listener hears of all that happens on it. */
  HTTP2Connection begin(EndPoint endPoint, Session.Listener listener) {
    Map<String, Object> context = new HashMap<>();
    context.put(HTTP2Client.CONTEXT_KEY, protocol);
    context.put(HTTP2Client.SESSION_LISTENER_CONTEXT_KEY, listener);
    // Nothing is begun before the upstream's settings are here, which the listener hears of.
    context.put(HTTP2Client.SESSION_PROMISE_CONTEXT_KEY, Promise.<Session>noop());
    return (HTTP2Connection) connections.newConnection(endPoint, context);
  }
}
