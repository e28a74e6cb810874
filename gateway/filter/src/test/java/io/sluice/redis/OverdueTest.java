package io.sluice.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.protocol.CommandType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OverdueTest {

  private static final Duration PATIENCE = Duration.ofNanos(100);

  private final AtomicLong now = new AtomicLong(-50);
  private final Later later = new Later();
  private final Overdue overdue = new Overdue(later, PATIENCE, now::get);
  private final List<String> ended = new ArrayList<>();

  @AfterEach
  void close() {
    later.shutdownNow();
  }

  @Test
  void givesUpWhatWaitsTooLongAndNothingElse() {
    add("first");
    now.addAndGet(60);
    Call second = add("second");
    later.runAt(50);
    assertThat(ended).containsExactly("first RedisCommandTimeoutException");
    later.runAt(110);
    assertThat(ended).hasSize(2);
    assertThat(second.isDone()).isTrue();
    assertThat(later.due).isEmpty();
  }

  @Test
  void looksOnceInTheTimeThatACallMayTake() {
    for (int i = 0; i < 1_000; i++) {
      add("call").completeExceptionally(new IllegalStateException());
    }
    later.runAt(50);
    assertThat(later.due).isEmpty();
    add("after a pause");
    assertThat(later.due).containsExactly(150L);
  }

  @Test
  void whatIsGivenUpIgnoresItsAnswer() {
    Call call = add("call");
    later.runAt(50);
    assertThat(call.completeExceptionally(new IllegalStateException())).isFalse();
    call.getOutput().set(7);
    call.complete();
    assertThat(ended).containsExactly("call RedisCommandTimeoutException");
    assertThat(call.getError()).isNull();
  }

  @Test
  void aCallEndsWithItsReplyOrItsError() {
    Call answered = add("answered");
    answered.getOutput().set(7);
    answered.complete();
    Call refused = add("refused");
    refused.getOutput().setError("NOSCRIPT No matching script");
    refused.complete();
    add("cancelled").cancel();
    assertThat(ended)
        .containsExactly(
            "answered 7", "refused RedisNoScriptException", "cancelled CancellationException");
  }

  @Test
  void aCallThatIsAddedWhenNobodyLooksAnyMoreIsIgnored() {
    later.shutdownNow();
    add("too late");
    assertThat(ended).isEmpty();
  }

  private Call add(String name) {
    Call call =
        new Call(
            CommandType.TIME,
            Words.of(new byte[0]),
            now::get,
            (reply, failure, written) ->
                ended.add(
                    name + " " + (failure == null ? reply : failure.getClass().getSimpleName())));
    overdue.add(call);
    return call;
  }

  /** Keeps what is scheduled until the test's time has come. */
  private final class Later extends ScheduledThreadPoolExecutor {
    private final List<Long> due = new ArrayList<>();
    private final List<Runnable> tasks = new ArrayList<>();

    private Later() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      if (isShutdown()) {
        return super.schedule(task, delay, unit);
      }
      due.add(now.get() + unit.toNanos(delay));
      tasks.add(task);
      return super.schedule(() -> {}, 0, unit);
    }

    private void runAt(long time) {
      assertThat(due).containsExactly(time);
      now.set(time);
      due.clear();
      tasks.remove(0).run();
    }
  }
}
