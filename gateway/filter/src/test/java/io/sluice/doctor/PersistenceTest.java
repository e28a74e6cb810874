package io.sluice.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import io.sluice.redis.RedisLogin;
import io.sluice.redis.RedisSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Findings about a real Redis that saves, or cannot, or does not tell. */
@Timeout(120)
class PersistenceTest {

  private static final String NAME = "persistence";
  private static final String FAILING = "persistence-failing";

  @TempDir Path folder;

  @Test
  void aFailedSnapshotIsAnErrorWhereRedisRefusesToWriteForIt() throws IOException {
    try (LocalRedis redis = unableToSave()) {
      Examined.of(Examined.settings(redis))
          .has(Severity.ERROR, FAILING, "snapshot", "MISCONF")
          .has(Severity.ERROR, "writes", "MISCONF");
    }
  }

  @Test
  void aFailedSnapshotIsAWarningWhereWritesGoOn() throws IOException {
    try (LocalRedis redis = unableToSave("stop-writes-on-bgsave-error no")) {
      Examined.of(Examined.settings(redis))
          .has(Severity.WARNING, FAILING, "snapshot", "stop-writes-on-bgsave-error is no", "older")
          .hasNo("writes");
    }
  }

  @Test
  void aFailedSnapshotBesideAnAppendOnlyFileLosesNothingYet() throws IOException {
    try (LocalRedis redis = unableToSave("stop-writes-on-bgsave-error no", "appendonly yes")) {
      Finding finding =
          Examined.of(Examined.settings(redis))
              .has(Severity.OK, NAME, "append-only")
              .has(Severity.WARNING, FAILING, "snapshot")
              .hasNo("writes")
              .named(FAILING)
              .get(0);
      assertThat(finding.why()).contains("append-only file goes on").doesNotContain("forgiven");
    }
  }

  @Test
  void aFailedSnapshotThatNobodyAsksForAgainStopsNothing() throws IOException {
    try (LocalRedis redis = unableToSave()) {
      redis.send("CONFIG", "SET", "save", "");
      Examined.of(Examined.settings(redis)).hasNo(FAILING).hasNo("writes");
    }
  }

  @Test
  void withoutTheCommandConfigNothingIsClaimedOfSnapshots() throws IOException {
    try (LocalRedis redis =
        unableToSave("stop-writes-on-bgsave-error no", "rename-command CONFIG \"\"")) {
      Examined examined = Examined.of(Examined.settings(redis));

      examined
          .has(Severity.NOTE, NAME, "no append-only file", "does not tell")
          .has(Severity.WARNING, FAILING, "snapshot", "MISCONF")
          .has(Severity.NOTE, "not-looked-at", "CONFIG GET", "has no such command")
          .hasNo("writes");
      assertThat(examined.text())
          .doesNotContain("neither an append-only file", "forgets all buckets", "--admin-url");
    }
  }

  @Test
  void withoutTheRightToConfigNothingIsClaimedOfSnapshots() {
    try (LocalRedis redis = LocalRedis.builder().directive("save 3600 1").start()) {
      RedisSettings gateway = Examined.withGateway(redis);
      redis.send("ACL", "SETUSER", "eve", "on", ">x", "~*", "+@all", "-config", "-slowlog");

      Examined examined =
          Examined.of(gateway, Examined.settings(redis).with(new RedisLogin("eve", "x")));

      examined
          .has(Severity.NOTE, NAME, "no append-only file", "does not tell")
          .has(Severity.NOTE, "not-looked-at", "CONFIG GET", "SLOWLOG", "--admin-url")
          .hasNo(FAILING);
    }
  }

  /** Starts one whose last snapshot failed: a folder is where the file should be. */
  private LocalRedis unableToSave(String... directives) throws IOException {
    LocalRedis.Builder builder =
        LocalRedis.builder().directive("save 3600 1").directive("dir " + folder);
    for (String directive : directives) {
      builder.directive(directive);
    }
    LocalRedis redis = builder.start();
    Files.createFile(Files.createDirectory(folder.resolve("dump.rdb")).resolve("in-the-way"));
    redis.send("BGSAVE");
    Eventually.becomes(
        "the snapshot has failed",
        () -> redis.send("INFO", "persistence").contains("rdb_last_bgsave_status:err"));
    return redis;
  }
}
