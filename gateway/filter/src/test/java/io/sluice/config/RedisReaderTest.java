package io.sluice.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTls;
import io.sluice.redis.RedisTopology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way in which a file may say where Redis is; REDIS_URL takes the same URLs. */
final class RedisReaderTest {

  private static final String ONE_OF =
      " says where Redis is: expected one of url, host, socket, sentinel and cluster";

  @TempDir private Path temp = Path.of("");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "redis://h                          | redis://h:6379/0",
        "redis://h:1                        | redis://h:1/0",
        "redis://h:1/                       | redis://h:1/0",
        "redis://h/15                       | redis://h:6379/15",
        "redis://[::1]                      | redis://[::1]:6379/0",
        "redis://[2001:db8::7]:65535/1      | redis://[2001:db8::7]:65535/1",
        "redis://10.0.0.7:7000              | redis://10.0.0.7:7000/0",
        "redis://my_redis                   | redis://my_redis:6379/0",
        "rediss://h:6380/2                  | rediss://h:6380/2",
        "redis-socket:///run/r.sock         | redis-socket:///run/r.sock?database=0",
        "redis-socket:///a%20b?database=3   | redis-socket:///a b?database=3",
        "redis-sentinel://a#m               | redis-sentinel://a:26379/0#m",
        "redis-sentinel://a:1,b,[::1]:2/3#m | redis-sentinel://a:1,b:26379,[::1]:2/3#m",
        "rediss-sentinel://a:1,b:2#my%23m   | rediss-sentinel://a:1,b:2/0#my#m",
        "redis-cluster://a                  | redis-cluster://a:6379",
        "redis-cluster://a:1,b,[::1]:2      | redis-cluster://a:1,b:6379,[::1]:2",
        "redis-cluster://a:1/0              | redis-cluster://a:1",
        "rediss-cluster://a:1,b:2           | rediss-cluster://a:1,b:2",
      })
  void everyUrlLeadsWhereItSays(String url, String target) {
    assertThat(sound("redis.url = \"%s\"".formatted(url))).hasToString(target);
    RedisSettings ofVariable = sound("", Map.of("REDIS_URL", url));
    assertThat(ofVariable).isEqualTo(sound("redis.url = \"%s\"".formatted(url)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://%s@h",
        "rediss://%s@h:1/2",
        "redis-socket://%s@/run/r.sock",
        "redis-sentinel://%s@a,b#m",
        "rediss-sentinel://%s@a,b/1#m",
        "redis-cluster://%s@a:1,b:2",
        "rediss-cluster://%s@[::1]"
      })
  void everyUrlMayBearUserAndPassword(String form) {
    assertThat(sound(url(form.formatted("ann:p%40s%2Fs%3A%23%3f+,1"))).login())
        .isEqualTo(new RedisLogin("ann", "p@s/s:#?+,1"));
    assertThat(sound(url(form.formatted(":a:b"))).login()).isEqualTo(new RedisLogin(null, "a:b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "redis://h0rse@h",
        "redis://ann:h0rse/x@h",
        "redis://ann:h0rse#x@h",
        "redis://ann:h0rse?x@h",
        "redis://ann:h0rse@x@h",
        "redis://ann:h0rse x@h",
        "redis://ann:h0rse%zz@h",
        "redis://ann:h0rse@",
        "redis://ann:h0rse@h/x",
        "redis://ann:h0rse@h/1?timeout=1s",
        "redis://ann:h0rse@a,b",
        "redis://ann:h0rse@h#m",
        "redis-sentinel://ann:h0rse@a",
        "redis-sentinel://ann:h0rse#x@a",
        "redis-cluster://ann:h0rse@a#m",
        "rediss-socket://ann:h0rse@/run/r.sock",
        "redis-socket://ann:h0rse@run/r.sock",
        "redis-socket://ann:h0rse@/run/r.sock?db=1",
        "valkey://ann:h0rse@h",
        "ann:h0rse@h:1"
      })
  void aUrlThatIsNoneIsToldWithoutItsPassword(String url) {
    assertThat(messages(url(url)))
        .singleElement()
        .asString()
        .startsWith("gateway.conf:1: redis.url: expected ")
        .doesNotContain("h0rse");
  }

  @Test
  void theRemedyHasTheFormThatWasMeant() {
    assertThat(messages(url("rediss-sentinel://a")).get(0))
        .contains("redis-sentinel://user:password@host:port,host:port/database#master");
    assertThat(messages(url("redis-socket://a")).get(0)).contains("/path/of/redis.sock?database=0");
    assertThat(messages(url("redis-cluster://")).get(0)).contains("redis-cluster://user:password@");
    assertThat(messages(url("redis://a:%4@h")).get(0)).contains("a % and two hex digits");
  }

  @Test
  void partsOfAUrlAreCheckedLikeTheirKeys() {
    assertThat(messages("\n" + url("redis://u:h0rse@h:0")))
        .containsExactly("gateway.conf:2: redis.port = 0: expected a whole number from 1 to 65535");
    assertThat(messages(url("redis://u:h0rse@[::g]")).get(0)).contains("expected a name or an");
    assertThat(messages(url("redis-cluster://u:h0rse@a:1,:2")))
        .containsExactly(
            "gateway.conf:1: redis.cluster.nodes = [\"a:1\",\":2\"]: ':2' is no address: expected"
                + " host:port, with an IPv6 address in brackets");
    assertThat(messages(url("redis-cluster://a:1/2")))
        .containsExactly(
            "gateway.conf:1: redis.database = 2: a cluster has no other database than 0");
  }

  @Test
  void keysSayTheSameAsUrls() {
    assertThat(
            sound(
                """
                redis {
                  username = ann, password = a, database = 3
                  sentinel {
                    master = mymaster, nodes = ["a:1", b, "[::1]:2"], username = eve, password = b
                  }
                }
                """))
        .isEqualTo(
            new RedisSettings(
                true,
                false,
                new RedisTopology.Sentinel(
                    "mymaster",
                    List.of(
                        new RedisAddress("a", 1),
                        new RedisAddress("b", 26_379),
                        new RedisAddress("::1", 2)),
                    new RedisLogin("eve", "b")),
                3,
                new RedisLogin("ann", "a"),
                null,
                RedisSettings.at("a", 1).timeout(),
                "sluice:"));
    assertThat(sound("redis.cluster.nodes = [a, \"b:7\"]").topology())
        .isEqualTo(
            new RedisTopology.Cluster(
                List.of(new RedisAddress("a", 6_379), new RedisAddress("b", 7))));
    assertThat(sound("redis.socket = run/r.sock").topology())
        .isEqualTo(new RedisTopology.Socket(Path.of("/etc/sluice/run/r.sock")));
  }

  @Test
  void theSentinelsOfAUrlMayHaveALoginOfTheirOwn() {
    String text = "redis { %s, sentinel.password = b }".formatted(bare("redis-sentinel://a#m"));
    assertThat(((RedisTopology.Sentinel) sound(text).topology()).login())
        .isEqualTo(new RedisLogin(null, "b"));
    RedisSettings elsewhere = sound(text, Map.of("REDIS_URL", "redis-sentinel://c#n"));
    assertThat(elsewhere.topology())
        .isEqualTo(
            new RedisTopology.Sentinel(
                "n", List.of(new RedisAddress("c", 26_379)), new RedisLogin(null, "b")));
    assertThat(sound(text, Map.of("REDIS_URL", "redis://c"))).hasToString("redis://c:6379/0");
    assertThat(messages("redis { %s, sentinel.password = b }".formatted(bare("redis://a"))))
        .contains("gateway.conf:1: redis.sentinel: redis.host" + ONE_OF);
    assertThat(
            messages("redis { %s, sentinel.master = b }".formatted(bare("redis-sentinel://a#m"))))
        .contains(
            "gateway.conf:1: redis.sentinel.master: but redis.url says where Redis is: expected"
                + " only one of them");
  }

  @Test
  void twoWaysAreOneTooMany() {
    assertThat(
            messages("redis {\n host = a\n socket = /b\n sentinel { master = m, nodes = [c] }\n}"))
        .containsExactly(
            "gateway.conf:3: redis.socket = /b: redis.host" + ONE_OF,
            "gateway.conf:4: redis.sentinel: redis.host" + ONE_OF);
    assertThat(messages("redis { port = 1, cluster.nodes = [a] }"))
        .containsExactly("gateway.conf:1: redis.cluster: redis.port" + ONE_OF);
    assertThat(messages("redis {\n " + bare("redis://u:h0rse@a/1") + "\n host = b\n port = 1\n}"))
        .containsExactly(
            "gateway.conf:3: redis.host: but redis.url says where Redis is: expected only one of"
                + " them",
            "gateway.conf:4: redis.port: but redis.url says where Redis is: expected only one of"
                + " them");
    assertThat(
            messages(
                "redis {\n " + bare("redis://u:h0rse@a/1") + "\n database = 2, password = b\n}"))
        .containsExactly(
            "gateway.conf:3: redis.database: but redis.url has it too: expected it once",
            "gateway.conf:3: redis.password: but redis.url has it too: expected it once");
    assertThat(messages("redis { %s, tls.enabled = false }".formatted(bare("rediss://a"))))
        .containsExactly("gateway.conf:1: redis.tls.enabled: but redis.url asks for TLS");
    assertThat(sound("redis { %s, tls.enabled = true }".formatted(bare("rediss://a"))).tls())
        .isEqualTo(RedisTls.STANDARD);
    assertThat(sound("redis { %s, database = 4 }".formatted(bare("redis://a"))).database())
        .isEqualTo(4);
  }

  @Test
  void anIncompleteWayNamesWhatIsMissing() {
    assertThat(messages("redis.sentinel {}"))
        .containsExactly(
            "gateway.conf:1: redis.sentinel.master: missing",
            "gateway.conf:1: redis.sentinel.nodes: expected at least one host:port");
    assertThat(messages("redis.cluster.nodes = []"))
        .containsExactly(
            "gateway.conf:1: redis.cluster.nodes = []: expected at least one host:port");
    assertThat(messages("redis.cluster.nodes = [\"a:70000\"]").get(0)).contains("is no address");
    assertThat(messages("redis.socket = /" + "a".repeat(107)).get(0))
        .endsWith("expected a path of at most 107 octets");
    assertThat(messages("redis { socket = /a, tls.enabled = true }"))
        .containsExactly(
            "gateway.conf:1: redis.tls: a Unix domain socket has no TLS: expected only one of the"
                + " two");
  }

  @Test
  void aPasswordStandsInOnePlace() throws IOException {
    Path file = Files.writeString(temp.resolve("password"), "a\n");
    assertThat(sound("redis.password-file = \"%s\"".formatted(file)).login())
        .isEqualTo(new RedisLogin(null, "a", file));
    assertThat(messages("redis { password = b, password-file = \"%s\" }".formatted(file)))
        .singleElement()
        .asString()
        .endsWith("redis.password is set too: expected only one of them");
    assertThat(messages("redis { %s, password-file = x }".formatted(bare("redis://u:h0rse@a"))))
        .contains(
            "gateway.conf:1: redis.password-file: but redis.url has a password: expected one of"
                + " them");
    assertThat(messages("\nredis.password-file = missing"))
        .containsExactly(
            "gateway.conf:2: redis.password-file = missing: /etc/sluice/missing cannot be read:"
                + " expected a readable file with the secret in it");
  }

  @Test
  void aPasswordAtTheSentinelsMayStandInAFileOfItsOwn() throws IOException {
    Path file = Files.writeString(temp.resolve("password"), "a\n");
    String sentinel = "redis.sentinel { master = m, nodes = [b], password-file = \"%s\"%s }";
    assertThat(((RedisTopology.Sentinel) sound(sentinel.formatted(file, "")).topology()).login())
        .isEqualTo(new RedisLogin(null, "a", file));
    assertThat(messages(sentinel.formatted(file, ", password = c")))
        .singleElement()
        .asString()
        .startsWith("gateway.conf:1: redis.sentinel.password-file = ")
        .endsWith("redis.sentinel.password is set too: expected only one of them");
  }

  @Test
  void filesOfTlsAreReadAtOnce() throws IOException {
    Path rubbish = Files.writeString(temp.resolve("rubbish.pem"), "rubbish");
    Path damaged =
        Files.writeString(
            temp.resolve("damaged.pem"),
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assertThat(
            messages(
                "redis.tls {\n enabled = true\n ca = no.pem\n certificate = \"%s\"\n key = k\n}"
                    .formatted(rubbish)))
        .containsExactly(
            "gateway.conf:3: redis.tls.ca = no.pem: /etc/sluice/no.pem: there is no such file",
            "gateway.conf:4: redis.tls.certificate = %s: %s: holds no certificate; expected PEM text with -----BEGIN CERTIFICATE----- (a binary one: openssl x509 -inform der -in FILE)"
                .formatted(rubbish, rubbish),
            "gateway.conf:5: redis.tls.key = k: /etc/sluice/k: there is no such file");
    assertThat(messages("redis.tls { enabled = true, ca = \"%s\" }".formatted(damaged)).get(0))
        .contains("damaged.pem: certificate 1 cannot be read (")
        .endsWith("; copy the file again");
    assertThat(messages("redis.tls { enabled = true, key = a }"))
        .containsExactly(
            "gateway.conf:1: redis.tls.key = a: expected certificate and key, or neither of them");
  }

  @Test
  void tlsThatWasMeantIsNotForgotten() {
    assertThat(messages("redis.tls.ca = a.pem"))
        .containsExactly(
            "gateway.conf:1: redis.tls.ca = a.pem: is not used: expected redis.tls.enabled = true,"
                + " or a URL of rediss://");
    assertThat(sound("redis.tls { enabled = false, ca = a.pem }").tls()).isNull();
  }

  @Test
  void theUrlIsShownToNobody() {
    GatewayFile file = read(url("redis://ann:h0rse@a:7/1"), Map.of());
    assertThat(file.settings().toString())
        .doesNotContain("h0rse")
        .contains("redis.host")
        .contains("gateway.conf:1");
    assertThat(messages("redis.url = [\"redis://ann:h0rse@a\"]"))
        .containsExactly("gateway.conf:1: redis.url: expected text that is not blank");
    assertThat(messages("redis.url = redis://ann:h0rse@a").toString()).doesNotContain("h0rse");
  }

  private static String url(String url) {
    return "redis." + bare(url);
  }

  private static String bare(String url) {
    return "url = \"%s\"".formatted(url);
  }

  private static RedisSettings sound(String text) {
    return sound(text, Map.of());
  }

  private static RedisSettings sound(String text, Map<String, String> environment) {
    GatewayFile file = read(text, environment);
    RedisSettings redis = EngineConfig.read(file.root()).redis();
    assertThat(file.problems().all()).isEmpty();
    return redis;
  }

  private static List<String> messages(String text) {
    GatewayFile file = read(text, Map.of());
    EngineConfig.read(file.root());
    return file.problems().all().stream().map(Problem::toString).toList();
  }

  private static GatewayFile read(String text, Map<String, String> environment) {
    return GatewayFile.of("gateway.conf", Path.of("/etc/sluice"), text, environment);
  }
}
