package io.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests that ask the upstream for another protocol. */
@Timeout(30)
class SwitchTest {

  private static final String SWITCH =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final QueuedThreadPool threads = new QueuedThreadPool(20, 4);
  private final ScheduledExecutorScheduler scheduler = new ScheduledExecutorScheduler();
  private final ArrayByteBufferPool.Tracking buffers = new ArrayByteBufferPool.Tracking();
  private final OwnSelectors selectors = new OwnSelectors(threads, scheduler, 1);

  @BeforeEach
  void start() throws Exception {
    threads.start();
    scheduler.start();
    selectors.start();
  }

  @AfterEach
  void stop() throws Exception {
    Eventually.becomes("all buffers are given back", () -> buffers.getLeaks().isEmpty());
    selectors.stop();
    scheduler.stop();
    threads.stop();
  }

  private Http1Upstream to(FakeUpstream server) {
    Http1Upstream made =
        new Http1Upstream(
            Rig.settings(server.port(), Rig.LONG, Rig.LONG, 1, 10),
            selectors,
            threads,
            scheduler,
            buffers);
    made.start();
    return made;
  }

  private Asking ask(Http1Upstream upstream, boolean switching, boolean refusing) {
    HttpFields fields =
        HttpFields.build().add("Host", "a").add("Upgrade", "x").add("Connection", "Upgrade");
    Asking asking = new Asking(switching, refusing);
    Call call =
        upstream.call(
            new RequestHead("GET", "/", fields),
            null,
            new TimeLimits(Rig.LONG, Rig.LONG, Rig.LONG, null),
            asking);
    asking.call = call;
    call.send();
    return asking;
  }

  @Test
  void theConnectionIsHandedOverWithWhatCameBehind() throws Exception {
    try (FakeUpstream server =
        new FakeUpstream((talk, number) -> {
          talk.head();
          if (number == 1) {
            talk.write("HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + SWITCH + "behind");
            talk.write("echo " + talk.read(3));
            talk.awaitEnd();
          } else {
            talk.write(OK);
            talk.awaitEnd();
          }
        })) {
      Http1Upstream upstream = to(server);
      Asking asking = ask(upstream, true, false);
      assertThat(asking.next()).isEqualTo("103");
      assertThat(asking.next()).isEqualTo("switched x");
      assertThat(asking.next()).isEqualTo("over null");
      // There may be one pooled connection only; this one must not be it any more.
      Next next = new Next(asking.connection(), threads);
      asking.connection().upgrade(next);
      assertThat(next.early).isEqualTo("behind");
      Asking other = ask(upstream, false, false);
      assertThat(other.next()).isEqualTo("answered 200");
      next.getEndPoint().flush(ByteBuffer.wrap("abc".getBytes(StandardCharsets.US_ASCII)));
      assertThat(next.text()).isEqualTo("echo abc");
      upstream.stop();
      assertThat(next.getEndPoint().isOpen()).as("not the upstream's any more").isTrue();
      next.close();
      Eventually.becomes("no connection is open", () -> server.open() == 0);
    }
  }

  @Test
  void anUnwantedSwitchClosesTheConnection() throws Exception {
    try (FakeUpstream server =
        new FakeUpstream((talk, number) -> {
          talk.head();
          talk.write(SWITCH + "behind");
          talk.awaitEnd();
        })) {
      Http1Upstream upstream = to(server);
      Asking asking = ask(upstream, true, true);
      assertThat(asking.next()).isEqualTo("switched x");
      assertThat(asking.next()).isEqualTo("over java.io.IOException: not wanted");
      Eventually.becomes("no connection is open", () -> server.open() == 0);
      upstream.stop();
    }
  }

  @Test
  void aSwitchNobodyAskedForIsMalformed() throws Exception {
    try (FakeUpstream server =
        new FakeUpstream((talk, number) -> {
          talk.head();
          talk.write(SWITCH);
          talk.awaitEnd();
        })) {
      Http1Upstream upstream = to(server);
      Asking asking = ask(upstream, false, false);
      assertThat(asking.next()).startsWith("over " + ProtocolException.class.getName());
      Eventually.becomes("no connection is open", () -> server.open() == 0);
      upstream.stop();
    }
  }

  @Test
  void anAnswerInsteadOfASwitchLeavesTheConnectionInThePool() throws Exception {
    try (FakeUpstream server =
        new FakeUpstream((talk, number) -> {
          while (!talk.head().isEmpty()) {
            talk.write(OK);
          }
        })) {
      Http1Upstream upstream = to(server);
      for (int i = 0; i < 3; i++) {
        Asking asking = ask(upstream, true, false);
        assertThat(asking.next()).isEqualTo("answered 200");
        assertThat(asking.next()).isEqualTo("over null");
      }
      assertThat(server.accepted()).isOne();
      upstream.stop();
    }
  }

  /** Notes what it hears and reads answers to their end. */
  private static final class Asking implements CallListener {

    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final boolean switching;
    private final boolean refusing;
    private volatile @Nullable Call call;
    private volatile @Nullable EndPoint connection;

    Asking(boolean switching, boolean refusing) {
      this.switching = switching;
      this.refusing = refusing;
    }

    String next() throws InterruptedException {
      return String.valueOf(events.poll(10, TimeUnit.SECONDS));
    }

    EndPoint connection() {
      return java.util.Objects.requireNonNull(connection);
    }

    @Override
    public boolean asksToSwitch() {
      return switching;
    }

    @Override
    public void interim(int status, HttpFields fields) {
      events.add(Integer.toString(status));
    }

    @Override
    public void switched(HttpFields fields, EndPoint endPoint) {
      events.add("switched " + fields.get("Upgrade"));
      connection = endPoint;
      if (refusing) {
        java.util.Objects.requireNonNull(call).abort(new java.io.IOException("not wanted"));
      }
    }

    @Override
    public void answered(int status, HttpFields fields, Content.Source content) {
      events.add("answered " + status);
      Content.Source.consumeAll(content, org.eclipse.jetty.util.Callback.NOOP);
    }

    @Override
    public void over(@Nullable Throwable failure) {
      events.add("over " + failure);
    }
  }

  /** What the connection is upgraded to. */
  private static final class Next extends AbstractConnection implements Connection.UpgradeTo {

    private String early = "";
    private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();

    Next(EndPoint endPoint, QueuedThreadPool threads) {
      super(endPoint, threads);
    }

    @Override
    public void onUpgradeTo(ByteBuffer buffer) {
      early = StandardCharsets.US_ASCII.decode(buffer).toString();
    }

    @Override
    public void onOpen() {
      super.onOpen();
      fillInterested();
    }

    @Override
    public void onFillable() {
      try {
        ByteBuffer buffer = ByteBuffer.allocate(100).limit(0);
        if (getEndPoint().fill(buffer) > 0) {
          texts.add(StandardCharsets.US_ASCII.decode(buffer).toString());
          fillInterested();
        }
      } catch (java.io.IOException e) {
        texts.add(e.toString());
      }
    }

    String text() throws InterruptedException {
      return String.valueOf(texts.poll(10, TimeUnit.SECONDS));
    }
  }
}
