package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sluice.config.ConfigProblemsException;
import io.sluice.config.GatewayFile;
import io.sluice.config.Setting;
import io.sluice.tls.TestAuthority;
import io.sluice.tls.UpstreamTls;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayConfigTest {

  private static final Path ROOT = Path.of("../..");
  private static final Pattern VARIABLE = Pattern.compile("\\b(?:REDIS|SLUICE)_[A-Z_]*[A-Z]\\b");

  @TempDir Path folder;

  @Test
  void everyKeyOfTheReferenceIsRead() throws IOException {
    new TestAuthority().issue("a.example").write(folder, "a");
    GatewayFile file =
        GatewayFile.of(
            "all.conf",
            folder,
            """
            server.tls.certificates = [{ cert = a.pem, key = a.key }]
            upstreams { api { urls = ["http://a"], protocol = h2, connections = 5, max-age = 1min } }
            routes = [
              {
                match { methods = [GET], path = "/a/**", host = a }
                upstream = api
                strip-prefix = /a
                encoded-slash = pass
                timeouts { connect = 1s, response = 1s, idle = 1s, total = 1s }
              }
            ]
            """,
            Map.of());
    GatewayConfig.read(file);
    assertThat(file.unread()).isEmpty();
    assertThat(file.problems().all()).isEmpty();
  }

  @Test
  void withoutSettingsTheDefaultsOfTheReferenceHold() {
    GatewayConfig config = GatewayConfig.read(GatewayFile.of("empty.conf", folder, "", Map.of()));
    assertThat(config.server())
        .isEqualTo(
            new ServerSettings(
                "0.0.0.0", 8080, seconds(60), 16 * 1024, 10_000, seconds(10), Shortcuts.ALL));
    assertThat(config.tls()).isNull();
    assertThat(config.upstreamTls()).isEqualTo(UpstreamTls.STANDARD);
    assertThat(config.upstream().upstream()).isEqualTo(URI.create("http://localhost:3000"));
    assertThat(config.upstream().connectTimeout()).isEqualTo(seconds(2));
    assertThat(config.upstream().responseTimeout()).isEqualTo(seconds(30));
    assertThat(config.upstream().idleTimeout()).isEqualTo(seconds(60));
    assertThat(config.upstream().maxConnections()).isEqualTo(256);
    assertThat(config.admin().host()).isEqualTo("127.0.0.1");
    assertThat(config.admin().port()).isEqualTo(9090);
    assertThat(config.accessLog()).isEqualTo(new AccessLogSettings(true, "-", 10));
    assertThat(config.engine().policies()).isEqualTo(folder.resolveSibling("policies"));
  }

  @Test
  void everyVariableThatTheReadmeNamesBeatsTheFile() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "0123456789abcdef0123456789abcdef");
    Map<String, String> examples =
        Map.ofEntries(
            Map.entry("REDIS_ENABLED", "false"),
            Map.entry("REDIS_HOST", "redis.example"),
            Map.entry("REDIS_PORT", "6390"),
            Map.entry("REDIS_USERNAME", "sluice"),
            Map.entry("REDIS_PASSWORD", "hunter2"),
            Map.entry("REDIS_PASSWORD_FILE", secret.toString()),
            Map.entry("REDIS_DB", "3"),
            Map.entry("REDIS_URL", "redis://redis.example:6391/4"),
            Map.entry("SLUICE_PORT", "8081"),
            Map.entry("SLUICE_UPSTREAM", "http://api.example:81"),
            Map.entry("SLUICE_SECRET", "0123456789abcdef0123456789abcdef"),
            Map.entry("SLUICE_ADMIN_PORT", "9091"),
            Map.entry("SLUICE_ADMIN_HOST", "0.0.0.0"),
            Map.entry("SLUICE_ADMIN_TOKEN", "0123456789abcdef0123456789abcdef"));
    TreeSet<String> named = new TreeSet<>();
    VARIABLE
        .matcher(Files.readString(ROOT.resolve("README.md")))
        .results()
        .map(MatchResult::group)
        .forEach(named::add);

    assertThat(named).isEqualTo(new TreeSet<>(examples.keySet()));
    examples.forEach((name, value) -> {
      List<String> sources =
          load("", Map.of(name, value)).settings().stream().map(Setting::source).toList();
      assertThat(sources).as(name).anyMatch(source -> source.contains(name));
    });
  }

  @Test
  void anUpstreamIsAnOriginAndNoMore() {
    assertThat(load("upstream = \"http://api:81/\"", Map.of()).upstream().upstream())
        .isEqualTo(URI.create("http://api:81"));
    for (String more : List.of("/v1", "/?q", "?q", "#f")) {
      assertThatThrownBy(() -> load("\nupstream = \"http://api:81" + more + "\"", Map.of()))
          .as(more)
          .isInstanceOf(ConfigProblemsException.class)
          .hasMessageContaining("gateway.conf:2: upstream = ")
          .hasMessageContaining("expected scheme, host and port only, for example http://api:81");
    }
  }

  @Test
  void warningsOfTheSettingsAreKept() {
    assertThat(load("identity.secret = short", Map.of()).warnings())
        .singleElement()
        .asString()
        .contains("gateway.conf:1: warning: identity.secret: shorter than");
    assertThat(load("", Map.of("REDIS_PORT", "tcp://10.0.0.7:6379")).warnings()).hasSize(1);
  }

  private GatewayConfig load(String text, Map<String, String> environment) {
    try {
      return GatewayConfig.load(
          Files.writeString(folder.resolve("gateway.conf"), text), environment);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }
}
