package io.sluice.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.upstream.UpstreamSettings;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HealthCheckTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final HealthSettings ASKED =
      new HealthSettings(
          "/health?deep",
          Duration.ofMillis(30),
          Duration.ofMillis(20),
          2,
          3,
          List.of(new StatusRange(200, 299)));

  private final ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler();
  private final List<ScriptedServer> made = new ArrayList<>();
  private final List<String> questions = new CopyOnWriteArrayList<>();
  private UpstreamGroup group = group();

  @BeforeEach
  void start() throws Exception {
    scheduler.start();
    made.clear();
    group = group();
    group.start();
  }

  @AfterEach
  void stop() throws Exception {
    group.stop();
    assertThat(made).noneMatch(server -> server.running);
    scheduler.stop();
  }

  @Test
  void badAnswersInARowTakeAServerOutAndGoodOnesBringItBack() {
    ScriptedServer asked = made.get(1);
    Eventually.becomes("it is asked three times", () -> asked.calls.get() >= 3);
    assertThat(healthy(0)).isTrue();
    int before = asked.calls.get();
    asked.script = ScriptedServer.answering(503);
    Eventually.becomes("server 0 is taken out", () -> !healthy(0));
    assertThat(asked.calls.get() - before).isGreaterThanOrEqualTo(3);
    assertThat(healthy(1)).isTrue();
    assertThat(group.servers().get(0).cause()).isEqualTo("/health?deep: answered 503");
    asked.script = ScriptedServer.WELL;
    Eventually.becomes("server 0 is back", () -> healthy(0));
  }

  @Test
  void aServerThatDoesNotAnswerInTimeIsTakenOut() {
    made.get(3).script = ScriptedServer.hanging();
    Eventually.becomes("server 1 is taken out", () -> !healthy(1));
    assertThat(group.servers().get(1).cause()).contains("no answer within 20ms");
    made.get(3).script = ScriptedServer.WELL;
    Eventually.becomes("server 1 is back", () -> healthy(1));
  }

  @Test
  void theQuestionIsAPlainRequestOfTheServer() {
    made.get(1).script =
        (head, content, listener) -> {
          questions.add(head.method() + " " + head.target() + " " + head.fields().get("Host"));
          listener.answered(204, HttpFields.EMPTY, Content.Source.from(ByteBuffer.allocate(0)));
          listener.over(null);
        };
    Eventually.becomes("it is asked", () -> !questions.isEmpty());
    assertThat(questions.get(0)).isEqualTo("GET /health?deep s0:81");
  }

  @Test
  void noQuestionsAreAskedAfterRetirement() {
    Eventually.becomes("it is asked", () -> made.get(1).calls.get() > 0);
    group.retire();
    assertThat(made.get(1).running).isFalse();
    assertThat(made.get(0).retired).isTrue();
    assertThat(made.get(0).running).isTrue();
  }

  private boolean healthy(int server) {
    return group.servers().get(server).healthy();
  }

  private UpstreamGroup group() {
    List<UpstreamSettings> settings = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      settings.add(
          new UpstreamSettings(URI.create("http://s" + i + ":81"), SECOND, SECOND, SECOND, 9, 9));
    }
    return new UpstreamGroup(
        new GroupSettings("api", settings, ASKED),
        each -> {
          ScriptedServer server = new ScriptedServer();
          made.add(server);
          return server;
        },
        scheduler);
  }
}
