package io.sluice.balance;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.upstream.Call;
import io.sluice.upstream.CallListener;
import io.sluice.upstream.RequestHead;
import io.sluice.upstream.TimeLimits;
import io.sluice.upstream.UpstreamSettings;
import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class UpstreamGroupTest {

  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final TimeLimits LIMITS = new TimeLimits(SECOND, SECOND, SECOND, null);
  private static final ConnectException REFUSED = new ConnectException("refused");

  private final AtomicLong clock = new AtomicLong();
  private final List<ScriptedServer> servers = new ArrayList<>();

  @Test
  void callsGoToTheServersInTurn() {
    UpstreamGroup group = group(3);
    for (int i = 0; i < 300; i++) {
      assertThat(get(group).status).isEqualTo(200);
    }
    assertThat(servers).extracting(server -> server.calls.get()).containsExactly(100, 100, 100);
  }

  @Test
  void aCallToOneServerAloneIsThatServersOwn() {
    UpstreamGroup group = group(1);
    Call call = group.call(head("GET"), null, LIMITS, new Heard());
    assertThat(call).isSameAs(servers.get(0).last);
  }

  @Test
  void aRefusedConnectionFailsNoCallAndTakesTheServerOut() {
    UpstreamGroup group = group(2);
    servers.get(0).script = ScriptedServer.failing(REFUSED);
    for (int i = 0; i < 100; i++) {
      assertThat(get(group).status).isEqualTo(200);
    }
    assertThat(servers.get(0).calls).hasValue(1);
    assertThat(group.retries()).isOne();
    assertThat(group.servers()).extracting(ServerStatus::healthy).containsExactly(false, true);
  }

  @Test
  void aServerThatWasTakenOutIsTriedOnceAnIntervalUntilItAnswers() {
    UpstreamGroup group = group(2);
    servers.get(0).script = ScriptedServer.failing(REFUSED);
    gets(group, 10);
    for (int interval = 0; interval < 3; interval++) {
      clock.addAndGet(Duration.ofSeconds(5).toNanos());
      gets(group, 10);
    }
    assertThat(servers.get(0).calls).hasValue(4);

    servers.get(0).script = ScriptedServer.WELL;
    gets(group, 10);
    assertThat(servers.get(0).calls).hasValue(4);
    clock.addAndGet(Duration.ofSeconds(5).toNanos());
    gets(group, 11);
    assertThat(servers.get(0).calls.get()).isBetween(9, 10);
    assertThat(group.servers()).allMatch(ServerStatus::healthy);
  }

  @Test
  void whenNoServerIsHealthyAllAreUsed() {
    UpstreamGroup group = group(2);
    servers.forEach(server -> server.script = ScriptedServer.failing(REFUSED));
    assertThat(get(group).failure).isInstanceOf(IOException.class).hasRootCause(REFUSED);
    assertThat(group.isPanicking()).isTrue();
    gets(group, 10);
    assertThat(servers.get(0).calls.get()).isGreaterThan(4);
    assertThat(servers.get(1).calls.get()).isGreaterThan(4);

    servers.forEach(server -> server.script = ScriptedServer.WELL);
    gets(group, 1);
    assertThat(group.isPanicking()).isFalse();
    clock.addAndGet(Duration.ofSeconds(5).toNanos());
    gets(group, 2);
    assertThat(group.servers()).allMatch(ServerStatus::healthy);
  }

  @Test
  void oneLateConnectionIsNoProofButSeveralAre() {
    UpstreamGroup group = group(2);
    servers.get(0).script = ScriptedServer.failing(new SocketTimeoutException());
    gets(group, 4);
    assertThat(group.servers()).allMatch(ServerStatus::healthy);
    servers.get(0).script = ScriptedServer.WELL;
    gets(group, 2);
    servers.get(0).script = ScriptedServer.failing(new SocketTimeoutException());
    gets(group, 4);
    assertThat(group.servers()).allMatch(ServerStatus::healthy);
    gets(group, 2);
    assertThat(group.servers()).extracting(ServerStatus::healthy).containsExactly(false, true);
  }

  @Test
  void whatIsSafeIsSentToAnotherServer() {
    assertThat(outcome("GET", null, new EOFException())).isEqualTo("200");
    assertThat(outcome("PUT", null, new IOException("reset"))).isEqualTo("200");
    assertThat(outcome("POST", null, REFUSED)).isEqualTo("200");
    assertThat(outcome("POST", new WatchedContent(), REFUSED)).isEqualTo("200");
  }

  @Test
  void whatIsNotSafeIsNot() {
    assertThat(outcome("POST", null, new EOFException())).isEqualTo("EOFException");
    assertThat(outcome("PUT", new WatchedContent(), new EOFException())).isEqualTo("EOFException");
    assertThat(outcome("GET", null, new TimeoutException())).isEqualTo("TimeoutException");
    assertThat(outcome("GET", null, new ProtocolException())).isEqualTo("ProtocolException");
    assertThat(outcome("GET", null, new RejectedExecutionException()))
        .isEqualTo("RejectedExecutionException");
  }

  @Test
  void anAnswerThatHasBegunIsNotBegunAgain() {
    for (boolean interim : new boolean[] {true, false}) {
      UpstreamGroup group = group(2);
      servers.get(0).script =
          (head, content, listener) -> {
            if (interim) {
              listener.interim(103, HttpFields.EMPTY);
            } else {
              listener.answered(200, HttpFields.EMPTY, Content.Source.from(ByteBuffer.allocate(0)));
            }
            listener.over(new EOFException());
          };
      assertThat(get(group).failure).isInstanceOf(EOFException.class);
      assertThat(servers.get(1).calls).hasValue(0);
    }
  }

  @Test
  void contentIsFailedOnlyWhenNoServerIsLeftToHaveIt() {
    UpstreamGroup group = group(2);
    servers.get(0).script = ScriptedServer.failing(REFUSED);
    WatchedContent kept = new WatchedContent();
    assertThat(send(group, "POST", kept).status).isEqualTo(200);
    assertThat(kept.failure).isNull();

    servers.get(1).script = ScriptedServer.failing(REFUSED);
    WatchedContent lost = new WatchedContent();
    assertThat(send(group, "POST", lost).failure).hasRootCause(REFUSED);
    assertThat(lost.failure).isSameAs(REFUSED);
  }

  @Test
  void contentThatWasReadIsNotSentTwice() {
    UpstreamGroup group = group(2);
    servers.get(0).script =
        (head, content, listener) -> {
          if (content != null) {
            content.read();
          }
          listener.over(REFUSED);
        };
    assertThat(send(group, "POST", new WatchedContent()).failure).isSameAs(REFUSED);
  }

  @Test
  void aCallThatWasGivenUpIsNotSentAgain() {
    UpstreamGroup group = group(2);
    servers.get(0).script = ScriptedServer.hanging();
    Heard heard = new Heard();
    Call call = group.call(head("GET"), null, LIMITS, heard);
    call.send();
    call.abort(new ConnectException("the client has gone"));
    assertThat(heard.failure).hasMessage("the client has gone");
    assertThat(servers.get(1).calls).hasValue(0);
  }

  @Test
  void twoServersAreTriedAndNoThird() {
    UpstreamGroup group = group(3);
    servers.forEach(server -> server.script = ScriptedServer.failing(new EOFException()));
    assertThat(get(group).failure).hasRootCauseInstanceOf(EOFException.class);
    assertThat(servers.stream().mapToInt(server -> server.calls.get()).sum()).isEqualTo(2);
  }

  @Test
  void retriesAreATenthOfTheCallsAndAFewBesides() {
    UpstreamGroup group = group(2);
    servers.forEach(server -> server.script = ScriptedServer.failing(new EOFException()));
    gets(group, 1000);
    assertThat(group.retries()).isEqualTo(30 + 100);
    assertThat(servers.stream().mapToInt(server -> server.calls.get()).sum()).isEqualTo(1130);
    clock.addAndGet(Duration.ofSeconds(10).toNanos());
    gets(group, 1);
    assertThat(group.retries()).isEqualTo(131);
  }

  private String outcome(String method, @Nullable WatchedContent content, Throwable failure) {
    UpstreamGroup group = group(2);
    servers.get(0).script = ScriptedServer.failing(failure);
    if (content != null && !(failure instanceof ConnectException)) {
      servers.get(0).script =
          (head, source, listener) -> {
            if (source != null) {
              source.read();
            }
            listener.over(failure);
          };
    }
    Heard heard = send(group, method, content);
    Throwable end = heard.failure;
    return end == null ? Integer.toString(heard.status) : end.getClass().getSimpleName();
  }

  private UpstreamGroup group(int size) {
    servers.clear();
    List<UpstreamSettings> settings = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      settings.add(new UpstreamSettings(URI.create("http://s" + i), SECOND, SECOND, SECOND, 9, 9));
    }
    return new UpstreamGroup(
        new GroupSettings("api", settings, HealthSettings.UNASKED),
        each -> {
          ScriptedServer server = new ScriptedServer();
          servers.add(server);
          return server;
        },
        new ScheduledExecutorScheduler(),
        clock::get);
  }

  private void gets(UpstreamGroup group, int times) {
    for (int i = 0; i < times; i++) {
      get(group);
    }
  }

  private Heard get(UpstreamGroup group) {
    return send(group, "GET", null);
  }

  private Heard send(UpstreamGroup group, String method, Content.@Nullable Source content) {
    Heard heard = new Heard();
    group.call(head(method), content, LIMITS, heard).send();
    assertThat(heard.ends).isOne();
    return heard;
  }

  private static RequestHead head(String method) {
    return new RequestHead(method, "/", HttpFields.EMPTY);
  }

  /** What was heard of a call. */
  private static final class Heard implements CallListener {

    private int status;
    private int ends;
    private @Nullable Throwable failure;

    @Override
    public void answered(int code, HttpFields fields, Content.Source content) {
      status = code;
    }

    @Override
    public void over(@Nullable Throwable cause) {
      ends++;
      failure = cause;
    }
  }

  /** Content that tells whether it was failed. */
  private static final class WatchedContent implements Content.Source {

    private @Nullable Throwable failure;

    @Override
    public Content.Chunk read() {
      return Content.Chunk.EOF;
    }

    @Override
    public void demand(Runnable callback) {
      callback.run();
    }

    @Override
    public void fail(Throwable cause) {
      failure = cause;
    }
  }
}
