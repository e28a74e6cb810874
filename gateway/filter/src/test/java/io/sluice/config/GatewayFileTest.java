package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.filter.AnswerSettings.Dialect;
import io.sluice.request.PathRules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GatewayFileTest {

  private static final Path FOLDER = Path.of("/etc/sluice");
  private static final String SECRET = "correct horse battery staple";

  @TempDir private Path temp = Path.of("");

  @Test
  void anEmptyFileHasTheDefaultsOfTheReference() {
    GatewayFile file = read("");
    EngineConfig config = EngineConfig.read(file.root());
    assertThat(messages(file)).isEmpty();
    assertThat(config.redis().enabled()).isTrue();
    assertThat(config.redis().required()).isFalse();
    assertThat(config.redis().toString()).isEqualTo("redis://localhost:6379/0");
    assertThat(config.redis().timeout()).isEqualTo(Duration.ofMillis(25));
    assertThat(config.redis().prefix()).isEqualTo("sluice:");
    assertThat(config.redis().login().username()).isNull();
    assertThat(config.redis().login().password()).isNull();
    assertThat(config.store().localBuckets()).isEqualTo(200_000);
    assertThat(config.store().queue()).isEqualTo(10_000);
    assertThat(config.identity().userHeader()).isEqualTo("X-User-Id");
    assertThat(config.identity().rolesHeader()).isEqualTo("X-User-Roles");
    assertThat(config.identity().apiKeyHeader()).isEqualTo("X-Api-Key");
    assertThat(config.identity().ipv6Prefix()).isEqualTo(64);
    assertThat(config.identity().trustedProxies()).isEmpty();
    assertThat(config.identity().apiKeys()).isEmpty();
    assertThat(config.identity().secret()).isNull();
    assertThat(config.paths()).isEqualTo(PathRules.DEFAULT);
    assertThat(config.answers().dialects())
        .containsExactlyInAnyOrder(Dialect.IETF_11, Dialect.X_RATELIMIT);
    assertThat(config.answers().corsOrigins()).isEmpty();
    assertThat(config.policies()).isEqualTo(Path.of("/etc/policies"));
    assertThat(config.poll()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void theFileBeatsTheReferenceKeyByKey() {
    GatewayFile file =
        read(
            """
            redis { host = redis.internal, timeout = 1s }
            identity.trusted-proxies = "10.0.0.0/8"
            paths { encoded-slash = pass, fold-case = off }
            headers.dialects = [x-ratelimit]
            policies.directory = rules
            cors.origins = ["https://app.example.com"]
            """);
    EngineConfig config = EngineConfig.read(file.root());
    assertThat(messages(file)).isEmpty();
    assertThat(config.redis().toString()).isEqualTo("redis://redis.internal:6379/0");
    assertThat(config.redis().timeout()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.identity().trustedProxies()).hasSize(1);
    assertThat(config.paths()).isEqualTo(new PathRules(false, true, true));
    assertThat(config.answers().dialects()).containsExactly(Dialect.X_RATELIMIT);
    assertThat(config.policies()).isEqualTo(FOLDER.resolve("rules"));
  }

  @Test
  void everyMistakeIsNamedWithItsLineAndTheRemedy() {
    GatewayFile file =
        read(
            """
            sever { port = 8080 }
            server { prot = 8080, tls { cert = a } }
            redis {
              host = "localhost:6379"
              port = 70000
              timeout = 25
              database = 5.7
              enabled = maybe
              prefix = "{a}"
              cluster = true
            }
            identity { trusted-proxies = ["10.0.0.0/33", "0.0.0.0/0"], ipv6-prefix = 16 }
            headers { dialects = [ietf-12] }
            cors { origins = ["https://app.example.com/"] }
            paths = 5
            rotues = []
            local { buckets = 1, queue = [1] }
            policies { poll = 2 seconds }
            """);
    EngineConfig.read(file.root());
    assertThat(messages(file))
        .containsExactly(
            "gateway.conf:1: unknown key 'sever': expected access-log, admin, cors, headers,"
                + " identity, local, paths, policies, redis, routes, server, timeouts, upstream,"
                + " upstream-connections, upstream-max-age, upstream-protocol, upstream-tls,"
                + " upstreams or websocket; did you mean server?",
            "gateway.conf:2: unknown key 'server.prot': expected drain, drain-delay, drain-idle,"
                + " host, http2, idle-timeout, max-connections, max-header-size, on-half-close,"
                + " port, shortcuts, slow or tls; did you mean port?",
            "gateway.conf:2: unknown key 'server.tls.cert': expected certificates, ciphers,"
                + " handshake-timeout, ocsp-stapling, only, port, reload, session-cache,"
                + " session-timeout or versions",
            "gateway.conf:4: redis.host = \"localhost:6379\": expected a name or an address only;"
                + " the port stands in redis.port",
            "gateway.conf:5: redis.port = 70000: expected a whole number from 1 to 65535",
            "gateway.conf:6: redis.timeout = 25: expected a whole number and a unit (ms, s, min,"
                + " hour or day), from 1ms to 10s",
            "gateway.conf:7: redis.database = 5.7: expected a whole number from 0 to 65535",
            "gateway.conf:8: redis.enabled = maybe: expected true or false",
            "gateway.conf:9: redis.prefix = \"{a}\": expected letters, digits and . _ - : /, at"
                + " most 64",
            "gateway.conf:10: redis.cluster = true: expected a block, cluster { ... }",
            "gateway.conf:10: redis.cluster.nodes: expected at least one host:port",
            "gateway.conf:10: redis.cluster = true: redis.host says where Redis is: expected one of url, host, socket, sentinel and cluster",
            "gateway.conf:12: identity.trusted-proxies = [\"10.0.0.0/33\",\"0.0.0.0/0\"]: expected"
                + " addresses or blocks like \"10.0.0.0/8\", not \"10.0.0.0/33\"",
            "gateway.conf:12: warning: identity.trusted-proxies ="
                + " [\"10.0.0.0/33\",\"0.0.0.0/0\"]: believes what anybody says of address, user"
                + " and roles",
            "gateway.conf:12: identity.ipv6-prefix = 16: expected a whole number from 32 to 128",
            "gateway.conf:13: headers.dialects = [\"ietf-12\"]: expected ietf-11 or x-ratelimit;"
                + " did you mean ietf-11?",
            "gateway.conf:14: cors.origins = [\"https://app.example.com/\"]: expected origins like"
                + " \"https://app.example.com\", or \"*\"",
            "gateway.conf:15: paths = 5: expected a block, paths { ... }",
            "gateway.conf:16: unknown key 'rotues': expected access-log, admin, cors, headers,"
                + " identity, local, paths, policies, redis, routes, server, timeouts, upstream,"
                + " upstream-connections, upstream-max-age, upstream-protocol, upstream-tls,"
                + " upstreams or websocket; did you mean routes?",
            "gateway.conf:17: local.buckets = 1: expected a whole number from 1000 to 100000000",
            "gateway.conf:17: local.queue = [1]: expected a whole number from 1 to 1000000",
            "gateway.conf:18: policies.poll = \"2 seconds\": expected a whole number and a unit"
                + " (ms, s, min, hour or day), from 100ms to 1hour; did you mean 2s?");
    assertThatThrownBy(file.problems()::orThrow)
        .isInstanceOf(ConfigProblemsException.class)
        .hasMessageContaining("gateway.conf:5: redis.port = 70000")
        .hasMessageContaining("gateway.conf:18: policies.poll");
  }

  @Test
  void anotherModuleReadsItsOwnBlocksFromTheSameRoot() {
    GatewayFile file =
        read("upstream = \"localhost:3000\"\nserver { max-header-size = 16, idle-timeout = 2m }");
    file.root().uri("upstream", "http", "https");
    Section server = file.root().section("server");
    assertThat(server.integer("port", 0, 65_535)).isEqualTo(8080);
    assertThat(server.size("max-header-size", 1 << 10, 1 << 20)).isEqualTo(16 << 10);
    server.duration("idle-timeout", Duration.ofSeconds(1), Duration.ofHours(1));
    assertThat(messages(file))
        .containsExactly(
            "gateway.conf:1: upstream = \"localhost:3000\": expected a URL with scheme, for example"
                + " http://localhost:3000",
            "gateway.conf:2: server.max-header-size = 16: expected a whole number and a unit (B,"
                + " KiB, MiB or GiB), for example 16KiB, from 1KiB to 1MiB",
            "gateway.conf:2: server.idle-timeout = 2m: expected a whole number and a unit (ms, s,"
                + " min, hour or day), from 1s to 1hour; did you mean 2min?");
  }

  @Test
  void aFileThatDoesNotExistIsAProblem() {
    Path missing = temp.resolve("gateway.conf");
    assertThat(messages(GatewayFile.load(missing, Map.of())))
        .containsExactly(missing + ": does not exist");
    assertThat(messages(GatewayFile.load(temp, Map.of())))
        .containsExactly(temp + ": is a folder: expected a file");
  }

  @Test
  void aBrokenFileNamesItsLineAndShowsNoSecret() {
    assertThat(messages(read("redis {\n  password = pa*ss" + SECRET + "\n}")))
        .singleElement()
        .asString()
        .isEqualTo(
            "gateway.conf:2: '*' stands outside quotes: expected paths, URLs and the like in"
                + " quotes");
    assertThat(messages(read("upstream = http://localhost:3000")))
        .singleElement()
        .asString()
        .startsWith("gateway.conf:1: '//' begins a comment here");
    assertThat(messages(read("redis.password = ab#cd")))
        .singleElement()
        .asString()
        .startsWith("gateway.conf:1: '#' begins a comment here");
    assertThat(messages(read("\ninclude \"secrets.conf\"")))
        .containsExactly(
            "gateway.conf:2: files cannot be included: expected everything in this file");
    assertThat(messages(read("a = \"" + SECRET + "\nb = " + SECRET + " }")))
        .noneMatch(message -> message.contains("horse"));
  }

  @Test
  void secretsOfTheWrongTypeAreNotShown() {
    GatewayFile file =
        read("redis.password = [\"%s\"]\nidentity.secret { a = \"%s\" }".formatted(SECRET, SECRET));
    EngineConfig.read(file.root());
    assertThat(messages(file))
        .containsExactly(
            "gateway.conf:1: redis.password: expected text that is not blank",
            "gateway.conf:2: identity.secret: expected text that is not blank");
  }

  @Test
  void relativePathsStartAtTheFile() throws IOException {
    Files.createDirectories(temp.resolve("config"));
    Path file = Files.writeString(temp.resolve("config/gateway.conf"), "");
    GatewayFile loaded = GatewayFile.load(file, Map.of());
    assertThat(EngineConfig.read(loaded.root()).policies()).isEqualTo(temp.resolve("policies"));
  }

  @Test
  void relativeNamesStayRelativeForMessages() {
    assertThat(policiesOf(Path.of("config/gateway.conf"))).isEqualTo(Path.of("policies"));
    assertThat(policiesOf(Path.of("gateway.conf"))).isEqualTo(Path.of("../policies"));
  }

  private static Path policiesOf(Path file) {
    return EngineConfig.read(GatewayFile.load(file, Map.of()).root()).policies();
  }

  @Test
  void addressesNeedNoQuotes() {
    GatewayFile file =
        read(
            """
            server   { port = 8080, host = 0.0.0.0 }                    # later: tls
            upstream = "http://localhost:3000"
            redis    { enabled = true, host = 10.0.0.7, port = 6379, database = 0, timeout = 25ms, prefix = "sluice:" }
            identity {
              user     { header = X-User-Id }, roles { header = X-User-Roles }     # only from trusted proxies
              secret   = ${?SLUICE_SECRET}                              # HMAC
            }
            admin    { port = 9090, host = 127.0.0.1 }                  # token = ${?SLUICE_ADMIN_TOKEN}
            headers  { dialects = [ietf-11, x-ratelimit] }
            """);
    assertThat(EngineConfig.read(file.root()).redis().toString()).startsWith("redis://10.0.0.7:");
    assertThat(file.root().section("server").text("host")).isEqualTo("0.0.0.0");
    assertThat(file.root().section("admin").text("host")).isEqualTo("127.0.0.1");
    assertThat(messages(file)).isEmpty();
  }

  @Test
  void settingsInForceNameTheirSourceAndHideSecrets() {
    GatewayFile file =
        GatewayFile.of(
            "gateway.conf",
            FOLDER,
            "redis { host = a, password = \"%s\" }\nserver.port = ${?PORT}".formatted(SECRET),
            Map.of("PORT", "8081", "SLUICE_ADMIN_TOKEN", SECRET, "REDIS_DB", "3"));
    Map<String, Setting> settings =
        file.settings().stream().collect(Collectors.toMap(Setting::key, s -> s));
    assertThat(file.settings().toString()).doesNotContain("horse");
    assertThat(settings.get("redis.host")).isEqualTo(setting("redis.host", "a", "gateway.conf:1"));
    assertThat(settings.get("redis.password"))
        .isEqualTo(setting("redis.password", "(set)", "gateway.conf:1"));
    assertThat(settings.get("server.port"))
        .isEqualTo(setting("server.port", "8081", "environment variable PORT"));
    assertThat(settings.get("admin.token"))
        .isEqualTo(setting("admin.token", "(set)", "environment variable SLUICE_ADMIN_TOKEN"));
    assertThat(settings.get("redis.database"))
        .isEqualTo(setting("redis.database", "3", "environment variable REDIS_DB"));
    assertThat(settings.get("identity.secret"))
        .isEqualTo(setting("identity.secret", "(unset)", "default"));
    assertThat(settings.get("headers.dialects"))
        .isEqualTo(setting("headers.dialects", "[\"ietf-11\",\"x-ratelimit\"]", "default"));
  }

  private static Setting setting(String key, String value, String source) {
    return new Setting(key, value, source);
  }

  private static GatewayFile read(String text) {
    return GatewayFile.of("gateway.conf", FOLDER, text, Map.of());
  }

  private static List<String> messages(GatewayFile file) {
    return file.problems().all().stream().map(Problem::toString).toList();
  }
}
