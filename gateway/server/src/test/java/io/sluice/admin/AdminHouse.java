package io.sluice.admin;

import io.sluice.identity.Identity;
import io.sluice.identity.IdentityResolver;
import io.sluice.limit.CallerDigest;
import io.sluice.limit.LimitObserver;
import io.sluice.limit.RateLimiter;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.Match;
import io.sluice.policy.Policy;
import io.sluice.policy.Policy.Mode;
import io.sluice.policy.Policy.OnOutage;
import io.sluice.policy.PolicyBook;
import io.sluice.policy.RoutePattern;
import io.sluice.policy.RoutePattern.Segment;
import io.sluice.request.CanonicalPath;
import io.sluice.request.IpAddress;
import io.sluice.request.PathRules;
import io.sluice.request.RequestView;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.jspecify.annotations.Nullable;

/** An admin listener over a store of ours. A request's X-Peer field says from where it comes. */
final class AdminHouse {

  final FakeStore store = new FakeStore();
  final RateLimiter limiter;
  final PolicyBook book =
      new PolicyBook(
          "rev-7",
          List.of(
              policy("auth", "/api/auth/login", limit("main", Kind.IP)),
              policy("chat", "/api/chat/**", limit("main", Kind.USER)),
              policy(
                  "upload",
                  "/api/{tenant}/upload/**",
                  limit("all", Kind.GLOBAL),
                  new Limit(
                      "tenant",
                      List.of(new KeyPart(Kind.PATH, "tenant"), new KeyPart(Kind.HEADER, "X-Plan")),
                      Bandwidth.of(5, Duration.ofMinutes(1)),
                      503))));
  volatile Phase phase = Phase.SERVING;
  volatile StoreView view =
      new StoreView("redis", "redis://h:1/0", "closed", null, null, 0, 1, null, null);
  volatile List<UpstreamView> upstreams = List.of();
  volatile Reloads.Outcome reload = new Reloads.Outcome(true, Instant.EPOCH, List.of());

  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server);

  AdminHouse(@Nullable String token) throws Exception {
    limiter =
        new RateLimiter(
            () -> book, store, new CallerDigest(null), LimitObserver.NONE, System::nanoTime);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler();
    Filter peer =
        (request, response, chain) -> chain.doFilter(from((HttpServletRequest) request), response);
    context.addFilter(new FilterHolder(peer), "/*", EnumSet.of(DispatcherType.REQUEST));
    context.addFilter(
        new FilterHolder(new AdminGuard(token)),
        AdminPages.GUARDED,
        EnumSet.of(DispatcherType.REQUEST));
    AdminPages.of(parts())
        .forEach((path, page) -> context.addServlet(new ServletHolder(page), path));
    server.setHandler(context);
    server.start();
  }

  /** Sends a request with these further header lines and returns the whole answer. */
  String send(String method, String target, String... fields) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", connector.getLocalPort())) {
      socket.setSoTimeout(10_000);
      String host = Set.of(fields).stream().anyMatch(f -> f.startsWith("Host:")) ? "" : host();
      String request =
          method
              + " "
              + target
              + " HTTP/1.1\r\n"
              + host
              + "Connection: close\r\n"
              + String.join("", List.of(fields).stream().map(f -> f + "\r\n").toList())
              + "\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Charges whatever that caller would be charged by that policy. */
  void charge(
      String policy, String path, String ip, @Nullable String user, Map<String, String> fields)
      throws Exception {
    Policy charged = book.named(policy).orElseThrow();
    PlainRequest request = new PlainRequest(CanonicalPath.of(path, PathRules.DEFAULT), fields);
    limiter
        .claims(new Match(charged, charged.match().get(0)), request, caller(ip, user))
        .forEach(claim -> store.spent.merge(claim.draw().key(), 1L, Long::sum));
  }

  /** A request as it would come in, with nothing of the admin's own reading. */
  private record PlainRequest(CanonicalPath path, Map<String, String> fields)
      implements RequestView {

    @Override
    public String method() {
      return "POST";
    }

    @Override
    public String host() {
      return "";
    }

    @Override
    public List<String> headers(String name) {
      String value = fields.get(name);
      return value == null ? List.of() : List.of(value);
    }

    @Override
    public @Nullable String query(String name) {
      return null;
    }

    @Override
    public @Nullable String cookie(String name) {
      return null;
    }

    @Override
    public String peer() {
      return "192.0.2.9";
    }
  }

  /** Stops listening. */
  void close() throws Exception {
    server.stop();
  }

  private String host() {
    return "Host: localhost:" + connector.getLocalPort() + "\r\n";
  }

  private AdminParts parts() {
    Reloads reloads =
        new Reloads() {
          @Override
          public Outcome reload() {
            return reload;
          }

          @Override
          public Outcome last() {
            return reload;
          }
        };
    IdentityResolver resolver =
        request -> CompletableFuture.completedFuture(caller(request.peer(), null));
    return new AdminParts(
        () -> book,
        limiter,
        resolver,
        PathRules.DEFAULT,
        store,
        "sluice:",
        reloads,
        () -> view,
        () -> upstreams,
        () -> phase,
        () -> "password = ***\n",
        () -> "# HELP x X.\n",
        "text/plain; version=0.0.4; charset=utf-8");
  }

  private static Identity caller(String ip, @Nullable String user) {
    InetAddress address = IpAddress.parse(ip.isEmpty() ? "0.0.0.0" : ip);
    return new Identity(
        Objects.requireNonNull(address), "net-of-" + ip, user, null, Set.of(), Map.of(), false);
  }

  private static HttpServletRequest from(HttpServletRequest request) {
    String peer = request.getHeader("X-Peer");
    return peer == null
        ? request
        : new HttpServletRequestWrapper(request) {
          @Override
          public String getRemoteAddr() {
            return peer;
          }
        };
  }

  private static Limit limit(String id, Kind kind) {
    return new Limit(id, List.of(KeyPart.of(kind)), Bandwidth.of(20, Duration.ofMinutes(1)), 429);
  }

  private static Policy policy(String name, String path, Limit... limits) {
    List<Segment> segments =
        List.of(path.substring(1).split("/")).stream().map(AdminHouse::segment).toList();
    RoutePattern pattern = new RoutePattern(Set.of(), null, segments, path);
    return new Policy(
        name, List.of(pattern), List.of(limits), 1, Mode.ENFORCE, OnOutage.LOCAL, List.of());
  }

  private static Segment segment(String text) {
    if (text.equals("**")) {
      return new Segment.Rest();
    }
    return text.startsWith("{")
        ? new Segment.One(text.substring(1, text.length() - 1))
        : new Segment.Literal(text);
  }
}
