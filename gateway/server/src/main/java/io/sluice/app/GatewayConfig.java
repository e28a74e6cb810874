package io.sluice.app;

import io.sluice.admin.AdminSettings;
import io.sluice.config.EngineConfig;
import io.sluice.config.GatewayFile;
import io.sluice.config.Problem;
import io.sluice.config.Section;
import io.sluice.config.Setting;
import io.sluice.identity.IdentitySettings;
import io.sluice.request.Cidr;
import io.sluice.tls.TlsSettings;
import io.sluice.tls.UpstreamTls;
import io.sluice.upstream.Protocol;
import io.sluice.upstream.UpstreamSettings;
import io.sluice.websocket.WebSocketSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything a gateway is told.
 *
 * @param server the listener for clients
 * @param tls the listener for clients that come by TLS; null for none
 * @param slow what slow and greedy clients may do
 * @param upstream the API behind, in the short form
 * @param upstreamTls how TLS is spoken with upstreams whose URL asks for that
 * @param routing where requests go
 * @param webSocket what WebSocket connections may take
 * @param admin the listener for operators
 * @param accessLog what is written of requests
 * @param engine limits, policies, identity, Redis
 * @param settings every setting in force and where it comes from, without secrets
 * @param warnings what was found to be probably not meant
 * @param again reads the file as it stands then
 */
public record GatewayConfig(
    ServerSettings server,
    @Nullable TlsSettings tls,
    SlowSettings slow,
    UpstreamSettings upstream,
    UpstreamTls upstreamTls,
    RoutingConfig routing,
    WebSocketSettings webSocket,
    AdminSettings admin,
    AccessLogSettings accessLog,
    EngineConfig engine,
    List<Setting> settings,
    List<Problem> warnings,
    Supplier<GatewayFile> again) {

  private static final Duration SHORTEST = Duration.ofMillis(1);
  private static final Duration LONGEST = Duration.ofHours(24);
  private static final int MOST = 1_000_000;
  private static final int QUEUED_FOR_EACH_CONNECTION = 4;

  public GatewayConfig {
    settings = List.copyOf(settings);
    warnings = List.copyOf(warnings);
  }

  /**
   * Reads a file and the environment.
   *
   * @throws io.sluice.config.ConfigProblemsException with everything that is wrong
   */
  public static GatewayConfig load(Path file, Map<String, String> environment) {
    GatewayFile source = GatewayFile.load(file, environment);
    GatewayConfig config = read(source);
    source.problems().orThrow();
    return config;
  }

  /**
   * Reads all settings. Whatever is wrong is added to the file's problems; the result counts only
   * when they hold no error.
   */
  public static GatewayConfig read(GatewayFile source) {
    Section root = source.root();
    UpstreamSettings upstream = upstream(root);
    EngineConfig engine = EngineConfig.read(root);
    return new GatewayConfig(
        server(root.section("server")),
        TlsConfig.read(root.section("server").section("tls")),
        SlowConfig.read(root.section("server").section("slow")),
        upstream,
        UpstreamTlsConfig.read(root.section("upstream-tls")),
        RoutingReader.read(root, upstream, engine.paths()),
        WebSocketConfig.read(root.section("websocket")),
        admin(root.section("admin")),
        accessLog(root.section("access-log")),
        engine,
        source.settings(),
        source.problems().all(),
        source::again);
  }

  /** Returns the same with policies from another folder. */
  public GatewayConfig withPolicies(Path folder) {
    return with(
        new EngineConfig(
            engine.redis(),
            engine.store(),
            engine.identity(),
            engine.paths(),
            engine.answers(),
            folder,
            engine.poll()));
  }

  /** Returns the same with these trusted proxies and no others. */
  public GatewayConfig trusting(List<Cidr> proxies) {
    IdentitySettings identity = engine.identity();
    return with(
        new EngineConfig(
            engine.redis(),
            engine.store(),
            new IdentitySettings(
                proxies,
                identity.userHeader(),
                identity.rolesHeader(),
                identity.apiKeyHeader(),
                identity.apiKeys(),
                identity.ipv6Prefix(),
                identity.secret()),
            engine.paths(),
            engine.answers(),
            engine.policies(),
            engine.poll()));
  }

  private GatewayConfig with(EngineConfig other) {
    return new GatewayConfig(
        server,
        tls,
        slow,
        upstream,
        upstreamTls,
        routing,
        webSocket,
        admin,
        accessLog,
        other,
        settings,
        warnings,
        again);
  }

  private static ServerSettings server(Section server) {
    return new ServerSettings(
        server.text("host"),
        server.integer("port", 0, 65_535),
        server.duration("idle-timeout", SHORTEST, LONGEST),
        (int) server.size("max-header-size", 1024, 65_536),
        server.integer("max-connections", 1, MOST),
        server.duration("drain", Duration.ZERO, LONGEST),
        Endings.read(server),
        shortcuts(server.section("shortcuts")),
        Http2Config.read(server.section("http2")));
  }

  private static Shortcuts shortcuts(Section shortcuts) {
    return new Shortcuts(
        shortcuts.flag("serve-on-selector"),
        shortcuts.flag("read-on"),
        shortcuts.flag("continue-directly"),
        shortcuts.flag("share-selectors"));
  }

  private static AdminSettings admin(Section admin) {
    return new AdminSettings(
        admin.flag("enabled"),
        admin.text("host"),
        admin.integer("port", 0, 65_535),
        admin.optional("token").orElse(null));
  }

  private static AccessLogSettings accessLog(Section log) {
    return new AccessLogSettings(
        log.flag("enabled"), log.text("file"), log.integer("refusals-per-second", 0, MOST));
  }

  private static UpstreamSettings upstream(Section root) {
    Section timeouts = root.section("timeouts");
    int connections = root.integer("upstream-connections", 1, MOST);
    return new UpstreamSettings(
        origin(root),
        timeouts.duration("connect", SHORTEST, LONGEST),
        timeouts.duration("response", SHORTEST, LONGEST),
        timeouts.duration("idle", SHORTEST, LONGEST),
        connections,
        connections * QUEUED_FOR_EACH_CONNECTION,
        root.duration("upstream-max-age", SHORTEST, LONGEST),
        root.choice("upstream-protocol", Protocol.class));
  }

  /** Requests keep their own path and query, so the upstream's URL has none. */
  private static URI origin(Section root) {
    URI uri = root.uri("upstream", "http", "https");
    URI origin = URI.create(uri.getScheme() + "://" + uri.getRawAuthority());
    if (!uri.equals(origin) && !uri.equals(origin.resolve("/"))) {
      root.problem("upstream", "expected scheme, host and port only, for example " + origin);
    }
    return origin;
  }
}
