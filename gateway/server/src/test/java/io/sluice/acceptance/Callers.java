package io.sluice.acceptance;

import io.sluice.app.Gateway;
import io.sluice.fixtures.Eventually;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Requests one after the other, each of another user. */
final class Callers {

  private final AtomicInteger answered = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile boolean over;

  Callers(House house, Gateway gateway) {
    thread =
        new Thread(() -> {
          while (!over) {
            int status = house.chat(gateway, "user-" + answered.get()).statusCode();
            if (status != 201) {
              failures.add("status " + status);
            }
            answered.incrementAndGet();
          }
        });
    thread.start();
  }

  void goOn() {
    int enough = answered.get() + 100;
    Eventually.becomes("100 more are answered", () -> answered.get() >= enough);
  }

  ConcurrentLinkedQueue<String> end() throws InterruptedException {
    over = true;
    thread.join();
    return failures;
  }
}
