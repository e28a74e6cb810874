package io.sluice.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.fixtures.Eventually;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Names that change, names that cannot be looked up, and the age of connections. */
@Timeout(60)
class AgeTest {

  private static final Duration SHORT = Duration.ofMillis(200);

  private volatile String address = "127.0.0.1";
  private final AtomicInteger lookups = new AtomicInteger();

  @Test
  void aChangedNameTakesEffectOnceConnectionsHaveReachedTheirAge() throws Exception {
    try (FakeUpstream one = answering("127.0.0.1", 0, "one");
        FakeUpstream two = answering("127.0.0.2", one.port(), "two");
        Rig rig = rig(one.port(), SHORT)) {
      assertAnswered(rig, "one");
      address = "127.0.0.2";
      Eventually.becomes("the connection to the old address is closed", () -> one.open() == 0);
      assertAnswered(rig, "two");
      assertThat(two.accepted()).isPositive();
    }
  }

  @Test
  void aCallUnderWayOutlivesItsConnectionsAge() throws Exception {
    CountDownLatch end = new CountDownLatch(1);
    try (FakeUpstream server =
            new FakeUpstream((talk, number) -> {
              talk.head();
              talk.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst");
              end.await();
              talk.write("after");
              talk.awaitEnd();
            });
        Rig rig = rig(server.port(), SHORT)) {
      Rig.Heard heard = rig.get();
      Eventually.becomes("the name is looked up again", () -> lookups.get() > 1);
      end.countDown();
      assertThat(heard.text()).isEqualTo("firstafter");
      Eventually.becomes("no connection is open", () -> server.open() == 0);
    }
  }

  @Test
  void whileTheNameCannotBeLookedUpConnectionsAreKept() throws Exception {
    try (FakeUpstream server = answering("127.0.0.1", 0, "one");
        Rig rig = rig(server.port(), SHORT)) {
      assertAnswered(rig, "one");
      address = "";
      Eventually.becomes("the name is looked up again", () -> lookups.get() > 1);
      assertAnswered(rig, "one");
      assertThat(server.accepted()).isOne();
      assertThat(rig.status().open()).isOne();
    }
  }

  @Test
  void youngConnectionsAreKept() throws Exception {
    try (FakeUpstream server = answering("127.0.0.1", 0, "one");
        Rig rig = rig(server.port(), Rig.LONG)) {
      for (int i = 0; i < 100; i++) {
        assertAnswered(rig, "one");
      }
      assertThat(server.accepted()).isOne();
    }
  }

  @Test
  void callsThatOpenConnectionsAtOnceShareOneLookup() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    try (FakeUpstream server = answering("127.0.0.1", 0, "one");
        Rig rig =
            new Rig(
                settings(server.port(), Rig.LONG),
                host -> {
                  lookups.incrementAndGet();
                  await(go);
                  return List.of(InetAddress.getByName(address));
                })) {
      List<Rig.Heard> calls = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        calls.add(rig.get());
      }
      go.countDown();
      for (Rig.Heard call : calls) {
        assertThat(call.text()).isEqualTo("one");
      }
      assertThat(lookups.get()).isLessThan(3);
    }
  }

  @Test
  void aRetiredUpstreamKeepsNoConnectionAndServesEveryCall() throws Exception {
    try (FakeUpstream server = answering("127.0.0.1", 0, "one");
        Rig rig = rig(server.port(), Rig.LONG)) {
      assertAnswered(rig, "one");
      assertThat(rig.status().open()).isOne();
      rig.retire();
      Eventually.becomes("the upstream is unused", () -> rig.status().isUnused());
      assertAnswered(rig, "one");
      assertThat(server.accepted()).isEqualTo(2);
      Eventually.becomes("the upstream is unused", () -> rig.status().isUnused());
    }
  }

  @Test
  void whyNoConnectionOpenedIsRemembered() throws Exception {
    address = "";
    try (Rig rig = rig(1, Rig.LONG)) {
      assertThat(rig.get().end()).isInstanceOf(UnknownHostException.class);
      assertThat(rig.status().failure()).contains("UnknownHostException");
      assertThat(rig.status().failedAgo()).isLessThan(Rig.LONG);
    }
  }

  /** The connection is back in the pool, or closed, when the call is over. */
  private static void assertAnswered(Rig rig, String text) throws Exception {
    Rig.Heard heard = rig.get();
    assertThat(heard.text()).isEqualTo(text);
    assertThat(heard.end()).isNull();
  }

  private Rig rig(int port, Duration age) throws Exception {
    return new Rig(settings(port, age), this::resolve);
  }

  private static UpstreamSettings settings(int port, Duration age) {
    return new UpstreamSettings(
        URI.create("http://api.test:" + port),
        Rig.LONG,
        Rig.LONG,
        Rig.LONG,
        10,
        10,
        age,
        Protocol.HTTP1);
  }

  private List<InetAddress> resolve(String host) throws UnknownHostException {
    lookups.incrementAndGet();
    if (address.isEmpty()) {
      throw new UnknownHostException(host);
    }
    return List.of(InetAddress.getByName(address));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static FakeUpstream answering(String address, int port, String text) throws IOException {
    return new FakeUpstream(
        InetAddress.getByName(address),
        port,
        (talk, number) -> {
          while (!talk.head().isEmpty()) {
            talk.write("HTTP/1.1 200 OK\r\nContent-Length: " + text.length() + "\r\n\r\n" + text);
          }
        });
  }
}
