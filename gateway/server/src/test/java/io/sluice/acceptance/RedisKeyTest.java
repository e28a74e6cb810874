package io.sluice.acceptance;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.github.bucket4j.BucketConfiguration;
import io.github.bucket4j.TokensInheritanceStrategy;
import io.github.bucket4j.distributed.BucketProxy;
import io.github.bucket4j.redis.lettuce.Bucket4jLettuce;
import io.lettuce.core.RedisClient;
import io.sluice.fixtures.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The rows of the table of failures in docs/operations.md in which others spoil our keys. */
@Timeout(120)
class RedisKeyTest {

  private static final String RANDOM_OCTETS = "9f00ff7c31d0aa0b";

  /** A bucket of Bucket4j's that announces 54 million counts. */
  private static final String ENDLESS_COUNTS =
      "00000002000000010000000100000001000000000000001400000000000000140000000df84758000000000000"
          + "00001400800000000000000000000000000300000001360000cf18d75b8423f30000000000000000000d0000"
          + "00000000000000000001000000000000000701000000006ab13b80";

  @TempDir Path folder;

  @Test
  void aSpoiltBucketCostsNobodyElseAnythingAndItsCallerGetsOneBucketNotMore() throws Exception {
    try (FailingRedis site = new FailingRedis(folder)) {
      site.house.policy(
          "few", "match = \"/api/users/few\"\nlimits = [ { key = user, rate = 3/day } ]");
      site.gatewayOnRedis();
      assertThat(granted(site)).isEqualTo(3);
      for (String octets : List.of(RANDOM_OCTETS, ENDLESS_COUNTS)) {
        spoil(site, key(site), octets);
        assertThat(grantedAnew(site)).as(octets).isEqualTo(3);
      }
      site.assertRedisDecides();
      assertThat(site.log.ofStore())
          .singleElement()
          .asString()
          .startsWith("WARN sluice:few:main:{")
          .contains("holds no bucket")
          .contains("DELETE /admin/limits");
    }
  }

  @Test
  void aBucketThatAStockProxyHasFilledIsCountedByOurLimit() throws Exception {
    try (FailingRedis site = new FailingRedis(folder)) {
      site.house.policy(
          "few", "match = \"/api/users/few\"\nlimits = [ { key = user, rate = 3/2s } ]");
      site.gatewayOnRedis();
      assertThat(grantedAtOnce(site)).isEqualTo(3);
      String key = key(site);
      byte[] name = key.getBytes(US_ASCII);
      RedisClient client = RedisClient.create("redis://127.0.0.1:" + site.redis.port());
      try {
        var stock = Bucket4jLettuce.casBasedBuilder(client).build().builder();
        BucketProxy bucket = stock.build(name, () -> million());
        bucket.replaceConfiguration(million(), TokensInheritanceStrategy.RESET);
        assertThat(grantedAnew(site)).isLessThanOrEqualTo(4);

        bucket.forceAddTokens(1_000_000);
        assertThat(grantedAnew(site)).isLessThanOrEqualTo(4);

        site.redis.send("DEL", key);
        stock
            .withImplicitConfigurationReplacement(Long.MAX_VALUE, TokensInheritanceStrategy.RESET)
            .build(name, () -> million())
            .consumeIgnoringRateLimits(1_000_100);
        assertThat(grantedAnew(site)).isLessThanOrEqualTo(4);
      } finally {
        client.shutdown();
      }
      site.assertRedisDecides();
      assertThat(site.log.ofStore()).isEmpty();
    }
  }

  @Test
  void aKeyOfAnotherTypeIsTakenForAnAbsentOne() throws Exception {
    try (FailingRedis site = new FailingRedis(folder).gatewayOnRedis()) {
      site.left("eve");
      String key = site.redis.send("KEYS", "sluice:local:main:*").strip();
      site.redis.send("DEL", key);
      site.redis.send("RPUSH", key, "something");

      assertThat(site.left("eve")).isEqualTo(999_999);
      assertThat(site.left("eve")).isEqualTo(999_998);
      assertThat(site.redis.send("TYPE", key)).isEqualTo("string");
      site.assertRedisDecides();
      assertThat(site.log.ofStore()).isEmpty();
    }
  }

  @Test
  void aSpoiltVersionOfALimitIsNumberedAnew() throws Exception {
    try (FailingRedis site = new FailingRedis(folder)) {
      site.redis.send("RPUSH", "sluice:version:local:main", "something");
      site.redis.send("SET", "sluice:version:allow:main", "something");
      site.gatewayOnRedis();

      site.assertRedisDecides();
      assertThat(site.redis.send("GET", "sluice:version:local:main")).matches("\\d{10,} .*");
      assertThat(site.redis.send("GET", "sluice:version:allow:main")).matches("\\d{10,} .*");
      assertThat(site.log.ofStore()).isEmpty();
    }
  }

  private static int granted(FailingRedis site) {
    int granted = 0;
    for (int i = 0; i < 10; i++) {
      granted += site.send("few", "eve").statusCode() == 200 ? 1 : 0;
    }
    return granted;
  }

  /** Without the token that may come back meanwhile. */
  private static int grantedAtOnce(FailingRedis site) {
    int granted = 0;
    while (site.send("few", "eve").statusCode() == 200) {
      granted++;
    }
    return granted;
  }

  /** As soon as the gateway looks again: it may refuse from memory for a second. */
  private static int grantedAnew(FailingRedis site) {
    Eventually.becomes("the key is read", () -> site.send("few", "eve").statusCode() == 200);
    return 1 + granted(site);
  }

  private static BucketConfiguration million() {
    return BucketConfiguration.builder()
        .addLimit(limit -> limit.capacity(1_000_000).refillGreedy(1, Duration.ofDays(1)))
        .build();
  }

  private static String key(FailingRedis site) {
    return site.redis.send("KEYS", "sluice:few:main:*").strip();
  }

  private static void spoil(FailingRedis site, String key, String hex) {
    site.redis.send(
        "EVAL",
        "return redis.call('SET', KEYS[1], (ARGV[1]:gsub('..', function(octet)"
            + " return string.char(tonumber(octet, 16)) end)))",
        "1",
        key,
        hex);
  }
}
