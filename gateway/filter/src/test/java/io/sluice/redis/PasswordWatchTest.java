package io.sluice.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import io.sluice.fixtures.LogLines;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A password that changes in its file, with a real Redis. */
@Timeout(120)
final class PasswordWatchTest {

  private static final RedisScript COUNT = new RedisScript("return redis.call('INCR', KEYS[1])");
  private static final List<byte[]> KEY = List.of("count".getBytes(UTF_8));

  @TempDir private Path folder = Path.of("");

  private final LogLines lines = new LogLines(PasswordWatch.class);

  @AfterEach
  void stopListening() {
    lines.close();
  }

  @Test
  void aRotationUnderLoadFailsNoCommand() throws Exception {
    Path file = write("first");
    try (LocalRedis redis = LocalRedis.start()) {
      redis.send("ACL", "SETUSER", "ann", "on", "~*", "+@all", ">first");
      try (LettuceLink link = link(redis, "ann", file)) {
        Eventually.becomes("the link is up", link::isUp);
        Load load = new Load(link);
        Eventually.becomes("there is load", () -> load.answered.get() > 100);

        redis.send("ACL", "SETUSER", "ann", ">second");
        write("second");
        Eventually.becomes("it has logged in again", () -> lines.get().size() == 1);
        redis.send("ACL", "SETUSER", "ann", "<first");
        int before = load.answered.get();
        Eventually.becomes("the load goes on", () -> load.answered.get() > before + 100);

        assertThat(lines.get())
            .containsExactly(
                "INFO logged in to redis://127.0.0.1:%d/0 with the password that %s holds now"
                    .formatted(redis.port(), file));
        assertThat(load.failed.get()).isZero();
        assertThat(link.lastProblem()).isEmpty();
        assertThat(redis.send("INFO", "commandstats")).contains("cmdstat_auth:calls=1,");

        redis.send("CLIENT", "KILL", "USER", "ann");
        Eventually.becomes("there is a problem", () -> link.lastProblem().isPresent());
        Eventually.becomes("the link is up again", link::isUp);
        assertThat(link.lastProblem().orElse("")).contains("closed the connection");
        int granted = load.end();
        assertThat(Integer.parseInt(redis.send("GET", "count")))
            .as("the answer to one command may have been lost with the connection")
            .isBetween(granted, granted + 1);
      }
    }
  }

  @Test
  void aPasswordThatIsRefusedIsToldOnceAndTriedAgain() throws Exception {
    Path file = write("first");
    try (LocalRedis redis = LocalRedis.builder().password("first").start();
        LettuceLink link = link(redis, null, file)) {
      Eventually.becomes("the link is up", link::isUp);
      write("early");
      Eventually.becomes("it has tried twice", () -> refusals(redis) >= 2);
      assertThat(lines.get())
          .containsExactly(
              "ERROR the password that %s holds now is refused: redis://127.0.0.1:%d/0 answers: WRONGPASS invalid username-password pair or user is disabled.; correct redis.username and what redis.password-file holds. The connection goes on, and the password is tried each second"
                  .formatted(file, redis.port()));
      assertThat(link.isUp()).isTrue();
      assertThat(link.run(COUNT, KEY, List.of()).toCompletableFuture().get(20, TimeUnit.SECONDS))
          .isEqualTo(1L);

      redis.send("CONFIG", "SET", "requirepass", "early");
      Eventually.becomes("it is accepted", () -> lines.get().size() == 2);
      assertThat(lines.get().get(1)).startsWith("INFO logged in to ");
    }
  }

  @Test
  void aFileThatIsGoneIsToldAndComesBack() throws Exception {
    Path file = write("first");
    try (LocalRedis redis = LocalRedis.builder().password("first").start();
        LettuceLink link = link(redis, null, file)) {
      Eventually.becomes("the link is up", link::isUp);
      Files.delete(file);
      Eventually.becomes("it is told", () -> lines.get().size() == 1);
      assertThat(lines.get().get(0))
          .startsWith("ERROR " + file + " cannot be read: expected a readable file")
          .endsWith("goes on");
      assertThat(link.isUp()).isTrue();

      redis.send("CONFIG", "SET", "requirepass", "second");
      redis.restart(); // With its first password again.
      Eventually.becomes(
          "dialling names the file",
          () -> link.lastProblem().orElse("").contains("is not dialled: " + file));
      write("first");
      Eventually.becomes("the link is up again", link::isUp);
    }
  }

  private static int refusals(LocalRedis redis) {
    String stats = redis.send("INFO", "commandstats");
    int at = stats.indexOf("cmdstat_auth:");
    return at < 0
        ? 0
        : Integer.parseInt(stats.substring(at).replaceAll("(?s).*?failed_calls=(\\d+).*", "$1"));
  }

  /** As secret stores do it: another file takes the place of the old one. */
  private Path write(String password) throws IOException {
    Path draft = Files.writeString(folder.resolve("draft"), password + "\n");
    return Files.move(
        draft,
        folder.resolve("password"),
        StandardCopyOption.REPLACE_EXISTING,
        StandardCopyOption.ATOMIC_MOVE);
  }

  private static LettuceLink link(LocalRedis redis, @Nullable String username, Path file) {
    return new LettuceLink(
        RedisSettings.at(LocalRedis.HOST, redis.port())
            .with(new RedisLogin(username, "first", file))
            .with(Duration.ofSeconds(1)),
        System::nanoTime);
  }

  /** Always one command under way, as soon as the last one is answered. */
  private static final class Load {

    final AtomicInteger answered = new AtomicInteger();
    final AtomicInteger failed = new AtomicInteger();
    private final LettuceLink link;
    private final CompletableFuture<Integer> ended = new CompletableFuture<>();
    private volatile boolean over;

    Load(LettuceLink link) {
      this.link = link;
      next();
    }

    private void next() {
      if (over) {
        ended.complete(answered.get());
        return;
      }
      var unused =
          link.run(COUNT, KEY, List.of())
              .whenCompleteAsync((reply, failure) -> {
                (failure == null ? answered : failed).incrementAndGet();
                next();
              });
    }

    /** Returns how many were answered. */
    int end() throws Exception {
      over = true;
      return ended.get(20, TimeUnit.SECONDS);
    }
  }
}
