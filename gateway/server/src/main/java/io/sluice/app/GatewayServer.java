package io.sluice.app;

import io.sluice.filter.AnswerSettings;
import io.sluice.filter.Continuation;
import io.sluice.filter.ProblemAnswer;
import io.sluice.proxy.CutObserver;
import io.sluice.request.Cidr;
import io.sluice.request.Exchange;
import io.sluice.tls.TlsListener;
import io.sluice.upstream.OwnSelectors;
import io.sluice.upstream.Sockets;
import io.sluice.websocket.Tunnels;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ConnectionStatistics;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener that clients talk to: HTTP/1.1 and HTTP/2, without TLS on one port and with it on
 * another, and the pipeline of filters and one servlet behind both. Its threads, timer and buffers
 * are shared with whoever serves. Nothing in the pipeline may block.
 */
public final class GatewayServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(GatewayServer.class);
  private static final int MAX_THREADS = 128;
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
  private final Listeners listeners;
  private final Sockets sockets;
  private final ClientConnections clients;
  private final Drain drain;
  private Consumer<? super Exchange> begun = exchange -> {};

  /** Prepares a server. Nothing listens yet. */
  public GatewayServer(ServerSettings settings) {
    this(settings, new RequestThreads(MAX_THREADS, 4, settings.shortcuts().readOn()));
  }

  GatewayServer(ServerSettings settings, RequestThreads threads) {
    this(settings, threads, null, ClientConnections.LOOK_MILLIS);
  }

  /**
   * Prepares a server. Nothing listens yet.
   *
   * @param tls what is spoken on a second port, or on the only one; null for no TLS
   */
  public GatewayServer(ServerSettings settings, @Nullable TlsListener tls) {
    this(
        settings,
        new RequestThreads(MAX_THREADS, 4, settings.shortcuts().readOn()),
        tls,
        ClientConnections.LOOK_MILLIS);
  }

  GatewayServer(
      ServerSettings settings, RequestThreads threads, @Nullable TlsListener tls, long lookMillis) {
    int selectors = (Runtime.getRuntime().availableProcessors() + 1) / 2;
    this.settings = settings;
    this.threads = threads;
    threads.setName("sluice");
    server = new Server(threads, scheduler, buffers);
    clients = new ClientConnections(scheduler, settings.endings().onHalfClose(), lookMillis);
    listeners = new Listeners(server, settings, clients, tls, selectors);
    Http2Sessions sessions = new Http2Sessions(listeners.all());
    clients.onLook(sessions::resetAbandoned);
    drain = new Drain(listeners.all(), clients, sessions, settings.endings(), settings.drain());
    sockets = settings.shortcuts().shareSelectors() ? listeners.busiest() : ownSelectors(selectors);
    listeners.all().forEach(server::addConnector);
    server.addBean(
        new NetworkConnectionLimit(
            settings.maxConnections(), listeners.all().toArray(new SharedConnector[0])));
    server.addBean(connections);
    listeners.all().forEach(listener -> listener.addEventListener(connections));
    server.setErrorHandler(new ProblemErrorHandler());
    server.addBean(clients);
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
    AddressLimit addresses = new AddressLimit(slow.perAddress(), ipv6Prefix, proxies, observer);
    for (SharedConnector listener : listeners.all()) {
      if (slow.sendBuffer() > 0) {
        listener.setAcceptedSendBufferSize(slow.sendBuffer());
      }
      listener.addBean(addresses);
      listener.addBean(
          new ClientSweep(
              listener, listeners::clients, slow.head(), settings.maxConnections(), observer));
    }
  }

  /** Sets who is told of each request when its answer is over, even of unreadable requests. */
  public void requestLog(RequestLog log) {
    server.setRequestLog(log);
  }

  /** Sets who is handed each exchange as it begins; before {@link #serve}. */
  public void onExchange(Consumer<? super Exchange> listener) {
    begun = listener;
  }

  /** Sets what is told to end as soon as the server takes no new connections; before the start. */
  public void endFirst(Tunnels opened) {
    drain.farewell(opened);
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
    server.setHandler(new ExchangeHandler(begun, new PathlessTargets(context)));
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
      IOException explained = listeners.unstarted(e);
      close();
      throw explained;
    }
  }

  /** Returns the port without TLS; negative before the start and where there is none. */
  public int port() {
    return listeners.plainPort();
  }

  /** Returns the port with TLS; negative before the start and where there is none. */
  public int tlsPort() {
    return listeners.tlsPort();
  }

  /** Stops: takes no new connections, lets requests under way end for the drain time, closes. */
  @Override
  public void close() {
    try {
      if (server.isStarted()) {
        drain.run();
      }
      server.stop();
    } catch (Exception e) {
      LOG.warn("the server did not stop in order", e);
    } finally {
      server.destroy();
    }
  }

  /** Has a stop that is under way wait no longer; from another thread. */
  public void hurry() {
    drain.hurry();
  }

  private OwnSelectors ownSelectors(int selectors) {
    OwnSelectors own = new OwnSelectors(threads, scheduler, selectors);
    server.addBean(own);
    return own;
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
