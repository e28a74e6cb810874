package io.sluice.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.sluice.fixtures.Eventually;
import io.sluice.identity.Identity;
import io.sluice.limit.Decision;
import io.sluice.limit.Decision.Exempt;
import io.sluice.limit.Decision.Metered;
import io.sluice.limit.Decision.Overloaded;
import io.sluice.limit.LimitVerdict;
import io.sluice.limit.Verdict;
import io.sluice.limit.Verdict.Source;
import io.sluice.policy.Bandwidth;
import io.sluice.policy.KeyPart;
import io.sluice.policy.KeyPart.Kind;
import io.sluice.policy.Limit;
import io.sluice.policy.Policy;
import io.sluice.policy.Policy.Mode;
import io.sluice.policy.Policy.OnOutage;
import io.sluice.policy.RoutePattern;
import io.sluice.request.Exchange;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccessLogTest {

  @TempDir private Path folder;

  private Server server;
  private ServerConnector connector;
  private AccessLog log;
  private volatile BiConsumer<HttpServletRequest, HttpServletResponse> answer = (q, r) -> {};

  @BeforeEach
  void start() throws Exception {
    log = new AccessLog(new AccessLogSettings(true, file().toString(), 3));
    server = new Server();
    connector = new ServerConnector(server);
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler();
    context.addServlet(new ServletHolder(new Answering()), "/*");
    server.setHandler(context);
    server.setRequestLog(log);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
    log.close();
  }

  @Test
  void tellsAGrantedRequest() throws Exception {
    answer =
        (request, response) -> {
          Exchange exchange = new Exchange("01JDECISION", 0);
          request.setAttribute(Exchange.ATTRIBUTE, exchange);
          request.setAttribute(Decision.class.getName(), metered(Source.REDIS, "chat", true));
          request.setAttribute(Identity.class.getName(), caller());
          exchange.upstreamAnswered(2_500_000L);
          response.setStatus(201);
          write(response, "seven b");
        };
    send("POST /api/chat/%6Dsg?token=secret HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n");
    Map<String, String> line = lines().get(0);
    assertThat(line.keySet())
        .containsExactly(
            "time",
            "decision",
            "method",
            "path",
            "status",
            "bytes",
            "ms",
            "client",
            "api-key",
            "policies",
            "outcome",
            "source",
            "upstream-ms");
    assertThat(line)
        .containsEntry("decision", "01JDECISION")
        .containsEntry("method", "POST")
        .containsEntry("path", "/api/chat/%6Dsg")
        .containsEntry("status", "201")
        .containsEntry("bytes", "7")
        .containsEntry("client", "2001:db8::/64")
        .containsEntry("api-key", "mobile")
        .containsEntry("policies", "[chat]")
        .containsEntry("outcome", "granted")
        .containsEntry("source", "redis")
        .containsEntry("upstream-ms", "2.5");
    assertThat(line.get("time")).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    assertThat(Double.parseDouble(line.get("ms"))).isBetween(0.0, 30_000.0);
    assertThat(Files.readString(file())).doesNotContain("secret", "alice");
  }

  @Test
  void tellsWhichLimitRefused() throws Exception {
    answer = (request, response) -> decide(request, response, metered(Source.LOCAL, "chat", false));
    get("/");
    assertThat(lines().get(0))
        .containsEntry("status", "429")
        .containsEntry("outcome", "refused")
        .containsEntry("source", "local")
        .containsEntry("refused-by", "[chat]")
        .doesNotContainKeys("upstream-ms", "skipped", "api-key");
  }

  @Test
  void tellsWhyARequestWasNotLimited() throws Exception {
    answer =
        (request, response) ->
            decide(
                request,
                response,
                request.getRequestURI().equals("/busy")
                    ? new Overloaded()
                    : new Exempt(Exempt.Reason.BYPASS));
    get("/free", "/busy");
    assertThat(lines().get(0)).containsEntry("outcome", "exempt").containsEntry("reason", "bypass");
    assertThat(lines().get(1)).containsEntry("outcome", "overloaded");
  }

  @Test
  void tellsOfRequestsThatNoFilterSaw() throws Exception {
    send("GET /a//%zz HTTP/1.1\r\nHost: x\r\n");
    send("GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + "x".repeat(20_000) + "\r\n");
    List<Map<String, String>> lines = lines();
    assertThat(lines)
        .extracting(line -> line.get("status"))
        .containsExactlyInAnyOrder("400", "431");
    assertThat(lines).allSatisfy(line -> assertThat(line.get("decision")).hasSize(26));
    assertThat(lines).allSatisfy(line -> assertThat(line).containsEntry("client", "127.0.0.1"));
  }

  @Test
  void noTextOfTheClientCanBeginALineOrSpeakToATerminal() throws IOException {
    String awkward = "/a\r\n{\"time\":\"forged\"}\u001b[2J\u0085\u2028\u00e9\ud800\"";
    String line =
        text(new AccessLogEntry(0, "id", awkward, awkward, 200, 0, 0, "p", null, null, -1, 0));
    assertThat(line).matches("[ -~]+\n");
    assertThat(parse(line))
        .containsEntry("path", awkward)
        .containsEntry("time", "1970-01-01T00:00:00.000Z");
  }

  @Test
  void longTextIsCut() throws IOException {
    String line =
        text(
            new AccessLogEntry(
                0, "id", "M".repeat(99), "/".repeat(9_000), 200, 0, 0, "p", null, null, -1, 0));
    assertThat(parse(line).get("path")).hasSize(1_027).endsWith("...");
    assertThat(parse(line).get("method")).hasSize(35);
  }

  @Test
  void refusalsAboveTheRateAreCountedOnTheNextLine() {
    AccessLogSampler sampler = new AccessLogSampler(2);
    assertThat(sampler.passes(10_000)).isTrue();
    assertThat(sampler.passes(10_999)).isTrue();
    assertThat(sampler.passes(10_999)).isFalse();
    assertThat(sampler.passes(10_500)).isFalse();
    assertThat(sampler.passes(11_000)).isTrue();
    assertThat(sampler.takeSkipped()).isEqualTo(2);
    assertThat(sampler.takeSkipped()).isZero();
  }

  @Test
  void aFloodOfRefusalsIsSampledAndGrantedRequestsAreNot() throws Exception {
    answer =
        (request, response) ->
            decide(
                request,
                response,
                metered(Source.REDIS, "chat", request.getRequestURI().equals("/last")));
    String[] paths = Collections.nCopies(41, "/").toArray(String[]::new);
    paths[40] = "/last";
    get(paths);
    List<Map<String, String>> lines = lines();
    long skipped =
        lines.stream().mapToLong(line -> Long.parseLong(line.getOrDefault("skipped", "0"))).sum();
    assertThat(skipped).isPositive();
    assertThat(lines.size() + skipped).isEqualTo(41);
    assertThat(lines.get(lines.size() - 1)).containsEntry("path", "/last");
  }

  @Test
  void aRenamedFileIsOpenedAnew() throws Exception {
    get("/before");
    awaitLines(file(), 1);
    Path old = folder.resolve("access.log.1");
    Files.move(file(), old);
    Eventually.becomes(
        "there is a file of that name again",
        () -> {
          get("/after");
          return Files.exists(file());
        });
    assertThat(Files.readString(old)).contains("/before");
  }

  @Test
  void aFileThatCannotBeWrittenIsToldAtTheStart() {
    AccessLogSettings settings = new AccessLogSettings(true, folder.toString(), 1);
    assertThatThrownBy(() -> new AccessLog(settings))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("access-log.file");
  }

  private Path file() {
    return folder.resolve("access.log");
  }

  /** Sends requests one after the other on one connection, so that they are logged in order. */
  private void get(String... paths) throws IOException {
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < paths.length - 1; i++) {
      requests.append("GET ").append(paths[i]).append(" HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    send(requests + "GET " + paths[paths.length - 1] + " HTTP/1.1\r\nHost: x\r\n");
  }

  private void send(String head) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", connector.getLocalPort())) {
      socket.setSoTimeout(10_000);
      String request = head + "Connection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      socket.getInputStream().readAllBytes();
    }
  }

  /** Returns all lines; stops the server first, because a line is written after its answer. */
  private List<Map<String, String>> lines() throws Exception {
    server.stop();
    log.close();
    List<Map<String, String>> lines = new ArrayList<>();
    for (String line : Files.readAllLines(file())) {
      lines.add(parse(line));
    }
    return lines;
  }

  private static void awaitLines(Path file, int count) throws IOException {
    Eventually.becomes(
        "lines are written: " + count, () -> Files.readAllLines(file).size() >= count);
    assertThat(Files.readAllLines(file)).hasSize(count);
  }

  private static String text(AccessLogEntry entry) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    entry.writeTo(out);
    return out.toString(StandardCharsets.UTF_8);
  }

  /** Reads one JSON object; an array becomes its elements in brackets. */
  private static Map<String, String> parse(String line) throws IOException {
    Map<String, String> members = new LinkedHashMap<>();
    try (JsonParser in = new JsonFactory().createParser(line)) {
      assertThat(in.nextToken()).isEqualTo(JsonToken.START_OBJECT);
      while (in.nextToken() != JsonToken.END_OBJECT) {
        String name = in.currentName();
        if (in.nextToken() == JsonToken.START_ARRAY) {
          List<String> elements = new ArrayList<>();
          while (in.nextToken() != JsonToken.END_ARRAY) {
            elements.add(in.getText());
          }
          members.put(name, elements.toString());
        } else {
          members.put(name, in.getText());
        }
      }
      assertThat(in.nextToken()).isNull();
    }
    return members;
  }

  private static void decide(
      HttpServletRequest request, HttpServletResponse response, Decision decision) {
    request.setAttribute(Decision.class.getName(), decision);
    response.setStatus(decision.proceeds() ? 200 : 429);
  }

  private static void write(HttpServletResponse response, String body) {
    try {
      response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Identity caller() {
    return new Identity(
        InetAddress.getLoopbackAddress(),
        "2001:db8::/64",
        "alice",
        "mobile",
        Set.of(),
        Map.of(),
        false);
  }

  private static Metered metered(Source source, String name, boolean granted) {
    Limit limit =
        new Limit(
            "main", List.of(KeyPart.of(Kind.USER)), Bandwidth.of(1, Duration.ofSeconds(1)), 429);
    RoutePattern all =
        new RoutePattern(Set.of(), null, List.of(new RoutePattern.Segment.Rest()), "/**");
    Policy policy =
        new Policy(name, List.of(all), List.of(limit), 1, Mode.ENFORCE, OnOutage.LOCAL, List.of());
    return new Metered(
        List.of(new LimitVerdict(policy, limit, new Verdict(granted, 0, 1, 1, source))));
  }

  private final class Answering extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) {
      answer.accept(request, response);
    }
  }
}
