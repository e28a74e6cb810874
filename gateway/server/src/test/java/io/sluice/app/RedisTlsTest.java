package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.FreePort;
import io.sluice.fixtures.LocalRedis;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTls;
import io.sluice.tls.TestAuthority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS with a real Redis that has an authority of its own and asks for certificates. */
@Timeout(120)
class RedisTlsTest {

  private final TestAuthority authority = new TestAuthority("Own");
  private final TestAuthority stranger = new TestAuthority("Stranger");
  private final int port = FreePort.choose();

  @TempDir private Path folder;

  private Path ca;
  private LocalRedis redis;

  @BeforeEach
  void start() throws IOException {
    ca = Files.writeString(folder.resolve("ca.pem"), authority.pem());
    authority.issue(LocalRedis.HOST).write(folder, "server");
    authority.issue("gateway").write(folder, "own");
    redis = server("server");
  }

  @AfterEach
  void stop() {
    redis.close();
  }

  @Test
  void certificatesOnBothSidesMakeALink() throws Exception {
    try (LettuceLink link = link(port, own())) {
      awaitUp(link);
      assertThat(link.epochNanos().toCompletableFuture().get(20, TimeUnit.SECONDS)).isPositive();
      assertThat(link.target()).isEqualTo("rediss://127.0.0.1:" + port + "/0");
    }
  }

  @Test
  void anAuthorityThatIsNotBelievedIsNamed() throws IOException {
    Path other = Files.writeString(folder.resolve("other.pem"), stranger.pem());
    String remedy =
        "shows a certificate of an authority that is not believed; name the authority's own in"
            + " redis.tls.ca";
    assertProblem(new RedisTls(other, file("own.pem"), file("own.key"), true), remedy);
    assertProblem(RedisTls.STANDARD, remedy);
  }

  @Test
  void aCertificateForAnotherHostIsNamedUnlessNamesDoNotMatter() throws Exception {
    authority.issue("redis.internal").write(folder, "server");
    redis.restart();
    assertProblem(
        own(),
        "shows a certificate for another host (No subject alternative names matching IP address"
            + " 127.0.0.1 found); name the host that it is for, or set redis.tls.verify-name");
    RedisTls lenient = new RedisTls(ca, file("own.pem"), file("own.key"), false);
    try (LettuceLink link = link(port, lenient)) {
      awaitUp(link);
    }
  }

  @Test
  void aCertificateThatIsNotValidNowIsNamed() throws IOException {
    authority
        .issue("EC", Instant.now().minus(Duration.ofDays(1)), LocalRedis.HOST)
        .write(folder, "server");
    redis.restart();
    assertProblem(own(), "shows a certificate that is not valid now; renew it");
  }

  @Test
  void aMissingOrForeignCertificateOfOursIsNamed() throws IOException {
    assertProblem(
        new RedisTls(ca, null, null, true),
        "wants a certificate of the gateway; set redis.tls.certificate and redis.tls.key");
    stranger.issue("gateway").write(folder, "own");
    assertProblem(own(), "does not accept the gateway's certificate (unknown_ca)");
  }

  @Test
  void aServerWithoutTlsAndAServerWithNothingElseAreNamed() throws IOException {
    try (LettuceLink link = link(redis.port(), own())) {
      awaitProblem(link, "does not take part in a TLS handshake within 800 ms");
    }
    try (LettuceLink link = link(port, null)) {
      awaitProblem(link, "or speaks TLS only: set redis.tls.enabled");
    }
  }

  @Test
  void renewedFilesTakeEffectWithTheNextConnection() throws Exception {
    stranger.issue("gateway").write(folder, "own");
    try (LettuceLink link = link(port, own())) {
      awaitProblem(link, "does not accept the gateway's certificate");
      authority.issue("gateway").write(folder, "own");
      awaitUp(link);

      // The authority itself is another one from now on.
      Files.writeString(ca, stranger.pem());
      stranger.issue(LocalRedis.HOST).write(folder, "server");
      stranger.issue("gateway").write(folder, "own");
      redis.restart();
      Eventually.becomes("the link is down", () -> !link.isUp());
      awaitUp(link);
    }
  }

  @Test
  void aFileThatBecomesUnusableIsNamedAndItsReturnMendsTheLink() throws Exception {
    String text = Files.readString(ca);
    try (LettuceLink link = link(port, own())) {
      awaitUp(link);
      Files.delete(ca);
      redis.send("CLIENT", "KILL", "TYPE", "normal");
      awaitProblem(link, ca + ": there is no such file");
      Files.writeString(ca, "nothing");
      awaitProblem(link, ca + ": holds no certificate");
      Files.writeString(ca, text);
      awaitUp(link);
      authority.issue("another").write(folder, "another");
      Files.copy(file("own.key"), folder.resolve("kept.key"));
      Files.writeString(file("own.key"), Files.readString(file("another.key")));
      redis.send("CLIENT", "KILL", "TYPE", "normal");
      awaitProblem(link, file("own.key") + ": is not the key of the certificate in ");
    }
  }

  @Test
  void theSettingsOfAGatewayLeadThereAndNameBadFiles() throws Exception {
    String text =
        """
        redis {
          url = "rediss://%s:%d"
          timeout = 5s
          tls { ca = ca.pem, certificate = own.pem, key = own.key }
        }
        """;
    Path conf =
        Files.writeString(folder.resolve("gateway.conf"), text.formatted(LocalRedis.HOST, port));
    RedisSettings settings = GatewayConfig.load(conf, Map.of()).engine().redis();
    try (LettuceLink link = new LettuceLink(settings, System::nanoTime)) {
      awaitUp(link);
    }

    authority.issue("another").write(folder, "own2");
    Files.writeString(file("own.key"), Files.readString(file("own2.key")));
    assertThat(catchMessage(conf))
        .contains("gateway.conf:4: redis.tls.key = own.key: ")
        .contains("own.key: is not the key of the certificate in ");
  }

  private static String catchMessage(Path conf) {
    try {
      GatewayConfig.load(conf, Map.of());
      return "";
    } catch (RuntimeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private LocalRedis server(String name) {
    return LocalRedis.builder().tls(port, ca, file(name + ".pem"), file(name + ".key")).start();
  }

  private RedisTls own() {
    return new RedisTls(ca, file("own.pem"), file("own.key"), true);
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  private void assertProblem(RedisTls tls, String text) {
    try (LettuceLink link = link(port, tls)) {
      awaitProblem(link, text);
      assertThat(link.isUp()).isFalse();
    }
  }

  private static LettuceLink link(int port, @Nullable RedisTls tls) {
    RedisSettings plain = RedisSettings.at(LocalRedis.HOST, port).with(Duration.ofSeconds(1));
    return new LettuceLink(tls == null ? plain : plain.with(tls), System::nanoTime);
  }

  private static void awaitUp(LettuceLink link) {
    Eventually.becomes(() -> "the link is up, not: " + problem(link), link::isUp);
  }

  private static void awaitProblem(LettuceLink link, String text) {
    Eventually.becomes(
        () -> "the problem is: " + text + ", not: " + problem(link),
        () -> problem(link).contains(text));
  }

  private static String problem(LettuceLink link) {
    return link.lastProblem().orElse("");
  }
}
