package io.sluice.acceptance;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Callers that never stop, each many users, none of whom comes near a limit. */
final class Load implements AutoCloseable {

  private static final int CALLERS = 8;

  private final List<Thread> threads = new ArrayList<>();
  private final ConcurrentMap<String, AtomicInteger> outcomes = new ConcurrentHashMap<>();
  private final AtomicLong answered = new AtomicLong();
  private volatile boolean over;

  private Load() {}

  static Load start(House house, Gateway gateway) {
    Load load = new Load();
    for (int caller = 0; caller < CALLERS; caller++) {
      int number = caller;
      Thread thread = new Thread(() -> load.call(house, gateway, number), "caller-" + caller);
      load.threads.add(thread);
      thread.start();
    }
    return load;
  }

  private void call(House house, Gateway gateway, int number) {
    for (int i = 0; !over; i++) {
      String outcome;
      try {
        String user = "user-" + number + "-" + i % 500;
        outcome =
            Integer.toString(house.get(gateway, "/api/users/1", "X-User-Id", user).statusCode());
      } catch (RuntimeException e) {
        outcome = e.toString();
      }
      outcomes.computeIfAbsent(outcome, o -> new AtomicInteger()).incrementAndGet();
      answered.incrementAndGet();
    }
  }

  /** Returns how often each outcome was had: a status, or what went wrong. */
  Map<String, Integer> outcomes() {
    return outcomes.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, each -> each.getValue().get()));
  }

  long answered() {
    return answered.get();
  }

  /** Waits for so many further answers. */
  void goOn(int answers) {
    long enough = answered.get() + answers;
    Eventually.becomes(answers + " more are answered", () -> answered.get() >= enough);
  }

  /** Waits for answers of so long. */
  void goOn(Duration during) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(during.toNanos());
  }

  @Override
  public void close() {
    over = true;
    for (Thread thread : threads) {
      Eventually.becomes(thread.getName() + " has ended", () -> !thread.isAlive());
    }
  }
}
