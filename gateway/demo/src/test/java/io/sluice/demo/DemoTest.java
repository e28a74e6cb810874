package io.sluice.demo;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.FreePort;
import io.sluice.fixtures.JavaProcess;
import io.sluice.fixtures.LocalRedis;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demo as a new user meets it: its own process, and the lines that it prints. */
@Timeout(300)
class DemoTest {

  private static final int CAPACITY = 20;
  private static final long NANOS_FOR_ONE = TimeUnit.SECONDS.toNanos(3);
  private static final Pattern GREETING = Pattern.compile("Sluice is running[\\s\\S]*Ctrl-C ends");
  private static final Pattern TO_TRY = Pattern.compile("(?m)^ {3}((?:curl|for) .*)$");
  private static final Pattern SCAN =
      Pattern.compile("redis-cli -p (\\d+) --scan --pattern '(.*)' lists the buckets");

  @TempDir Path folder;

  private final int port = FreePort.choose();
  private final int adminPort = FreePort.choose();
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(Version.HTTP_1_1) // as curl does
          .connectTimeout(Duration.ofSeconds(30))
          .build();

  @Test
  void thePrintedLinesBehaveAsPrintedAndTheBucketsAreInARedisOfItsOwn() throws Exception {
    try (JavaProcess demo = start(Map.of("REDIS_PORT", Integer.toString(FreePort.choose())))) {
      String greeting = demo.await(GREETING).group();
      assertThat(greeting).contains("started for this demo");
      assertBehavesAsPrinted(greeting);
      Matcher scan = SCAN.matcher(greeting);
      assertThat(scan.find()).isTrue();
      int redisPort = Integer.parseInt(scan.group(1));
      assertThat(redis(redisPort, "KEYS " + scan.group(2))).contains("sluice:chat:main:");
      assertEndsAndLeavesNothing(demo);
      assertNobodyListens(redisPort);
    }
  }

  @Test
  void thePrintedLinesBehaveAsPrintedWithoutRedis() throws Exception {
    try (JavaProcess demo = start(Map.of("REDIS_ENABLED", "false"))) {
      String greeting = demo.await(GREETING).group();
      assertThat(greeting).contains("off (REDIS_ENABLED=false)").doesNotContain("redis-cli");
      assertThat(demo.children()).isEmpty();
      assertBehavesAsPrinted(greeting);
      assertEndsAndLeavesNothing(demo);
    }
  }

  @Test
  void aRedisThatAnswersIsUsedAndLeftRunning() throws Exception {
    try (LocalRedis redis = LocalRedis.start();
        JavaProcess demo = start(Map.of("REDIS_PORT", Integer.toString(redis.port())))) {
      String greeting = demo.await(GREETING).group();
      assertThat(greeting).contains("found running");
      assertThat(demo.children()).isEmpty();
      assertBehavesAsPrinted(greeting);
      assertThat(redis.send("KEYS", "sluice:chat:main:*").lines()).hasSize(2);
      assertEndsAndLeavesNothing(demo);
      assertThat(redis.send("PING")).isEqualTo("PONG");
    }
  }

  private void assertBehavesAsPrinted(String greeting) throws Exception {
    List<PrintedLine> lines =
        TO_TRY.matcher(greeting).results().map(found -> PrintedLine.parse(found.group(1))).toList();
    assertThat(lines).hasSize(5);
    long began = System.nanoTime();

    HttpResponse<String> first = lines.get(0).run(client).get(0);
    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(first.headers().firstValue("RateLimit").orElse("")).startsWith("\"chat\";r=19;");
    assertThat(first.headers().firstValue("RateLimit-Policy")).contains("\"chat\";q=20;w=60");
    assertThat(first.body()).contains("hi");

    List<Integer> statuses =
        lines.get(1).run(client).stream().map(HttpResponse::statusCode).toList();
    int comeBack = (int) ((System.nanoTime() - began) / NANOS_FOR_ONE);
    assertThat(statuses).hasSize(25).containsOnly(201, 429);
    assertThat(statuses.subList(0, CAPACITY - 1)).containsOnly(201);
    assertThat(statuses.stream().filter(status -> status == 201).count())
        .isBetween(CAPACITY - 1L, CAPACITY - 1L + comeBack);

    HttpResponse<String> refused = untilRefused(lines.get(2));
    assertThat(refused.headers().firstValue("Retry-After")).isPresent();
    assertThat(refused.body()).contains("chat allows 20 requests in 1 minute for each user");

    assertThat(lines.get(3).run(client).get(0).statusCode()).isEqualTo(201);

    HttpResponse<String> limits = lines.get(4).run(client).get(0);
    assertThat(limits.statusCode()).isEqualTo(200);
    assertThat(limits.body()).contains("\"policy\" : \"chat\"", "\"remaining\" : 0");
  }

  /** On a slow machine a token may have come back since the last refusal. */
  private HttpResponse<String> untilRefused(PrintedLine line) throws Exception {
    for (int i = 0; i < CAPACITY; i++) {
      HttpResponse<String> answer = line.run(client).get(0);
      if (answer.statusCode() == 429) {
        return answer;
      }
    }
    throw new AssertionError("never refused");
  }

  private void assertEndsAndLeavesNothing(JavaProcess demo) throws Exception {
    List<ProcessHandle> children = demo.children();
    demo.signal("TERM");
    assertThat(demo.exitCode()).isZero();
    for (ProcessHandle child : children) {
      child.onExit().get(30, TimeUnit.SECONDS);
    }
    assertNobodyListens(port);
    assertNobodyListens(adminPort);
    try (Stream<Path> left = Files.list(folder.resolve("tmp"))) {
      assertThat(left).isEmpty();
    }
    assertThat(demo.printed()).doesNotContain("\tat ", "Caused by", " ERROR ");
  }

  private JavaProcess start(Map<String, String> environment) throws IOException {
    Path tmp = Files.createDirectory(folder.resolve("tmp"));
    Map<String, String> all = new HashMap<>(environment);
    all.put("SLUICE_HOME", patientHome().toString());
    all.put("SLUICE_PORT", Integer.toString(port));
    all.put("SLUICE_ADMIN_PORT", Integer.toString(adminPort));
    all.put("JAVA_TOOL_OPTIONS", "-XX:-UsePerfData -Djava.io.tmpdir=" + tmp);
    return JavaProcess.start(folder, all, "io.sluice.demo.Main", "demo");
  }

  /** The shipped files; but on a machine under load 25 ms without Redis are no outage. */
  private Path patientHome() throws IOException {
    Path home = folder.resolve("home");
    for (String name : List.of("config", "policies")) {
      Path copies = Files.createDirectories(home.resolve(name));
      try (Stream<Path> shipped = Files.list(Path.of("../..", name))) {
        for (Path file : shipped.toList()) {
          Files.copy(file, copies.resolve(file.getFileName()));
        }
      }
    }
    Path settings = home.resolve("config/gateway.conf");
    Files.writeString(settings, Files.readString(settings) + "\nredis.timeout = 10s\n");
    return home;
  }

  private static void assertNobodyListens(int port) throws IOException {
    try {
      new Socket("127.0.0.1", port).close();
    } catch (ConnectException e) {
      return;
    }
    throw new AssertionError("somebody listens on " + port);
  }

  /** Returns what Redis says to a command. */
  private static String redis(int port, String command) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(30_000);
      socket.getOutputStream().write((command + "\r\nQUIT\r\n").getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }
}
