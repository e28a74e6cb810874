package io.sluice.http2;

import static io.sluice.http2.RawHttp2.CANCEL;
import static io.sluice.http2.RawHttp2.END_STREAM;
import static io.sluice.http2.RawHttp2.REFUSED;
import static io.sluice.http2.RawHttp2.RST_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import io.sluice.upstream.CallListener;
import io.sluice.upstream.StaleConnectionException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.content.AsyncContent;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The transport against upstreams that send exact frames. */
@NullMarked
@Timeout(60)
class Http2UpstreamTest {

  private static final String[] OK = {":status", "200"};
  private static final int MAX_CONCURRENT_STREAMS = 3;
  private static final int MAX_HEADER_LIST_SIZE = 6;

  @Test
  void callsShareAConnection() throws Exception {
    try (Http2Rig rig = new Http2Rig((talk, number) -> answer(talk))) {
      for (int i = 0; i < 50; i++) {
        Http2Rig.Heard heard = rig.get();
        assertThat(heard.text()).isEqualTo("ok");
        assertThat(heard.end()).isNull();
      }
      assertThat(rig.accepted()).isEqualTo(1);
    }
  }

  @Test
  void interimAnswersTrailersAndAnswersWithoutContentAreTold() throws Exception {
    try (Http2Rig rig =
        new Http2Rig((talk, number) -> {
          int stream = talk.request().stream();
          talk.headers(stream, 0, ":status", "103", "link", "x").headers(stream, 0, OK);
          talk.data(stream, 0, "ok").headers(stream, END_STREAM, "x-sum", "1").flush();
          stream = talk.request().stream();
          talk.headers(stream, END_STREAM, ":status", "200", "grpc-status", "5").flush();
          talk.awaitEnd();
        })) {
      Http2Rig.Heard heard = rig.get();
      assertThat(heard.text()).isEqualTo("ok{x-sum=1}");
      assertThat(heard.interims()).isEqualTo("103 ");
      assertThat(rig.get().text()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"short", "long", "twice", "101", "no end", "no status", "interims", "not HTTP/2"})
  void malformedAnswersAreCalledSo(String fault) throws Exception {
    try (Http2Rig rig =
        new Http2Rig((talk, number) -> {
          int stream = talk.request().stream();
          switch (fault) {
            case "short" ->
                talk.headers(stream, 0, ":status", "200", "content-length", "4")
                    .data(stream, END_STREAM, "abc");
            case "long" ->
                talk.headers(stream, 0, ":status", "200", "content-length", "2")
                    .data(stream, 0, "abc");
            case "twice" -> talk.headers(stream, 0, OK).headers(stream, 0, OK);
            case "101" -> talk.headers(stream, 0, ":status", "101");
            case "no end" -> talk.headers(stream, 0, OK).headers(stream, 0, "x-a", "b");
            case "no status" -> talk.headers(stream, 0, "x-a", "b");
            case "interims" -> {
              for (int i = 0; i <= CallListener.MOST_INTERIMS; i++) {
                talk.headers(stream, 0, ":status", "103");
              }
            }
            default -> talk.raw("HTTP/1.1 400 Bad Request\r\n\r\n");
          }
          talk.flush().awaitEnd();
        })) {
      assertThat(rig.get().end()).isInstanceOf(ProtocolException.class);
    }
  }

  @Test
  void aResetAnswerIsNeverWhole() throws Exception {
    try (Http2Rig rig =
        new Http2Rig((talk, number) -> {
          int stream = talk.request().stream();
          talk.headers(stream, 0, OK).data(stream, 0, "half").reset(stream, 0).flush();
          talk.awaitEnd();
        })) {
      Http2Rig.Heard heard = rig.get();
      assertThat(heard.end()).isInstanceOf(IOException.class);
      assertThat(heard.isWhole()).isFalse();
    }
  }

  @Test
  void whatTheUpstreamDidNotTakeUpMayBeSentAgain() throws Exception {
    try (Http2Rig rig =
        new Http2Rig((talk, number) -> {
          if (number == 1) {
            int stream = talk.request().stream();
            talk.reset(stream, REFUSED).flush();
            talk.request();
            talk.goAway(stream, 0).flush();
          }
          answer(talk);
        })) {
      assertThat(rig.get().end()).isInstanceOf(StaleConnectionException.class);
      assertThat(rig.get().end()).isInstanceOf(StaleConnectionException.class);
      assertThat(rig.get().text()).isEqualTo("ok");
      assertThat(rig.accepted()).isEqualTo(2);
    }
  }

  @Test
  void anotherConnectionIsOpenedWhenOneIsFullAndThenCallsWait() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Http2Rig rig =
        new Http2Rig(
            Http2Rig.LONG,
            2,
            1,
            new int[] {MAX_CONCURRENT_STREAMS, 2},
            (talk, number) -> {
              int first = talk.request().stream();
              int second = talk.request().stream();
              go.await();
              for (int stream : new int[] {first, second}) {
                talk.headers(stream, 0, OK).data(stream, END_STREAM, "ok");
              }
              talk.flush();
              answer(talk);
            })) {
      List<Http2Rig.Heard> all = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        all.add(rig.get());
        int open = i < 2 ? 1 : 2;
        Eventually.becomes("connections: " + open, () -> rig.accepted() == open);
        TimeUnit.MILLISECONDS.sleep(50);
      }
      all.add(rig.get());
      assertThat(rig.get().end()).isInstanceOf(RejectedExecutionException.class);
      go.countDown();
      for (Http2Rig.Heard heard : all) {
        assertThat(heard.text()).isEqualTo("ok");
      }
      assertThat(rig.accepted()).isEqualTo(2);
    }
  }

  @Test
  void anAbortedCallIsCancelledUpstreamAtOnceAndItsPlaceFree() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    try (Http2Rig rig =
        new Http2Rig((talk, number) -> {
          int stream = talk.request().stream();
          RawHttp2.Frame reset = talk.await(RST_STREAM);
          assertThat(reset.stream()).isEqualTo(stream);
          assertThat(reset.error()).isEqualTo(CANCEL);
          cancelled.countDown();
          answer(talk);
        })) {
      Http2Rig.Heard heard = rig.get();
      Eventually.becomes("there is a connection", () -> rig.accepted() == 1);
      TimeUnit.MILLISECONDS.sleep(100);
      long start = System.nanoTime();
      heard.abort(new IOException("the client left"));
      assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
      assertThat(heard.end()).hasMessage("the client left");
      assertThat(rig.get().text()).isEqualTo("ok");
    }
  }

  @Test
  void aSilentUpstreamIsWaitedForNoLongerThanAllowed() throws Exception {
    try (Http2Rig rig =
        new Http2Rig(
            Duration.ofMillis(200),
            10,
            10,
            new int[0],
            (talk, number) -> {
              int stream = talk.request().stream();
              talk.request();
              talk.headers(stream + 2, 0, OK).data(stream + 2, 0, "half").flush();
              talk.awaitEnd();
            })) {
      assertThat(rig.get().end()).isInstanceOf(TimeoutException.class);
      assertThat(rig.get().end()).isInstanceOf(TimeoutException.class);
    }
  }

  @Test
  void fieldsBeyondWhatTheUpstreamTakesEndOnlyTheirOwnCall() throws Exception {
    try (Http2Rig rig =
        new Http2Rig(
            Http2Rig.LONG,
            10,
            10,
            new int[] {MAX_HEADER_LIST_SIZE, 2000},
            (talk, number) -> answer(talk))) {
      assertThat(rig.get().text()).isEqualTo("ok");
      assertThat(rig.send("x-large", "y".repeat(3000), null).end())
          .hasMessageContaining("larger than the upstream takes");
      assertThat(rig.get().text()).isEqualTo("ok");
      assertThat(rig.accepted()).isEqualTo(1);
    }
  }

  @Test
  void contentIsSentNoFasterThanTheUpstreamTakesIt() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (Http2Rig rig =
            new Http2Rig((talk, number) -> {
              RawHttp2.Frame head = talk.request();
              go.await();
              int octets = 0;
              while (octets < 200_000) {
                int more = talk.await(RawHttp2.DATA).payload().length;
                octets += more;
                talk.window(0, Math.max(1, more)).window(head.stream(), Math.max(1, more)).flush();
              }
              talk.headers(head.stream(), 0, OK).data(head.stream(), END_STREAM, "ok").flush();
              talk.awaitEnd();
            });
        AsyncContent content = new AsyncContent()) {
      Http2Rig.Heard heard = rig.send("x-a", "b", content);
      List<Callback.Completable> written = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        Callback.Completable write = new Callback.Completable();
        content.write(i == 19, ByteBuffer.wrap(new byte[10_000]), write);
        written.add(write);
      }
      TimeUnit.MILLISECONDS.sleep(300);
      assertThat(written.get(19)).isNotDone();
      go.countDown();
      written.get(19).get(10, TimeUnit.SECONDS);
      assertThat(heard.text()).isEqualTo("ok");
      assertThat(heard.end()).isNull();
    }
  }

  private static void answer(RawHttp2 talk) throws IOException {
    while (true) {
      int stream = talk.request().stream();
      talk.headers(stream, 0, OK).data(stream, END_STREAM, "ok").flush();
    }
  }

  @Test
  void contentThatBreaksOffIsNeverSentAsWhole() throws Exception {
    CountDownLatch cancelled = new CountDownLatch(1);
    try (Http2Rig rig =
            new Http2Rig((talk, number) -> {
              talk.request();
              RawHttp2.Frame frame = talk.await(f -> f.isEnd() || f.type() == RST_STREAM);
              if (frame.type() == RST_STREAM) {
                cancelled.countDown();
              }
              talk.awaitEnd();
            });
        AsyncContent content = new AsyncContent()) {
      Http2Rig.Heard heard = rig.send("x-a", "b", content);
      content.write(false, ByteBuffer.wrap(new byte[100]), Callback.NOOP);
      content.fail(new IOException("broken off"));
      assertThat(heard.end()).hasMessage("broken off");
      assertThat(cancelled.await(10, TimeUnit.SECONDS)).isTrue();
      assertThat(Content.Chunk.isFailure(content.read())).isTrue();
    }
  }
}
