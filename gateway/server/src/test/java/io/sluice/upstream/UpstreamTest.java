package io.sluice.upstream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.content.AsyncContent;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class UpstreamTest {

  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  private static final HttpFields LENGTH_6 = HttpFields.build().add("Content-Length", "6");
  private static final HttpFields CHUNKED = HttpFields.build().add("Transfer-Encoding", "chunked");
  private static final int MEGABYTE = 1024 * 1024;

  @Test
  void aSmallAnswerIsOnePieceAndItsConnectionServesAgain() throws Exception {
    try (FakeUpstream server = answering(OK);
        Rig rig = Rig.to(server)) {
      for (int i = 0; i < 50; i++) {
        Rig.Heard heard = rig.get();
        assertThat(heard.text()).isEqualTo("ok");
        assertThat(heard.end()).isNull();
        assertThat(heard.pieces).isEqualTo(1);
      }
      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  @Test
  void aChunkedAnswerThatIsThereInOnePieceSaysSo() throws Exception {
    String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n";
    try (FakeUpstream server = answering(chunked);
        Rig rig = Rig.to(server)) {
      Rig.Heard heard = rig.get();
      assertThat(heard.text()).isEqualTo("ok");
      assertThat(heard.pieces).isEqualTo(1);
    }
  }

  @Test
  void interimAnswersAreToldAndTheFinalOneAwaited() throws Exception {
    try (FakeUpstream server =
            answering("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 100 Go\r\n\r\n" + OK);
        Rig rig = Rig.to(server)) {
      Rig.Heard heard = rig.get();
      assertThat(heard.text()).isEqualTo("ok");
      assertThat(heard.interims()).isEqualTo("103 100 ");
    }
  }

  @Test
  void interimAnswersWithoutEndAreAFailure() throws Exception {
    String interim = "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n";
    try (FakeUpstream server = answering(interim.repeat(CallListener.MOST_INTERIMS + 1) + OK);
        Rig rig = Rig.to(server)) {
      Rig.Heard heard = rig.get();
      assertThat(heard.end()).isInstanceOf(ProtocolException.class);
      assertThat(heard.interims()).isEqualTo("103 ".repeat(CallListener.MOST_INTERIMS));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n0\r\n\r\n"
      })
  void aConnectionThatIsNotCleanServesNoOtherRequest(String answer) throws Exception {
    try (FakeUpstream server = answering(answer);
        Rig rig = Rig.to(server)) {
      for (int i = 1; i <= 5; i++) {
        Rig.Heard heard = rig.get();
        assertThat(heard.text()).isEqualTo("ok");
        assertThat(heard.end()).isNull();
        assertThat(server.accepted()).isEqualTo(i);
      }
      Eventually.becomes("no connection is open", () -> server.open() == 0);
    }
  }

  @Test
  void anUpstreamThatSpeaksUnaskedIsNotListenedTo() throws Exception {
    CountDownLatch speak = new CountDownLatch(1);
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              talk.write(OK);
              if (number == 1) {
                speak.await();
                talk.write("HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n");
                talk.awaitEnd();
              }
            });
        Rig rig = Rig.to(server)) {
      assertThat(rig.get().text()).isEqualTo("ok");
      speak.countDown();
      Eventually.becomes("no connection is open", () -> server.open() == 0);
      assertThat(rig.get().text()).isEqualTo("ok");
      assertThat(server.accepted()).isEqualTo(2);
    }
  }

  @Test
  void aKeptConnectionThatEndsUnderARequestIsCalledStale() throws Exception {
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              talk.write(OK);
              talk.head();
            });
        Rig rig = Rig.to(server)) {
      assertThat(rig.get().text()).isEqualTo("ok");
      assertThat(rig.get().end()).isInstanceOf(StaleConnectionException.class);
    }
  }

  @Test
  void aNewConnectionThatEndsUnderARequestIsNotStale() throws Exception {
    try (FakeUpstream server = new FakeUpstream((talk, number) -> talk.head());
        Rig rig = Rig.to(server)) {
      assertThat(rig.get().end())
          .isInstanceOf(EOFException.class)
          .isNotInstanceOf(StaleConnectionException.class);
    }
  }

  @Test
  void contentGoesUpUnderItsLengthOrInChunksOctetForOctet() throws Exception {
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              while (true) {
                boolean chunked = talk.head().contains("chunked");
                String content = chunked ? talk.read(21) : talk.read(6);
                String shown = content.replace("\r\n", "~");
                talk.write("HTTP/1.1 200 OK\r\nContent-Length: " + shown.length() + "\r\n\r\n");
                talk.write(shown);
              }
            });
        Rig rig = Rig.to(server)) {
      assertThat(rig.send("POST", LENGTH_6, content("abc", "def")).text()).isEqualTo("abcdef");
      assertThat(rig.send("POST", CHUNKED, content("abc", "def")).text())
          .isEqualTo("3~abc~3~def~0~~");
      assertThat(server.accepted()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"abc", "abcdefg"})
  void contentOfAnotherLengthThanAnnouncedEndsTheConnection(String text) throws Exception {
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              talk.awaitEnd();
            });
        Rig rig = Rig.to(server)) {
      assertThat(rig.send("POST", LENGTH_6, content(text)).end()).isInstanceOf(IOException.class);
      Eventually.becomes("no connection is open", () -> server.open() == 0);
    }
  }

  @Test
  void contentThatFailsEndsTheConnection() throws Exception {
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              talk.awaitEnd();
            });
        Rig rig = Rig.to(server);
        AsyncContent content = new AsyncContent()) {
      Rig.Heard heard = rig.send("POST", CHUNKED, content);
      content.write(false, ByteBuffer.wrap("abc".getBytes(ISO_8859_1)), Callback.NOOP);
      Eventually.becomes("there is a connection", () -> server.accepted() == 1);
      IOException cause = new IOException("the client went away");
      content.fail(cause);
      assertThat(heard.end()).isSameAs(cause);
      Eventually.becomes("no connection is open", () -> server.open() == 0);
    }
  }

  @Test
  void anEarlyAnswerIsDeliveredAndEndsTheConnection() throws Exception {
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              talk.write("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
              talk.awaitEnd();
            });
        Rig rig = Rig.to(server);
        AsyncContent content = new AsyncContent()) {
      Rig.Heard heard = rig.send("POST", CHUNKED, content);
      assertThat(heard.text()).isEqualTo("big");
      assertThat(heard.status).isEqualTo(413);
      assertThat(heard.end()).isNull();
      Eventually.becomes("no connection is open", () -> server.open() == 0);
    }
  }

  @Test
  void anEarlyAnswerReachesASenderWhoseConnectionNoLongerTakesContent() throws Exception {
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              talk.write("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig");
              talk.socket().shutdownOutput();
              talk.awaitEnd();
            });
        Rig rig = Rig.to(server)) {
      for (int i = 0; i < 20; i++) {
        Rig.Heard heard = rig.send("POST", CHUNKED, endless());
        assertThat(heard.text()).isEqualTo("big");
        assertThat(heard.end()).isNull();
      }
      Eventually.becomes("no connection is open", () -> server.open() == 0);
    }
  }

  @Test
  void whatIsNotHttpFailsTheCall() throws Exception {
    try (FakeUpstream server = answering("SSH-2.0-OpenSSH_9.0\r\n\r\n");
        Rig rig = Rig.to(server)) {
      assertThat(rig.get().end()).isInstanceOf(ProtocolException.class);
      Eventually.becomes("no connection is open", () -> server.open() == 0);
    }
  }

  @Test
  void anAnswerBrokenWithinItsContentFailsItsReader() throws Exception {
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              talk.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
            });
        Rig rig = Rig.to(server)) {
      Rig.Heard heard = rig.get();
      assertThat(heard.end()).isInstanceOf(EOFException.class);
      assertThat(heard.source().read().getFailure()).isInstanceOf(EOFException.class);
    }
  }

  @Test
  void anUpstreamIsReadNoFasterThanItsReaderReads() throws Exception {
    AtomicLong sent = new AtomicLong();
    int megabytes = 100;
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              talk.write("HTTP/1.1 200 OK\r\nContent-Length: " + megabytes * MEGABYTE + "\r\n\r\n");
              byte[] megabyte = new byte[MEGABYTE];
              for (int i = 0; i < megabytes; i++) {
                talk.socket().getOutputStream().write(megabyte);
                sent.addAndGet(MEGABYTE);
              }
            });
        Rig rig = Rig.to(server)) {
      Rig.Heard heard = rig.prepare("GET", HttpFields.EMPTY, null, false).send();
      Content.Source source = heard.source();
      Eventually.becomes("the upstream sends no more", new Still(sent)::stands);
      assertThat(sent.get()).isLessThan(megabytes * MEGABYTE / 4);
      assertThat(
              Content.Source.asInputStream(source)
                  .transferTo(java.io.OutputStream.nullOutputStream()))
          .isEqualTo((long) megabytes * MEGABYTE);
      assertThat(heard.end()).isNull();
    }
  }

  @Test
  void anUpstreamThatTakesNothingHoldsTheContentBack() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    AtomicLong read = new AtomicLong();
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              go.await();
              talk.write(OK);
              talk.awaitEnd();
            });
        Rig rig = Rig.to(server)) {
      Rig.Heard heard = rig.send("POST", CHUNKED, endless(read));
      Eventually.becomes("no more is read", new Still(read)::stands);
      assertThat(read.get()).isBetween(1L, 100L * MEGABYTE);
      go.countDown();
      assertThat(heard.text()).isEqualTo("ok");
      assertThat(heard.end()).isNull();
      Eventually.becomes("no connection is open", () -> server.open() == 0);
    }
  }

  /** Tells when a number has stopped changing: when it has not for 200 ms. */
  private static final class Still {

    private final AtomicLong number;
    private long last;
    private long since = System.nanoTime();

    Still(AtomicLong number) {
      this.number = number;
    }

    boolean stands() {
      long now = number.get();
      if (now != last || now == 0) {
        last = now;
        since = System.nanoTime();
      }
      return System.nanoTime() - since > 200_000_000L;
    }
  }

  private static FakeUpstream answering(String answer) throws IOException {
    return new FakeUpstream((talk, number) -> {
      while (!talk.head().isEmpty()) {
        talk.write(answer);
      }
    });
  }

  private static Content.Source content(String... parts) {
    ByteBuffer[] buffers = new ByteBuffer[parts.length];
    for (int i = 0; i < parts.length; i++) {
      buffers[i] = ByteBuffer.wrap(parts[i].getBytes(ISO_8859_1));
    }
    return Content.Source.from(buffers);
  }

  private static Content.Source endless() {
    return endless(new AtomicLong());
  }

  private static Content.Source endless(AtomicLong read) {
    return new Content.Source() {
      @Override
      public Content.Chunk read() {
        read.addAndGet(MEGABYTE);
        return Content.Chunk.from(ByteBuffer.allocate(MEGABYTE), false);
      }

      @Override
      public void demand(Runnable callback) {
        callback.run();
      }

      @Override
      public void fail(Throwable failure) {}
    };
  }
}
