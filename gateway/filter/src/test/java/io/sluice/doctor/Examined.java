package io.sluice.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.LocalRedis;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a doctor found, and how tests ask for it. */
record Examined(Report report) {

  static final String PASSWORD = "a-secret";

  /** The rights that docker/redis grants to gateways. */
  static final String RIGHTS =
      "resetchannels ~sluice:* -@all +@connection -@admin -@dangerous"
          + " +eval +evalsha +time +del +get +mget +set +pexpire"
          + " +zadd +zrem +zremrangebyscore +zcard";

  /** Returns settings with a time-out that no machine under load exceeds. */
  static RedisSettings settings(LocalRedis redis) {
    return RedisSettings.at(LocalRedis.HOST, redis.port()).with(Duration.ofSeconds(10));
  }

  /** Makes the user of gateways, with {@link #RIGHTS} and some more or less. */
  static RedisSettings withGateway(LocalRedis redis, String... rights) {
    String[] words = ("ACL SETUSER sluice reset on >" + PASSWORD + ' ' + RIGHTS).split(" ", -1);
    assertThat(redis.send(words)).isEqualTo("OK");
    for (String right : rights) {
      assertThat(redis.send("ACL", "SETUSER", "sluice", right)).isEqualTo("OK");
    }
    return settings(redis).with(new RedisLogin("sluice", PASSWORD));
  }

  static Examined of(RedisSettings settings) {
    return new Examined(doctor().examine(settings, null, Duration.ofSeconds(20)));
  }

  /** As the user of gateways, and as the default user of the same Redis. */
  static Examined of(RedisSettings settings, RedisSettings observer) {
    return new Examined(doctor().examine(settings, observer, Duration.ofSeconds(20)));
  }

  /** A single check, by what consoles were told to answer. */
  static Examined of(Check check, RedisSettings settings, ScriptedConsole console) {
    return new Examined(
        new Report(
            "redis://fake",
            new Doctor(List.of(check)).examine(new Patient(settings, console, console))));
  }

  static Doctor doctor() {
    return Doctor.of(
        () -> {
          Instant now = Instant.now();
          return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
        },
        System::nanoTime);
  }

  List<Finding> named(String name) {
    return report.parts().stream()
        .flatMap(part -> part.findings().stream())
        .filter(finding -> finding.name().equals(name))
        .toList();
  }

  /** Checks that there is one finding of the name, of that severity, that says all this. */
  Examined has(Severity severity, String name, String... said) {
    assertThat(named(name)).as("%s in %s", name, report).hasSize(1);
    Finding finding = named(name).get(0);
    assertThat(finding.severity()).as("%s", finding).isEqualTo(severity);
    for (String part : said) {
      assertThat(finding.toString()).contains(part);
    }
    if (severity.compareTo(Severity.NOTE) > 0) {
      assertThat(finding.why()).as("%s", finding).isNotEmpty();
      assertThat(finding.remedy()).as("%s", finding).isNotEmpty();
    }
    return this;
  }

  Examined hasNo(String name) {
    assertThat(named(name)).isEmpty();
    return this;
  }

  String text() {
    return ReportText.of(report);
  }
}
