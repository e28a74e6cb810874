package io.sluice.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.FaultRelay;
import io.sluice.fixtures.FreePort;
import io.sluice.fixtures.LocalRedis;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Each finding, with a real Redis that gives cause for it. */
@Timeout(120)
class DoctorTest {

  @Test
  void aRedisSetUpForLimitsIsHealthy() throws IOException {
    try (LocalRedis redis =
        LocalRedis.builder()
            .directive("maxmemory 256mb")
            .directive("maxmemory-policy volatile-ttl")
            .directive("appendonly yes")
            .directive("tcp-keepalive 60")
            .start()) {
      RedisSettings gateway = Examined.withGateway(redis);
      redis.send("SET", "sluice:chat:main:{x}", "state", "PX", "600000");

      Examined examined = Examined.of(gateway, Examined.settings(redis));

      assertThat(normal(examined.text(), redis)).isEqualTo(golden("healthy.txt"));
      assertThat(examined.report().worst()).isEqualTo(Severity.NOTE);
    }
  }

  @Test
  void aRedisSetUpAsACacheIsSick() throws IOException {
    try (LocalRedis redis =
        LocalRedis.builder()
            .directive("maxmemory 256mb")
            .directive("maxmemory-policy allkeys-lru")
            .directive("timeout 1")
            .directive("tcp-keepalive 0")
            .directive("slowlog-log-slower-than 0")
            .start()) {
      redis.send("SET", "sluice:chat:main:{x}", "state");
      redis.send("EVAL", "return redis.call('GET', KEYS[1])", "1", "sluice:chat:main:{x}");

      Examined examined = Examined.of(Examined.settings(redis));

      assertThat(normal(examined.text(), redis)).isEqualTo(golden("sick.txt"));
      assertThat(examined.report().worst()).isEqualTo(Severity.ERROR);
    }
  }

  @Test
  void aRedisThatIsNotThereIsUnreachable() {
    RedisSettings nowhere = RedisSettings.at("127.0.0.1", FreePort.choose());
    Finding finding = Examined.of(nowhere).named("reachable").get(0);
    assertThat(finding.severity()).isEqualTo(Severity.ERROR);
    assertThat(finding.seen()).contains("cannot be reached (connection refused); start Redis");
  }

  @Test
  void aWrongPasswordIsSaidAndNotShown() {
    try (LocalRedis redis = LocalRedis.builder().password("right").start()) {
      Examined examined =
          Examined.of(Examined.settings(redis).with(new RedisLogin(null, "hunter2")));
      assertThat(examined.text()).contains("error", "WRONGPASS", "correct redis.username");
      assertThat(examined.text() + ReportJson.of(examined.report())).doesNotContain("hunter2");
    }
  }

  @Test
  void aRedisThatHangsIsWaitedForOnce() {
    try (LocalRedis redis = LocalRedis.start()) {
      redis.pause();
      Report report =
          Examined.doctor().examine(Examined.settings(redis), null, Duration.ofMillis(300));
      assertThat(ReportText.of(report)).contains("did not answer within 300 ms");
      assertThat(report.parts()).hasSize(1);
      assertThat(report.worst()).isEqualTo(Severity.ERROR);
    }
  }

  @Test
  void aRedisThatFallsSilentEndsTheExamination() {
    ScriptedConsole console = new ScriptedConsole().silentAfter(1);
    List<Report.Part> parts =
        Examined.doctor().examine(new Patient(RedisSettings.at("fake", 1), console, console));
    assertThat(parts).hasSize(1);
    assertThat(parts.toString()).contains("severity=error", "did not answer within 10 ms");
  }

  @Test
  void aMemoryThatIsAlmostFullIsAnOutageToCome() {
    try (LocalRedis redis =
        LocalRedis.builder()
            .directive("maxmemory 24mb")
            .directive("maxmemory-policy noeviction")
            .start()) {
      Examined.of(Examined.settings(redis)).has(Severity.OK, "memory-use");
      fill(redis, 0.86);
      Examined.of(Examined.settings(redis))
          .has(Severity.WARNING, "memory-use", "under noeviction", "volatile-ttl")
          .hasNo("writes");
      long used = Vitals.of(redis.send("INFO", "memory")).number("used_memory");
      redis.send("CONFIG", "SET", "maxmemory", Long.toString(used - 1_000_000));
      Examined.of(Examined.settings(redis))
          .has(Severity.ERROR, "memory-use", "OOM")
          .has(Severity.ERROR, "writes", "OOM", "raise its maxmemory");
    }
  }

  @Test
  void evictionByUseIsNotedAndWarnedOfWhenItHappens() {
    try (LocalRedis redis =
        LocalRedis.builder()
            .directive("maxmemory 24mb")
            .directive("maxmemory-policy volatile-lru")
            .start()) {
      Examined.of(Examined.settings(redis)).has(Severity.NOTE, "eviction-policy", "volatile-lru");
      fillWithTtl(redis);
      Examined.of(Examined.settings(redis)).has(Severity.WARNING, "eviction-policy", "evicted");
      redis.send("CONFIG", "SET", "maxmemory-policy", "volatile-ttl");
      Examined.of(Examined.settings(redis))
          .has(Severity.OK, "eviction-policy")
          .has(Severity.NOTE, "evictions", "forgives the least");
    }
  }

  @Test
  void memoryWithoutALimitIsWarnedOf() {
    try (LocalRedis redis = LocalRedis.start()) {
      Examined.of(Examined.settings(redis))
          .has(Severity.WARNING, "maxmemory", "no maxmemory is set")
          .has(Severity.NOTE, "persistence", "neither")
          .hasNo("cluster-mode");
      redis.send("CONFIG", "SET", "save", "60 1");
      Examined.of(Examined.settings(redis)).has(Severity.NOTE, "persistence", "snapshots");
    }
  }

  @Test
  void keysThatNeverGoAreNamed() {
    try (LocalRedis redis = LocalRedis.start()) {
      for (int i = 0; i < 5; i++) {
        redis.send("SET", "sluice:kept:" + i, "x");
      }
      redis.send("SET", "sluice:\u001b[2Jnasty", "x");
      redis.send("SET", "sluice:fine", "x", "PX", "600000");
      redis.send("SET", "other", "x");
      Examined examined = Examined.of(Examined.settings(redis));
      examined.has(
          Severity.WARNING, "keys-without-ttl", "of all 7 keys under sluice: 6 have", ", ...");
      assertThat(examined.text()).doesNotContain("\u001b");
    }
  }

  @Test
  void aSlowRedisIsMeasuredAgainstTheTimeOut() throws IOException {
    try (LocalRedis redis = LocalRedis.start();
        FaultRelay relay = FaultRelay.before(redis.port())) {
      relay.delay(FaultRelay.Direction.TO_CLIENT, Duration.ofMillis(6));
      RedisSettings slow = RedisSettings.at(LocalRedis.HOST, relay.port());
      Examined.of(slow.with(Duration.ofMillis(5)))
          .has(Severity.ERROR, "round-trip", "redis.timeout is 5 ms", "fall back");
    }
  }

  @Test
  void whatTheObserverMayNotSeeIsNoFailure() {
    try (LocalRedis redis = LocalRedis.start()) {
      Examined examined = Examined.of(Examined.withGateway(redis));
      examined
          .has(Severity.NOTE, "not-looked-at", "INFO", "CONFIG GET", "SCAN", "--admin-url")
          .has(Severity.OK, "version", "7.0.15")
          .has(Severity.OK, "role");
      assertThat(examined.report().worst()).isEqualTo(Severity.NOTE);
    }
  }

  @Test
  void theObserverHasToLookAtTheSameRedis() {
    try (LocalRedis redis = LocalRedis.start();
        LocalRedis other = LocalRedis.start()) {
      RedisSettings gateway = Examined.withGateway(redis);
      Examined.of(gateway, Examined.settings(other))
          .has(Severity.ERROR, "observer", "another Redis");
      Examined.of(gateway, Examined.settings(redis)).hasNo("observer");
      Examined.of(gateway, Examined.settings(redis).with(new RedisLogin("nobody", "x")))
          .has(Severity.ERROR, "observer", "WRONGPASS")
          .has(Severity.OK, "round-trip");
    }
  }

  @Test
  void withoutRedisByChoiceThereIsNothingToExamine() {
    RedisSettings at = RedisSettings.at("nowhere.invalid", 1);
    RedisSettings off =
        new RedisSettings(
            false, false, at.topology(), 0, RedisLogin.NONE, null, at.timeout(), at.prefix());
    Examined.of(off).has(Severity.OK, "enabled", "redis.enabled is false");
  }

  private static void fill(LocalRedis redis, double share) {
    String chunk = "x".repeat(50_000);
    for (int i = 0; i < 2_000; i++) {
      Vitals vitals = Vitals.of(redis.send("INFO", "memory"));
      if (vitals.number("used_memory") >= share * vitals.number("maxmemory")) {
        return;
      }
      redis.send("SET", "filler:" + i, chunk);
    }
    throw new IllegalStateException("not full");
  }

  private static void fillWithTtl(LocalRedis redis) {
    String chunk = "x".repeat(100_000);
    for (int i = 0; i < 400; i++) {
      redis.send("SET", "filler:" + i, chunk, "PX", "600000");
    }
  }

  /** Takes out what differs from run to run. */
  private static String normal(String text, LocalRedis redis) {
    return text.replace(Integer.toString(redis.port()), "PORT")
        .replaceAll("[0-9.]+ (ms|s|KiB|MiB)\\b", "N $1")
        .replaceAll("s (ahead of|behind) this", "s off this");
  }

  private static String golden(String name) throws IOException {
    try (InputStream in = DoctorTest.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
