package io.sluice.upstream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteArrayEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A kept connection that is dead before the request can be written, over a socket of memory. */
@Timeout(60)
class UnsentTest {

  private final QueuedThreadPool threads = new QueuedThreadPool(8, 2);
  private final ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler();
  private final UpstreamSettings settings = Rig.settings(1, Rig.LONG, Rig.LONG, 10, 10);
  private final MemorySockets sockets = new MemorySockets();
  private final Upstream upstream =
      new Http1Upstream(settings, sockets, threads, scheduler, new ArrayByteBufferPool());

  @BeforeEach
  void start() throws Exception {
    threads.start();
    scheduler.start();
    upstream.start();
    Rig.Heard first = send("GET", HttpFields.EMPTY, null);
    Eventually.becomes(
        "the request is written",
        () -> sockets.last != null && sockets.last().taken.startsWith("GET / "));
    sockets.last().addInputAndExecute("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assertThat(first.text()).isEqualTo("ok");
    assertThat(first.end()).isNull();
    sockets.last().taken = "";
  }

  @AfterEach
  void stop() throws Exception {
    upstream.stop();
    scheduler.stop();
    threads.stop();
  }

  @Test
  void aRequestThatCannotBeWrittenAtAllIsKnownToBeUnsent() throws Exception {
    sockets.last().dead = true;
    Rig.Heard second = send("POST", HttpFields.EMPTY, null);
    sockets.last().end();
    assertThat(second.end())
        .isInstanceOfSatisfying(
            StaleConnectionException.class, stale -> assertThat(stale.isUnsent()).isTrue());
  }

  @Test
  void aRequestThatWasWrittenMayHaveArrived() throws Exception {
    Rig.Heard second = send("POST", HttpFields.EMPTY, null);
    assertThat(sockets.last().taken).startsWith("POST / ");
    sockets.last().end();
    assertThat(second.end())
        .isInstanceOfSatisfying(
            StaleConnectionException.class, stale -> assertThat(stale.isUnsent()).isFalse());
  }

  @Test
  void contentThatHasBeenTakenCannotBeSentAgain() throws Exception {
    sockets.last().dead = true;
    Rig.Heard second =
        send(
            "POST",
            HttpFields.build().add("Content-Length", "3"),
            Content.Source.from(ByteBuffer.wrap("abc".getBytes(US_ASCII))));
    sockets.last().end();
    assertThat(second.end())
        .isInstanceOfSatisfying(
            StaleConnectionException.class, stale -> assertThat(stale.isUnsent()).isFalse());
  }

  private Rig.Heard send(String method, HttpFields fields, Content.@Nullable Source content) {
    RequestHead head = new RequestHead(method, "/", fields);
    return new Rig.Heard(upstream, settings.limits(), head, content, true).send();
  }

  /** Connects to memory instead. */
  private final class MemorySockets implements Sockets {

    private volatile @Nullable Dying last;

    Dying last() {
      return Objects.requireNonNull(last);
    }

    @Override
    public void connect(SocketChannel channel, InetSocketAddress address, Opening opening)
        throws IOException {
      channel.close();
      Dying endPoint = new Dying(scheduler);
      last = endPoint;
      Connection connection = opening.opened(endPoint);
      endPoint.setConnection(connection);
      endPoint.onOpen();
      connection.onOpen();
    }
  }

  /** Takes octets until it is dead. */
  private static final class Dying extends ByteArrayEndPoint {

    private volatile boolean dead;
    private volatile String taken = "";

    Dying(ScheduledExecutorScheduler scheduler) {
      super(scheduler, 0);
    }

    void end() {
      addInputAndExecute((ByteBuffer) null);
    }

    @Override
    public boolean flush(ByteBuffer... buffers) throws IOException {
      if (dead) {
        throw new EofException("connection reset");
      }
      for (ByteBuffer buffer : buffers) {
        taken += US_ASCII.decode(buffer);
      }
      return true;
    }
  }
}
