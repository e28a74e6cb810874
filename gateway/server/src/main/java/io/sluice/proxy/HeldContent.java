package io.sluice.proxy;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * The content of a request whose client waits to be asked for it (RFC 9110, section 10.1.1). It is
 * asked for when the upstream does, or when the upstream says nothing for a second, for it may not
 * know how to; never once the upstream has refused the request. Thread-safe.
 */
final class HeldContent implements Content.Source {

  /** What clients, too, wait before they send unasked. */
  static final long PATIENCE_MILLIS = 1_000;

  private enum State {
    HELD,
    WANTED,
    UNWANTED
  }

  private final RequestBody body;
  private final Interims interims;
  private final AtomicReference<State> state = new AtomicReference<>(State.HELD);
  private final AtomicReference<@Nullable Runnable> waiting = new AtomicReference<>();
  private final Scheduler.Task timer;

  HeldContent(RequestBody body, Interims interims, Scheduler scheduler) {
    this.body = body;
    this.interims = interims;
    this.timer = scheduler.schedule(this::want, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** The upstream wants the content, or can be expected to. */
  void want() {
    if (leave(State.WANTED)) {
      interims.askForContent();
      demandIfWaiting();
    }
  }

  /** The upstream has answered: with success it may still read, otherwise it never will. */
  void answered(int status) {
    leave(HttpStatus.isSuccess(status) ? State.WANTED : State.UNWANTED);
    demandIfWaiting();
  }

  @Override
  public long getLength() {
    return body.getLength();
  }

  @Override
  public Content.@Nullable Chunk read() {
    return state.get() == State.WANTED ? body.read() : null;
  }

  @Override
  public void demand(Runnable demandCallback) {
    waiting.set(demandCallback);
    demandIfWaiting();
  }

  @Override
  public void fail(Throwable reason) {
    leave(State.UNWANTED);
    body.fail(reason);
  }

  private boolean leave(State next) {
    boolean left = state.compareAndSet(State.HELD, next);
    if (left) {
      timer.cancel();
    }
    return left;
  }

  private void demandIfWaiting() {
    if (state.get() == State.WANTED) {
      Runnable callback = waiting.getAndSet(null);
      if (callback != null) {
        interims.after(() -> body.demand(callback));
      }
    }
  }
}
