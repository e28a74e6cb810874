package io.sluice.balance;

import io.sluice.upstream.Call;
import io.sluice.upstream.CallListener;
import io.sluice.upstream.RequestHead;
import io.sluice.upstream.TimeLimits;
import io.sluice.upstream.Upstream;
import java.io.IOException;
import java.net.URI;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Asks one server again and again how it is, each time on a new connection of its own: a busy pool
 * does not make a server unhealthy, and one that takes no new connections is found out. Thread-safe
 * between start and stop; nothing blocks.
 */
final class HealthCheck {

  private final HealthSettings settings;
  private final Health health;
  private final Upstream asked;
  private final Scheduler scheduler;
  private final RequestHead question;
  private final TimeLimits limits;
  private volatile boolean running;
  private volatile Scheduler.@Nullable Task next;

  /**
   * Creates a check.
   *
   * @param asked the server, with connections for questions only
   */
  HealthCheck(
      HealthSettings settings, URI server, Upstream asked, Health health, Scheduler scheduler) {
    this.settings = settings;
    this.health = health;
    this.asked = asked;
    this.scheduler = scheduler;
    this.question =
        new RequestHead(
            "GET",
            Objects.requireNonNull(settings.path()),
            HttpFields.build()
                .add(HttpHeader.HOST, server.getRawAuthority())
                .add(HttpHeader.USER_AGENT, "sluice-health"));
    this.limits = new TimeLimits(settings.timeout(), settings.timeout(), settings.timeout(), null);
  }

  void start() {
    running = true;
    asked.start();
    ask();
  }

  void stop() {
    running = false;
    Scheduler.Task waiting = next;
    if (waiting != null) {
      waiting.cancel();
    }
    asked.stop();
  }

  /** Spread by a tenth, so that the gateways of a house do not ask all at once. */
  private void ask() {
    long interval = settings.interval().toMillis();
    long spread = ThreadLocalRandom.current().nextLong(interval / 10 + 1);
    new Question().ask();
    if (running) {
      next = scheduler.schedule(this::ask, interval - spread, TimeUnit.MILLISECONDS);
    }
  }

  /** One question, judged by whatever comes first: the answer, its end, or the end of the time. */
  private final class Question implements CallListener {

    private final AtomicBoolean judged = new AtomicBoolean();
    private final Call call = asked.call(question, null, limits, this);
    private volatile Scheduler.@Nullable Task deadline;

    void ask() {
      long millis = settings.timeout().toMillis();
      deadline = scheduler.schedule(this::late, millis, TimeUnit.MILLISECONDS);
      call.send();
    }

    private void late() {
      judge("no answer within " + settings.timeout().toMillis() + "ms");
    }

    @Override
    public void answered(int status, HttpFields fields, Content.Source content) {
      judge(settings.isGood(status) ? null : "answered " + status);
    }

    @Override
    public void over(@Nullable Throwable failure) {
      judge(failure == null ? "no answer" : failure.toString());
    }

    private void judge(@Nullable String complaint) {
      if (!judged.compareAndSet(false, true)) {
        return;
      }
      Scheduler.Task waiting = deadline;
      if (waiting != null) {
        waiting.cancel();
      }
      if (running && complaint == null) {
        health.passed();
      } else if (running) {
        health.failed(settings.path() + ": " + complaint);
      }
      // Nobody wants the content.
      call.abort(new IOException("the question is answered"));
    }
  }
}
