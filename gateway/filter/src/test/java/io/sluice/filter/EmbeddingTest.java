package io.sluice.filter;

import static io.sluice.filter.Filters.USUAL;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.engine.Engine;
import io.sluice.filter.RawHttp.Answer;
import io.sluice.fixtures.Eventually;
import io.sluice.fixtures.LocalRedis;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The few lines of the README that put the engine and its filter into a server of one's own. */
@Timeout(120)
class EmbeddingTest {

  @TempDir Path folder;

  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = Files.createDirectory(folder.resolve("config")).resolve("gateway.conf");
    Files.writeString(
        file,
        """
        upstream = "http://localhost:3000"   # the gateway's own: passed over
        redis { host = 127.0.0.1, timeout = 5s }
        identity { trusted-proxies = ["127.0.0.0/8"] }
        """);
    Path policies = Files.createDirectory(folder.resolve("policies"));
    Files.writeString(
        policies.resolve("chat.conf"),
        "match = \"/chat/**\"\nlimits = [ { key = user, rate = 2/hour } ]");
  }

  @Test
  void theFilterLimitsByTheFilesAndCountsInRedis() throws Exception {
    List<String> before = ownThreads();
    try (LocalRedis redis = LocalRedis.start()) {
      Map<String, String> environment = Map.of("REDIS_PORT", Integer.toString(redis.port()));
      try (Engine engine = Engine.start(file, environment)) {
        assertThat(ownThreads()).isNotEqualTo(before);
        assertLimited(engine);
        assertThat(redis.send("KEYS", "sluice:chat:main:*").lines()).hasSize(2);
      }
      awaitThreads(before);
      try (Engine engine = Engine.start(file, environment);
          TomcatServer tomcat = serve(engine)) {
        assertThat(ask(tomcat, "alice").status()).as("spent stays spent").isEqualTo(429);
      }
    }
    awaitThreads(before);
  }

  @Test
  void withoutRedisItCountsInTheProcess() throws Exception {
    List<String> before = ownThreads();
    try (Engine engine = Engine.start(file, Map.of("REDIS_ENABLED", "false"))) {
      assertLimited(engine);
      assertThat(engine.localBuckets()).isEqualTo(2);
    }
    awaitThreads(before);
  }

  private static void assertLimited(Engine engine) throws Exception {
    try (TomcatServer tomcat = serve(engine)) {
      assertThat(ask(tomcat, "alice").field("RateLimit-Policy")).isEqualTo("\"chat\";q=2;w=3600");
      assertThat(ask(tomcat, "alice").status()).isEqualTo(200);
      assertThat(ask(tomcat, "alice").status()).isEqualTo(429);
      assertThat(ask(tomcat, "bob").status()).isEqualTo(200);
    }
  }

  private static TomcatServer serve(Engine engine) {
    return new TomcatServer()
        .filter(engine.filter(), USUAL)
        .servlet("/*", true, new EchoServlet())
        .start();
  }

  private static Answer ask(TomcatServer tomcat, String user) throws IOException {
    return RawHttp.ask(tomcat.port(), "GET /chat", "X-User-Id: " + user);
  }

  /** Threads end a moment after they were told to. */
  private static void awaitThreads(List<String> expected) {
    Eventually.becomes(
        () -> "the threads are " + expected + ", not " + ownThreads(),
        () -> ownThreads().equals(expected));
  }

  private static List<String> ownThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("sluice") || name.startsWith("lettuce"))
        .sorted()
        .toList();
  }
}
