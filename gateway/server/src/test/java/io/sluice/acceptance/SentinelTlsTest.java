package io.sluice.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LocalSentinel;
import io.sluice.fixtures.LocalTls;
import io.sluice.redis.LettuceLink;
import io.sluice.redis.RedisAddress;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import io.sluice.redis.RedisTls;
import io.sluice.redis.RedisTopology;
import io.sluice.store.StoreStatus.Mode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sentinels and servers that speak nothing but TLS, and want certificates. */
@Timeout(120)
class SentinelTlsTest {

  private static final String NO_TLS =
      "does not take part in a TLS handshake within 800 ms; it hangs, or speaks no TLS: ";

  @TempDir private Path folder;

  private Certificates certificates;

  @BeforeEach
  void issue() throws IOException {
    certificates = new Certificates(folder.resolve("tls"));
  }

  @Test
  void aGatewayDecidesAndFollowsAFailover() throws Exception {
    try (LocalSentinel all = LocalSentinel.start(certificates.redis(), 1);
        House house = new House(folder)) {
      Gateway gateway = house.gateway("redis { timeout = 200ms }", redis(all));
      Eventually.becomes("Redis decides", () -> mode(gateway) == Mode.REDIS);
      try (Load load = Load.start(house, gateway)) {
        load.goOn(200);
        LocalRedis first = all.master();

        first.kill();
        LocalRedis second = all.awaitSuccessor(first);
        Eventually.becomes(
            "Redis decides again", () -> mode(gateway) == Mode.REDIS && decides(second));
        load.goOn(200);

        assertThat(load.outcomes()).containsOnlyKeys("200");
      }
    }
  }

  @Test
  void aSentinelOfAnotherAuthorityIsRefused() {
    assertProblemOfSentinel(
        certificates.redis(),
        certificates.misled(),
        "shows a certificate of an authority that is not believed; name the authority's own in"
            + " redis.tls.ca");
  }

  @Test
  void aSentinelWithTheNameOfAnotherHostIsRefused() throws Exception {
    assertProblemOfSentinel(
        certificates.elsewhere(),
        certificates.gateway(),
        "shows a certificate for another host (No subject alternative names matching IP address"
            + " 127.0.0.1 found); name the host that it is for, or set redis.tls.verify-name");
  }

  @Test
  void aSentinelThatDoesNotBelieveTheGatewayIsNamed() {
    assertProblemOfSentinel(
        certificates.redis(),
        certificates.anonymous(),
        "wants a certificate of the gateway; set redis.tls.certificate and redis.tls.key");
    assertProblemOfSentinel(
        certificates.redis(),
        certificates.foreign(),
        "does not accept the gateway's certificate (unknown_ca)");
  }

  @Test
  void aSentinelWithoutTlsAndOneWithNothingElseAreNamed() {
    assertProblemOfSentinel(
        null,
        certificates.gateway(),
        NO_TLS + "name its tls-port in redis.sentinel.nodes, or leave TLS out");
    assertProblemOfSentinel(
        certificates.redis(),
        null,
        "closes connections at once; it is shutting down, full, or no Redis, or speaks TLS only:"
            + " set redis.tls.enabled");
  }

  @Test
  void aMasterOfAnotherAuthorityIsRefusedThoughItsSentinelIsNot() throws Exception {
    assertProblemOfMaster(
        certificates.strange(),
        "tls-ca-cert-file " + certificates.strange().ca(),
        "shows a certificate of an authority that is not believed; name the authority's own in"
            + " redis.tls.ca");
  }

  @Test
  void aMasterWhosePlainPortTheSentinelsAnnounceIsNamed() throws Exception {
    assertProblemOfMaster(
        null,
        "tls-replication no",
        NO_TLS + "have the Sentinels monitor its tls-port, or leave TLS out");
  }

  private static void assertProblemOfSentinel(
      @Nullable LocalTls shown, @Nullable RedisTls own, String text) {
    try (LocalRedis sentinel = LocalSentinel.alone(shown, 1);
        LettuceLink link = link(sentinel, own)) {
      awaitProblem(
          link,
          "no Sentinel names the master: Sentinel 127.0.0.1:%d %s"
              .formatted(sentinel.port(), text));
    }
  }

  private void assertProblemOfMaster(@Nullable LocalTls shown, String line, String text) {
    try (LocalRedis master = LocalRedis.builder().onlyTls(shown).start();
        LocalRedis sentinel = LocalSentinel.alone(certificates.redis(), master.port(), line);
        LettuceLink link = link(sentinel, certificates.gateway())) {
      awaitProblem(
          link, "127.0.0.1:%d, named as master of mymaster, %s".formatted(master.port(), text));
    }
  }

  private static void awaitProblem(LettuceLink link, String text) {
    Eventually.becomes(
        "the problem is: " + text, () -> link.lastProblem().orElse("").contains(text));
    assertThat(link.isUp()).isFalse();
  }

  private static LettuceLink link(LocalRedis sentinel, @Nullable RedisTls tls) {
    RedisSettings plain =
        RedisSettings.at("nowhere", 1)
            .with(
                new RedisTopology.Sentinel(
                    LocalSentinel.NAME,
                    List.of(new RedisAddress(LocalRedis.HOST, sentinel.port())),
                    RedisLogin.NONE))
            .with(Duration.ofSeconds(1));
    return new LettuceLink(tls == null ? plain : plain.with(tls), System::nanoTime);
  }

  private String redis(LocalSentinel all) {
    String nodes =
        all.sentinels().stream()
            .map(each -> "\"%s:%d\"".formatted(LocalRedis.HOST, each.port()))
            .collect(Collectors.joining(", "));
    return "redis { %s, sentinel { master = %s, nodes = [%s] } }"
        .formatted(certificates.block(), LocalSentinel.NAME, nodes);
  }

  private static boolean decides(LocalRedis master) {
    return LocalSentinel.tells(master, "cmdstat_evalsha:", "INFO", "commandstats");
  }

  private static Mode mode(Gateway gateway) {
    return gateway.engine().storeStatus().mode();
  }
}
