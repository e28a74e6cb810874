package io.sluice.proxy;

import java.net.URI;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.CyclicTimeouts;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The pooled HTTP/1.1 connections to the upstream. It adds nothing to a request and interprets
 * nothing in an answer: no cookies, redirects, decoding, user agent or authentication. Thread-safe
 * between start and stop.
 */
final class UpstreamClient {

  /** Large enough for all that the server side accepts, plus the fields that are added. */
  private static final int MAX_REQUEST_FIELDS = 128 * 1024;

  /** What the server side can pass on; beyond it an answer counts as malformed. */
  static final int MAX_ANSWER_FIELDS = 64 * 1024;

  private final UpstreamSettings settings;
  private final URI origin;
  private final HttpClient client;
  private final Set<Forwarding> waiting = ConcurrentHashMap.newKeySet();
  private @Nullable Destination destination;
  private @Nullable Deadlines deadlines;

  UpstreamClient(
      UpstreamSettings settings, Executor executor, Scheduler scheduler, ByteBufferPool buffers) {
    this.settings = settings;
    this.origin = URI.create("http://" + settings.upstream().getHost() + ":" + settings.port());
    ClientConnector connector = new ClientConnector();
    connector.setSelectors(Math.max(1, (Runtime.getRuntime().availableProcessors() + 1) / 2));
    connector.setExecutor(executor);
    connector.setScheduler(scheduler);
    connector.setByteBufferPool(buffers);
    HttpClientTransportOverHTTP transport = new HttpClientTransportOverHTTP(connector);
    transport.setInvocationType(InvocationType.NON_BLOCKING);
    transport.setHeaderCacheCaseSensitive(true);
    this.client = new HttpClient(transport);
    configure(executor, scheduler, buffers);
  }

  private void configure(Executor executor, Scheduler scheduler, ByteBufferPool buffers) {
    client.setExecutor(executor);
    client.setScheduler(scheduler);
    client.setByteBufferPool(buffers);
    client.setConnectTimeout(settings.connectTimeout().toMillis());
    client.setAddressResolutionTimeout(settings.connectTimeout().toMillis());
    client.setIdleTimeout(settings.idleTimeout().toMillis());
    client.setMaxConnectionsPerDestination(settings.maxConnections());
    client.setMaxRequestsQueuedPerDestination(settings.maxQueued());
    client.setMaxRequestHeadersSize(MAX_REQUEST_FIELDS);
    client.setMaxResponseHeadersSize(MAX_ANSWER_FIELDS);
    client.setFollowRedirects(false);
    client.setHttpCookieStore(new HttpCookieStore.Empty());
    client.setUserAgentField(null);
    client.setDefaultRequestContentType(null);
  }

  void start() throws Exception {
    client.start();
    // Only now: starting has filled them.
    client.getContentDecoderFactories().clear();
    client.getProtocolHandlers().clear();
    client.getProtocolHandlers().put(new InterimAnswers());
    deadlines = new Deadlines(client.getScheduler());
    destination =
        client.resolveDestination(
            new Origin("http", settings.upstream().getHost(), settings.port()));
  }

  void stop() throws Exception {
    client.stop();
    if (deadlines != null) {
      deadlines.destroy();
    }
  }

  UpstreamRequest request(String method, RequestTarget target) {
    return new UpstreamRequest(client, origin, method, target);
  }

  void send(UpstreamRequest request, Response.Listener listener) {
    Destination to = destination;
    if (to == null) {
      throw new IllegalStateException("the upstream client is not started");
    }
    to.send(request, listener);
  }

  /** Returns the clock time at which an answer that is awaited from now on is late. */
  long deadline() {
    return CyclicTimeouts.Expirable.calcExpireNanoTime(settings.responseTimeout().toMillis());
  }

  /** Watches the deadline of an exchange until {@link #forget}. */
  void watch(Forwarding forwarding) {
    Deadlines timer = deadlines;
    if (timer != null) {
      waiting.add(forwarding);
      timer.schedule(forwarding);
    }
  }

  void forget(Forwarding forwarding) {
    waiting.remove(forwarding);
  }

  /** One timer for all exchanges, instead of a task for each. */
  private final class Deadlines extends CyclicTimeouts<Forwarding> {

    Deadlines(Scheduler scheduler) {
      super(scheduler);
    }

    @Override
    protected Iterator<Forwarding> iterator() {
      return waiting.iterator();
    }

    @Override
    protected boolean onExpired(Forwarding forwarding) {
      forwarding.late();
      return false;
    }
  }
}
