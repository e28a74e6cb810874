package io.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.content.AsyncContent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections, the queue for them, time limits, and giving up. */
@Timeout(60)
class LimitsTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final HttpFields CHUNKED = HttpFields.build().add("Transfer-Encoding", "chunked");
  private static final IOException GIVEN_UP = new IOException("given up");

  @Test
  void callsBeyondTheConnectionsWaitInOrderAndBeyondTheQueueAreRefused() throws Exception {
    Semaphore go = new Semaphore(0);
    List<String> heads = new ArrayList<>();
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              for (String head = talk.head(); !head.isEmpty(); head = talk.head()) {
                synchronized (heads) {
                  heads.add(head.split("\r\n")[1]);
                }
                go.acquire();
                talk.write(OK);
              }
            });
        Rig rig = new Rig(Rig.settings(server.port(), Rig.LONG, Rig.LONG, 1, 3))) {
      List<Rig.Heard> calls = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        calls.add(rig.send("GET", HttpFields.build().add("N", "" + i), null));
      }
      assertThat(rig.get().end()).isInstanceOf(RejectedExecutionException.class);
      go.release(4);
      for (Rig.Heard call : calls) {
        assertThat(call.text()).isEqualTo("ok");
      }
      assertThat(heads).containsExactly("N: 0", "N: 1", "N: 2", "N: 3");
      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  @Test
  void aWaitThatIsTooLongIsARefusalAndNotEarly() throws Exception {
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              talk.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
              talk.awaitEnd();
            });
        Rig rig = new Rig(Rig.connecting(server.port(), SHORT, 1, 3))) {
      Rig.Heard first = rig.get();
      first.source();
      long start = System.nanoTime();
      assertThat(rig.get().end()).isInstanceOf(RejectedExecutionException.class);
      assertInTime(start);
      assertThat(first.isOver()).isFalse();
      first.abort(GIVEN_UP);
    }
  }

  @Test
  void noAnswerInTimeIsATimeoutAndNotEarly() throws Exception {
    try (FakeUpstream server = silent();
        Rig rig = new Rig(Rig.settings(server.port(), SHORT, Rig.LONG, 1, 3))) {
      for (int i = 0; i < 2; i++) {
        long start = System.nanoTime();
        assertThat(rig.get().end()).isInstanceOf(TimeoutException.class);
        assertInTime(start);
      }
      Eventually.becomes("no connection is open", () -> server.open() == 0);
    }
  }

  @Test
  void silenceWithinAnAnswerIsATimeoutAndNotEarly() throws Exception {
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              talk.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
              talk.awaitEnd();
            });
        Rig rig = new Rig(Rig.settings(server.port(), Rig.LONG, SHORT, 1, 3))) {
      Rig.Heard heard = rig.get();
      heard.source();
      long start = System.nanoTime();
      assertThat(heard.end()).isInstanceOf(TimeoutException.class);
      assertInTime(start);
    }
  }

  @Test
  void aReaderOrASenderThatTakesItsTimeIsNoSilenceOfTheUpstream() throws Exception {
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              talk.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n");
              talk.awaitEnd();
            });
        Rig rig = new Rig(Rig.settings(server.port(), Rig.LONG, SHORT, 2, 3));
        AsyncContent content = new AsyncContent()) {
      Rig.Heard unread = rig.prepare("GET", HttpFields.EMPTY, null, false).send();
      Rig.Heard sending = rig.prepare("POST", CHUNKED, content, false).send();
      unread.source();
      sending.source();
      TimeUnit.MILLISECONDS.sleep(3 * SHORT.toMillis());
      assertThat(unread.isOver()).isFalse();
      assertThat(sending.isOver()).isFalse();
      unread.abort(GIVEN_UP);
      sending.abort(GIVEN_UP);
      assertThat(sending.end()).isSameAs(GIVEN_UP);
    }
  }

  @Test
  void aConnectionThatRestsTooLongIsClosed() throws Exception {
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              while (!talk.head().isEmpty()) {
                talk.write(OK);
              }
            });
        Rig rig = new Rig(Rig.settings(server.port(), Rig.LONG, SHORT, 1, 3))) {
      long start = System.nanoTime(); // A moment before the rest begins, and never after it.
      assertThat(rig.get().text()).isEqualTo("ok");
      assertThat(server.open()).isEqualTo(1);
      Eventually.becomes("no connection is open", () -> server.open() == 0);
      assertInTime(start);
      assertThat(rig.get().text()).isEqualTo("ok");
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @Test
  void nobodyToConnectToFailsEveryCall() throws Exception {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    try (Rig rig = new Rig(Rig.settings(free, Rig.LONG, Rig.LONG, 2, 50))) {
      List<Rig.Heard> calls = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        calls.add(rig.get());
      }
      for (Rig.Heard call : calls) {
        assertThat(call.end()).isInstanceOf(ConnectException.class);
      }
    }
  }

  @Test
  void anUnknownNameFailsTheCall() throws Exception {
    UpstreamSettings nowhere =
        new UpstreamSettings(
            URI.create("http://no-such-host.invalid"), Rig.LONG, Rig.LONG, Rig.LONG, 1, 1);
    try (Rig rig = new Rig(nowhere)) {
      assertThat(rig.get().end()).isInstanceOf(UnknownHostException.class);
    }
  }

  @Test
  void aCallCanBeGivenUpAtEveryStage() throws Exception {
    AtomicInteger heads = new AtomicInteger();
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              String head = talk.head();
              heads.incrementAndGet();
              if (head.contains("X-Half")) {
                talk.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
              }
              talk.awaitEnd();
            });
        Rig rig = new Rig(Rig.settings(server.port(), Rig.LONG, Rig.LONG, 1, 3));
        AsyncContent content = new AsyncContent()) {
      Rig.Heard unsent = rig.prepare("GET", HttpFields.EMPTY, null, true);
      unsent.abort(GIVEN_UP);
      assertThat(unsent.send().end()).isSameAs(GIVEN_UP);

      Rig.Heard unanswered = rig.get();
      Eventually.becomes("request 1 has arrived", () -> heads.get() == 1);
      Rig.Heard waiting = rig.get();
      waiting.abort(GIVEN_UP);
      assertThat(waiting.end()).isSameAs(GIVEN_UP);
      unanswered.abort(GIVEN_UP);
      unanswered.abort(new IOException("again"));
      assertThat(unanswered.end()).isSameAs(GIVEN_UP);
      Eventually.becomes("no connection is open", () -> server.open() == 0);

      Rig.Heard half = rig.send("GET", HttpFields.build().add("X-Half", "1"), null);
      half.source();
      half.abort(GIVEN_UP);
      assertThat(half.end()).isSameAs(GIVEN_UP);
      Eventually.becomes("no connection is open", () -> server.open() == 0);

      Rig.Heard sending = rig.send("POST", CHUNKED, content);
      Eventually.becomes("request 3 has arrived", () -> heads.get() == 3);
      sending.abort(GIVEN_UP);
      assertThat(sending.end()).isSameAs(GIVEN_UP);
      Eventually.becomes("no connection is open", () -> server.open() == 0);
      assertThat(server.accepted()).isEqualTo(3);
    }
  }

  @Test
  void callsGivenUpByManyThreadsLeaveThePoolWhole() throws Exception {
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              while (!talk.head().isEmpty()) {
                talk.write(OK);
              }
            });
        Rig rig = new Rig(Rig.settings(server.port(), Rig.LONG, Rig.LONG, 4, 1000))) {
      AtomicInteger strange = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      CountDownLatch start = new CountDownLatch(1);
      for (int t = 0; t < 8; t++) {
        int own = t;
        Thread thread =
            new Thread(() -> {
              try {
                start.await();
                for (int i = 0; i < 200; i++) {
                  Rig.Heard heard = rig.get();
                  if ((i + own) % 3 == 0) {
                    heard.abort(GIVEN_UP);
                  } else {
                    heard.text();
                  }
                  Throwable end = heard.end();
                  strange.addAndGet(end == null || end == GIVEN_UP ? 0 : 1);
                }
              } catch (Exception e) {
                strange.incrementAndGet();
              }
            });
        threads.add(thread);
        thread.start();
      }
      start.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(strange).hasValue(0);
      Eventually.becomes("the connections given up are closed", () -> server.open() <= 4);
      assertThat(rig.get().text()).isEqualTo("ok");
    }
  }

  private static void assertInTime(long start) {
    long millis = (System.nanoTime() - start) / 1_000_000;
    assertThat(millis).isBetween(SHORT.toMillis() - 1, SHORT.toMillis() + 2000);
  }

  private static FakeUpstream silent() throws IOException {
    return new FakeUpstream((talk, number) -> {
      talk.head();
      talk.awaitEnd();
    });
  }
}
