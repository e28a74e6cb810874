package io.sluice.app;

import io.sluice.filter.AnswerSettings;
import io.sluice.filter.Continuation;
import io.sluice.filter.ProblemAnswer;
import io.sluice.proxy.CutObserver;
import io.sluice.request.Cidr;
import io.sluice.request.Exchange;
import io.sluice.upstream.OwnSelectors;
import io.sluice.upstream.Sockets;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ConnectionStatistics;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener that clients talk to: HTTP/1.1 and HTTP/2 without TLS on one port, and the pipeline
 * of filters and one servlet behind it. Its threads, timer and buffers are shared with whoever
 * serves. Nothing in the pipeline may block.
 */
public final class GatewayServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(GatewayServer.class);
  private static final int MAX_THREADS = 128;
  private static final int MAX_ANSWER_FIELDS = 128 * 1024;
  private static final int LARGEST_POOLED_BUFFER = 64 * 1024;
  private static final long MAX_IDLE_BUFFERS = 64L * 1024 * 1024;

  private final ServerSettings settings;
  private final RequestThreads threads;
  private final Scheduler scheduler = new ScheduledExecutorScheduler("sluice-timer", true);
  private final ByteBufferPool buffers =
      new ArrayByteBufferPool(
          0, -1, LARGEST_POOLED_BUFFER, Integer.MAX_VALUE, MAX_IDLE_BUFFERS, MAX_IDLE_BUFFERS);
  private final ConnectionStatistics connections = new ConnectionStatistics();
  private final Server server;
  private final SharedConnector connector;
  private final Sockets sockets;
  private Consumer<? super Exchange> begun = exchange -> {};

  /** Prepares a server. Nothing listens yet. */
  public GatewayServer(ServerSettings settings) {
    this(settings, new RequestThreads(MAX_THREADS, 4, settings.shortcuts().readOn()));
  }

  GatewayServer(ServerSettings settings, RequestThreads threads) {
    int selectors = (Runtime.getRuntime().availableProcessors() + 1) / 2;
    this.settings = settings;
    this.threads = threads;
    threads.setName("sluice");
    server = new Server(threads, scheduler, buffers);
    connector = connector(selectors);
    sockets = settings.shortcuts().shareSelectors() ? connector : ownSelectors(selectors);
    server.addConnector(connector);
    server.addBean(new NetworkConnectionLimit(settings.maxConnections(), connector));
    connector.addBean(connections);
    server.setErrorHandler(new ProblemErrorHandler());
    server.setStopTimeout(settings.drain().toMillis());
  }

  /** Returns the selectors, for connections to the upstream. */
  public Sockets sockets() {
    return sockets;
  }

  /** Returns the threads that carry requests. */
  public Executor executor() {
    return threads;
  }

  /** Returns the timer. */
  public Scheduler scheduler() {
    return scheduler;
  }

  /** Returns the pool of network buffers. */
  public ByteBufferPool buffers() {
    return buffers;
  }

  /** Returns the thread pool, for its statistics. */
  public QueuedThreadPool threads() {
    return threads;
  }

  /** Returns the statistics of the connections that clients hold. */
  public ConnectionStatistics connections() {
    return connections;
  }

  /** Returns the server, for listeners and statistics that are added before it starts. */
  public Server server() {
    return server;
  }

  /**
   * Returns how requests go on in this server after waiting.
   *
   * @param answers how what fails on the way is answered
   */
  public Continuation continuation(AnswerSettings answers) {
    ProblemAnswer problems = new ProblemAnswer(answers);
    return settings.shortcuts().continueDirectly()
        ? new DirectContinuation(threads, problems)
        : Continuation.byDispatch(problems);
  }

  /**
   * Ends clients that are slow or hold too many connections; before the start.
   *
   * @param proxies addresses that hold as many as they like
   * @param ipv6Prefix leading bits of an IPv6 address that count as one
   */
  public void guard(SlowSettings slow, List<Cidr> proxies, int ipv6Prefix, CutObserver observer) {
    if (slow.sendBuffer() > 0) {
      connector.setAcceptedSendBufferSize(slow.sendBuffer());
    }
    connector.addBean(new AddressLimit(slow.perAddress(), ipv6Prefix, proxies, observer));
    connector.addBean(new ClientSweep(connector, slow.head(), settings.maxConnections(), observer));
  }

  /** Sets who is told of each request when its answer is over, even of unreadable requests. */
  public void requestLog(RequestLog log) {
    server.setRequestLog(log);
  }

  /** Sets who is handed each exchange as it begins; before {@link #serve}. */
  public void onExchange(Consumer<? super Exchange> listener) {
    begun = listener;
  }

  /** Sets what every request passes, in this order; before the start. */
  public void serve(List<? extends Filter> filters, HttpServlet last) {
    ServletContextHandler context = new PipelineContext(settings.shortcuts().serveOnSelector());
    context.setContextPath("/");
    context.setErrorHandler(new ProblemErrorHandler());
    context.getServletHandler().setDecodeAmbiguousURIs(true);
    for (Filter filter : filters) {
      FilterHolder holder = new FilterHolder(filter);
      holder.setAsyncSupported(true);
      context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    }
    ServletHolder holder = new ServletHolder(last);
    holder.setAsyncSupported(true);
    holder.setInitOrder(0);
    context.addServlet(holder, "/*");
    server.setHandler(new ExchangeHandler(begun, new GracefulHandler(context)));
  }

  /**
   * Starts to listen.
   *
   * @throws IOException when the address cannot be bound, or something in the pipeline does not
   *     start; the message names it and the remedy
   */
  public void start() throws IOException {
    try {
      server.start();
    } catch (Exception e) {
      close();
      throw Listening.explained(
          e, settings.host(), settings.port(), "server.port (SLUICE_PORT)", "server.host");
    }
  }

  /** Returns the port that is listened on; negative before the start. */
  public int port() {
    return connector.getLocalPort();
  }

  /** Stops: takes no new requests, lets those under way end for the drain time, then closes. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (TimeoutException e) {
      LOG.warn("requests were still under way after {}; their connections were closed", drain());
    } catch (Exception e) {
      LOG.warn("the server did not stop in order", e);
    } finally {
      server.destroy();
    }
  }

  private String drain() {
    return settings.drain().toMillis() + "ms";
  }

  private OwnSelectors ownSelectors(int selectors) {
    OwnSelectors own = new OwnSelectors(threads, scheduler, selectors);
    server.addBean(own);
    return own;
  }

  private SharedConnector connector(int selectors) {
    HttpConfiguration http = http();
    HTTP2CServerConnectionFactory h2c = new HTTP2CServerConnectionFactory(http);
    h2c.setConnectProtocolEnabled(false);
    HttpConnectionFactory http1 = new ClientConnections().factory(http);
    SharedConnector made = new SharedConnector(server, selectors, http1, h2c);
    made.setHost(settings.host());
    made.setPort(settings.port());
    made.setIdleTimeout(settings.idleTimeout().toMillis());
    return made;
  }

  private HttpConfiguration http() {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setRequestHeaderSize(settings.maxHeaderSize());
    http.setMaxResponseHeaderSize(MAX_ANSWER_FIELDS);
    // What has come from the upstream goes on at once: events must not wait for each other.
    http.setOutputAggregationSize(0);
    // Values go on as they were spelled, so none is replaced by a cached one in other case.
    http.setHeaderCacheCaseSensitive(true);
    // A bare line feed ends no line (RFC 9112, section 2.2).
    http.setHttpCompliance(HttpCompliance.STRICT);
    // CanonicalPath decides what a path means and which are refused, so Jetty lets them through.
    http.setUriCompliance(
        UriCompliance.UNSAFE.without(
            "GATEWAY", UriCompliance.Violation.USER_INFO, UriCompliance.Violation.FRAGMENT));
    return http;
  }

  /** Requests are served on the thread that read them, because nothing in the pipeline blocks. */
  private static final class PipelineContext extends ServletContextHandler {

    private final boolean onSelector;

    PipelineContext(boolean onSelector) {
      super(NO_SESSIONS | NO_SECURITY);
      this.onSelector = onSelector;
    }

    @Override
    public InvocationType getInvocationType() {
      return onSelector ? InvocationType.NON_BLOCKING : InvocationType.BLOCKING;
    }
  }
}
