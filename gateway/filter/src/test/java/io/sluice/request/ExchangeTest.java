package io.sluice.request;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.sluice.request.Exchange.End;
import io.sluice.request.Exchange.Listener;
import io.sluice.request.Exchange.Outcome;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ExchangeTest {

  private static final class Recorder implements Listener {
    private final List<String> heard = new ArrayList<>();

    @Override
    public void onResponse(int status, List<Map.Entry<String, String>> fields) {
      heard.add(status + " " + fields);
    }

    @Override
    public void onContent(ByteBuffer chunk) {
      heard.add(UTF_8.decode(chunk).toString());
    }

    @Override
    public void onEnd(Outcome outcome) {
      heard.add(outcome.toString());
    }
  }

  private static final Exception GONE = new Exception("gone");

  private final List<String> carried = new ArrayList<>();
  private final Exchange exchange = new Exchange("01J", 1_000);
  private final Recorder recorder = new Recorder();

  @Test
  void listenerHearsTheAnswerInOrder() {
    exchange.listen(recorder);
    exchange.responded(200, List.of(Map.entry("A", "1"), Map.entry("A", "2")));
    exchange.wrote(UTF_8.encode("hello "));
    exchange.wrote(UTF_8.encode("world"));
    exchange.ended(true, 3_500);
    assertThat(recorder.heard)
        .containsExactly(
            "200 [A=1, A=2]",
            "hello ",
            "world",
            new Outcome(End.COMPLETED, 200, 11, 2_500).toString());
  }

  @Test
  void listeningConsumesNoneOfTheChunk() {
    exchange.listen(recorder);
    ByteBuffer chunk = UTF_8.encode("hello");
    exchange.wrote(chunk);
    assertThat(chunk.remaining()).isEqualTo(5);
  }

  @Test
  void endIsToldOnceEvenWhenManyThreadsTell() throws InterruptedException {
    AtomicInteger ends = new AtomicInteger();
    exchange.listen(
        new Listener() {
          @Override
          public void onEnd(Outcome outcome) {
            ends.incrementAndGet();
          }
        });
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      boolean whole = i % 2 == 0;
      Thread thread = new Thread(() -> exchange.ended(whole, 2_000));
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(ends).hasValue(1);
  }

  @Test
  void brokenAnswerIsTheClientsUnlessSomebodySaidOtherwise() {
    exchange.listen(recorder);
    exchange.ended(false, 1_001);
    Exchange other = new Exchange("01K", 0);
    other.listen(recorder);
    other.breaking(End.UPSTREAM_BROKE);
    other.breaking(End.CLIENT_GONE);
    other.ended(false, 1);
    assertThat(recorder.heard)
        .containsExactly(
            new Outcome(End.CLIENT_GONE, 0, 0, 1).toString(),
            new Outcome(End.UPSTREAM_BROKE, 0, 0, 1).toString());
  }

  @Test
  void listenerThatThrowsIsDroppedAndTheOthersHearOn() {
    AtomicInteger calls = new AtomicInteger();
    exchange.listen(
        new Listener() {
          @Override
          public void onResponse(int status, List<Map.Entry<String, String>> fields) {
            calls.incrementAndGet();
            throw new IllegalStateException("thrown by the test");
          }

          @Override
          public void onEnd(Outcome outcome) {
            calls.incrementAndGet();
          }
        });
    exchange.listen(recorder);
    exchange.responded(204, List.of());
    exchange.ended(true, 1_000);
    assertThat(calls).hasValue(1);
    assertThat(recorder.heard).hasSize(2);
  }

  @Test
  void whoCarriesTheRequestHearsThatTheClientLeftAndThatTheExchangeEnded() {
    exchange.carriedBy(bearer());
    exchange.abandon(GONE);
    exchange.ended(false, 2_000);
    exchange.ended(false, 3_000);
    assertThat(carried).containsExactly("left: gone", "ended");
  }

  @Test
  void whoCarriesTheRequestTooLateHearsItAtOnce() {
    exchange.abandon(GONE);
    exchange.ended(false, 2_000);
    exchange.carriedBy(bearer());
    assertThat(carried).containsExactly("left: gone", "ended");
  }

  @Test
  void whoCarriesItNoMoreHearsNothing() {
    exchange.carriedBy(bearer());
    exchange.carriedBy(null);
    exchange.abandon(GONE);
    exchange.ended(true, 2_000);
    assertThat(carried).isEmpty();
  }

  private Exchange.Bearer bearer() {
    return new Exchange.Bearer() {
      @Override
      public void clientLeft(Throwable how) {
        carried.add("left: " + how.getMessage());
      }

      @Override
      public void exchangeEnded() {
        carried.add("ended");
      }
    };
  }
}
