package io.sluice.corpus;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.app.GatewayServer;
import io.sluice.app.ServerSettings;
import io.sluice.app.Shortcuts;
import io.sluice.app.TestFront;
import io.sluice.upstream.UpstreamSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** The corpus against the gateway in this process. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CorpusTest {

  private static final Duration LONG = Duration.ofSeconds(20);
  private static final Duration SHORT = Duration.ofMillis(400);

  private final Recorder recorder;
  private final GatewayServer usual;
  private final GatewayServer hasty;

  CorpusTest() throws IOException {
    recorder = new Recorder(0);
    usual = gateway(LONG);
    hasty = gateway(SHORT);
  }

  @BeforeAll
  void start() throws IOException {
    usual.start();
    hasty.start();
  }

  @AfterAll
  void stop() throws IOException {
    usual.close();
    hasty.close();
    recorder.close();
  }

  @TestFactory
  Stream<DynamicTest> everyCaseEndsAsItsVerdictSays() throws URISyntaxException {
    return cases().stream()
        .map(tried ->
            DynamicTest.dynamicTest(
                tried + " (RFC " + tried.rfc() + ")",
                () -> {
                  GatewayServer gateway = tried.wantsShortLimits() ? hasty : usual;
                  InetSocketAddress target = new InetSocketAddress("127.0.0.1", gateway.port());
                  assertThat(Trial.of(tried, target, recorder)).as(tried.toString()).isEmpty();
                }));
  }

  @Test
  void theCorpusIsLargeAndItsNamesAreItsOwn() throws URISyntaxException {
    List<Case> cases = cases();
    assertThat(cases.stream().filter(tried -> !tried.isAnswerCase())).hasSizeGreaterThan(130);
    assertThat(cases.stream().filter(Case::isAnswerCase)).hasSizeGreaterThan(90);
    assertThat(cases.stream().map(Case::toString)).doesNotHaveDuplicates();
    assertThat(cases).allSatisfy(tried -> assertThat(tried.rfc()).isNotBlank());
    assertThat(cases).allMatch(tried -> tried.has("client") || tried.has("upstream"));
  }

  private static List<Case> cases() throws URISyntaxException {
    return CaseFile.readAll(
        Path.of(Objects.requireNonNull(CorpusTest.class.getResource("/corpus")).toURI()));
  }

  private GatewayServer gateway(Duration patience) {
    ServerSettings settings =
        new ServerSettings(
            "127.0.0.1", 0, patience, 8192, 1000, Duration.ofSeconds(2), Shortcuts.ALL);
    UpstreamSettings upstream =
        new UpstreamSettings(
            URI.create("http://127.0.0.1:" + recorder.port()), LONG, patience, patience, 100, 100);
    GatewayServer server = new GatewayServer(settings);
    server.serve(List.of(), new TestFront(server, upstream).via(true).servlet());
    return server;
  }
}
